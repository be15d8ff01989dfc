"""Sources as the rest of the system wants them: opened with their secret, their cursor moved with the commit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.secrets import fernet_key
from app.sources.models import Source
from channels.contract import Cursor


@dataclass(frozen=True)
class SourceFacts:
    """How to open a source and how far it has been read. `secret` is None when our key does not open it."""

    id: int
    name: str
    channel: str
    kind: str
    settings: dict[str, str]
    secret: str | None
    cursor: Cursor


def enabled(session: Session, secret_key: str) -> list[SourceFacts]:
    """All sources that are switched on."""
    rows = session.scalars(select(Source).where(Source.is_enabled).order_by(Source.id))
    return [_facts(row, secret_key) for row in rows]


def enabled_ids(session: Session) -> list[int]:
    """The ids of the sources that are switched on."""
    return list(session.scalars(select(Source.id).where(Source.is_enabled).order_by(Source.id)))


def facts_of(session: Session, source_id: int, secret_key: str) -> SourceFacts:
    """One source as it stands now."""
    return _facts(session.get_one(Source, source_id), secret_key)


def add(session: Session, source: Source, *, password: str, secret_key: str) -> Source:
    """A new source, its password encrypted."""
    source.secret = Fernet(fernet_key(secret_key)).encrypt(password.encode()).decode() if password else ""
    session.add(source)
    session.flush()
    return source


def advance(session: Session, source_id: int, cursor: Cursor, *, at: datetime) -> None:
    """The source has been read up to `cursor`."""
    row = session.get_one(Source, source_id)
    row.validity, row.position = cursor.validity, cursor.position
    row.polled_at, row.failed_at, row.failure = at, None, ""


def fail(session: Session, source_id: int, *, at: datetime, reason: str) -> None:
    """The source could not be read; the desk shows why."""
    row = session.get_one(Source, source_id)
    row.failed_at, row.failure = at, reason[:400]


def _facts(row: Source, secret_key: str) -> SourceFacts:
    secret = _opened(row.secret, secret_key) if row.secret else ""
    settings = {str(key): str(value) for key, value in row.settings.items()}
    return SourceFacts(row.id, row.name, row.channel, row.kind, settings, secret, Cursor(row.validity, row.position))


def _opened(secret: str, secret_key: str) -> str | None:
    try:
        return Fernet(fernet_key(secret_key)).decrypt(secret.encode()).decode()
    except InvalidToken:
        return None
