"""The composition root's result: what every flow needs, made once a process."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.core.config import Settings
from app.core.db import Database
from app.core.nudge import NoNudge, Nudge
from channels.reading import Reader, read


@dataclass(frozen=True)
class System:
    """Settings, database and the way to nudge workers. Passed to flows; never global."""

    settings: Settings
    db: Database
    nudge: Nudge = field(default_factory=NoNudge)
    read: Reader = read


def create_system(settings: Settings, nudge: Nudge | None = None, reader: Reader = read) -> System:
    """A system on the database of these settings."""
    return System(settings, Database(settings.database_url), nudge or NoNudge(), reader)
