"""`luukku` with a failpoint: `python -m tests.storm.launcher POINT:N COMMAND …` kills itself at the n-th passing.

Points: before_commit, after_commit (of any writing transaction), before_acknowledge, after_acknowledge, before_send,
after_send (the mail server has said yes, we have not written it down), clock (its now is moved by the seconds that
stand in the file STORM_CLOCK). No failpoint stands in the product.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.core import clock
from channels.email.imap import ImapSource
from channels.email.smtp import SmtpSender


class Fuse:
    """Burns down once a passing and kills the process at the last."""

    def __init__(self, passings: int) -> None:
        self.left = passings

    def __call__(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str, fuse: Fuse) -> None:
    """Put the fuse where the point says."""
    when, _, what = point.partition("_")
    match what:
        case "commit":
            event.listen(Session, point, lambda session: fuse() if _writes(session) else None)
        case "acknowledge":
            _around(ImapSource, "acknowledge", when, fuse)
        case "send":
            _around(SmtpSender, "send", when, fuse)
        case _:
            raise ValueError(point)


def _writes(session: Session) -> bool:
    """Only transactions that change something count; signs of life come whenever they like."""
    bind = session.get_bind()
    writes = bool(bind.get_execution_options().get("luukku_writes"))
    return writes and not any(type(row).__name__ == "SignOfLife" for row in session.identity_map.values())


def _around(owner: type, name: str, when: str, fuse: Fuse) -> None:
    whole: Callable[..., Any] = getattr(owner, name)

    def method(self: object, *arguments: Any) -> Any:
        if when == "before":
            fuse()
        answer = whole(self, *arguments)
        if when == "after":
            fuse()
        return answer

    setattr(owner, name, method)


def move_clock(file: Path) -> None:
    """Let `now` be off by the seconds in a file, read each time."""
    real = clock.now
    clock.now = lambda: real() + timedelta(seconds=float(file.read_text() or 0))


def main() -> None:
    """Arm and run."""
    point, _, passings = sys.argv[1].partition(":")
    if point == "clock":
        move_clock(Path(os.environ["STORM_CLOCK"]))
    else:
        arm(point, Fuse(int(passings)))
    sys.argv = ["luukku", *sys.argv[2:]]
    from app.cli.main import main as luukku

    luukku()


if __name__ == "__main__":
    main()
