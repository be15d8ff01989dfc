"""Where the demo authority's mail and letters lie, and the password that everybody in it has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DEMO_PASSWORD = "luukku-demo-2026"  # noqa: S105 - printed at each start; only ever given to the invented demo staff


@dataclass(frozen=True)
class DemoPlaces:
    """The demo's doors below a data folder."""

    data_dir: Path

    @property
    def mail_in(self) -> Path:
        """The Maildir that citizens' mails are dropped into."""
        return self.data_dir / "demo" / "mail-in"

    @property
    def letters(self) -> Path:
        """The folder that scanned letters are dropped into."""
        return self.data_dir / "demo" / "letters"

    @property
    def sent(self) -> Path:
        """The Maildir in which the demo's mail server keeps what the authority sent."""
        return self.data_dir / "demo" / "sent"

    @property
    def notes(self) -> Path:
        """What the console remembers of the things it dropped, a line of JSON each."""
        return self.data_dir / "demo" / "console.jsonl"

    @property
    def loaded(self) -> Path:
        """Which state of the demo's files was loaded last."""
        return self.data_dir / "demo" / "loaded"

    @property
    def control(self) -> Path:
        """Where the supervisor of a demo listens, and its token; readable by its own user alone."""
        return self.data_dir / "demo" / "control.json"

    @property
    def linger(self) -> Path:
        """While this file is there, the mail server is to take its time over the next mail ..."""
        return self.data_dir / "demo" / "linger"

    @property
    def lingering(self) -> Path:
        """... and renames it to this when it has the mail and has not said so."""
        return self.data_dir / "demo" / "lingering"

    def make(self) -> None:
        """Make the folders that programs expect to find."""
        for name in ("tmp", "new", "cur"):
            (self.mail_in / name).mkdir(parents=True, exist_ok=True)
        self.letters.mkdir(parents=True, exist_ok=True)
