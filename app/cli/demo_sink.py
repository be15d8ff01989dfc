"""The demo's mail server: keeps what it gets in a Maildir, and once, when told, takes its time before it says yes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP, Envelope, Session

from app.core.demo import DemoPlaces

LINGER = 8.0
"""seconds between having a mail and saying so: long enough for a worker to be killed in between"""


class LingeringMailbox(Mailbox):
    """As aiosmtpd's own, below the data folder that it is started with."""

    def __init__(self, mail_dir: str) -> None:
        super().__init__(Path(mail_dir))
        self._places = DemoPlaces(Path(mail_dir).parent.parent)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer: Any = await super().handle_DATA(server, session, envelope)
        if self._places.linger.exists():
            self._places.linger.rename(self._places.lingering)
            await asyncio.sleep(LINGER)
        return str(answer)
