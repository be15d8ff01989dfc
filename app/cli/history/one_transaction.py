"""A database whose every transaction is part of one: thousands of steps of the past cost one durable commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy.orm import Session

from app.core.db import Database
from app.core.nudge import NoNudge
from app.core.system import System


class _Part(Database):
    """Hands out the one session; what a part changed is written at its end."""

    def __init__(self, whole: Database, session: Session) -> None:
        self.engine = whole.engine
        self._session = session

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A part of the one transaction."""
        yield self._session
        self._session.flush()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """The data as the one transaction sees it."""
        yield self._session

    def dispose(self) -> None:
        """Nothing: the whole database is somebody else's."""


@contextmanager
def one_transaction(system: System) -> Iterator[System]:
    """A system on which flows run as ever, all of them in one transaction, and nobody is nudged."""
    with system.db.begin() as session:
        yield replace(system, db=_Part(system.db, session), nudge=NoNudge())
