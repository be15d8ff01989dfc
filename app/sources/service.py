"""Sources as the rest of the system wants them: opened with their secret, their cursor moved with the commit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.core import clock
from app.core.errors import LuukkuError
from app.core.secrets import fernet_key
from app.core.workers import is_gone, own_name
from app.sources.models import Source
from channels.contract import Cursor

HOLD = timedelta(minutes=2)
"""a turn that nobody goes on with ends after this"""
LOOKED_EVERY = timedelta(seconds=30)
"""a look that finds nothing is written down no more often: each is a durable commit"""


class TurnLostError(LuukkuError):
    """Another worker reads the source now: what was fetched here is its business."""


@dataclass(frozen=True)
class SourceFacts:
    """How to open a source and how far it has been read. `secret` is None when our key does not open it.

    `held_by` is the worker whose turn it is, None when it is nobody's.
    """

    id: int
    name: str
    channel: str
    kind: str
    settings: dict[str, str]
    secret: str | None
    cursor: Cursor
    held_by: str | None = None
    polled_at: datetime | None = None
    is_failing: bool = False


def enabled_ids(session: Session) -> list[int]:
    """The ids of the sources that are switched on."""
    return list(session.scalars(select(Source.id).where(Source.is_enabled).order_by(Source.id)))


def facts_of(session: Session, source_id: int, secret_key: str) -> SourceFacts:
    """One source as it stands now."""
    return _facts(session.get_one(Source, source_id), secret_key)


def add(session: Session, source: Source, *, password: str, secret_key: str) -> Source:
    """A new source, its password encrypted."""
    source.secret = encrypted(password, secret_key)
    session.add(source)
    session.flush()
    return source


def encrypted(password: str, secret_key: str) -> str:
    """A mailbox's password as it is kept; none is kept as none."""
    return Fernet(fernet_key(secret_key)).encrypt(password.encode()).decode() if password else ""


def advance(session: Session, facts: SourceFacts, cursor: Cursor, *, at: datetime, is_last: bool) -> None:
    """The source has been read from `facts.cursor` up to `cursor`; the turn is over with the last batch.

    One statement that only one worker can win: it asks that nobody else has the turn and that the cursor stands where
    the reading began. Raises TurnLostError when that is not so.
    """
    mine = or_(Source.held_by.is_(None), Source.held_by.in_([own_name(), *_gone(facts)]), Source.held_until < at)
    moved = (
        update(Source)
        .where(Source.id == facts.id, Source.validity == facts.cursor.validity)
        .where(Source.position == facts.cursor.position, mine)
        .values(validity=cursor.validity, position=cursor.position, polled_at=at, failed_at=None, failure="")
        .values(held_by=None if is_last else own_name(), held_until=None if is_last else at + HOLD)
        .returning(Source.id)
        .execution_options(synchronize_session=False)
    )
    if session.scalar(moved) is None:
        raise TurnLostError("Another worker reads this source now.")


def looked(session: Session, source_id: int, *, at: datetime) -> None:
    """The source answered, and there was nothing more in it."""
    row = session.get_one(Source, source_id)
    row.polled_at, row.failed_at, row.failure = at, None, ""
    _give_back(row)


def is_others_turn(facts: SourceFacts) -> bool:
    """Whether another living worker reads the source; that one looks once more after its turn, so nothing is missed."""
    return facts.held_by not in {None, own_name()} and not _gone(facts)


def fail(session: Session, source_id: int, *, at: datetime, reason: str) -> None:
    """The source could not be read; the desk shows why."""
    row = session.get_one(Source, source_id)
    row.failed_at, row.failure = at, reason[:400]


def _facts(row: Source, secret_key: str) -> SourceFacts:
    secret = _opened(row.secret, secret_key) if row.secret else ""
    settings = {str(key): str(value) for key, value in row.settings.items()}
    held_by = row.held_by if row.held_until and row.held_until > clock.now() else None
    cursor = Cursor(row.validity, row.position)
    return SourceFacts(
        id=row.id,
        name=row.name,
        channel=row.channel,
        kind=row.kind,
        settings=settings,
        secret=secret,
        cursor=cursor,
        held_by=held_by,
        polled_at=row.polled_at,
        is_failing=row.failed_at is not None,
    )


def _give_back(row: Source) -> None:
    if row.held_by == own_name():
        row.held_by, row.held_until = None, None


def _gone(facts: SourceFacts) -> list[str]:
    return [facts.held_by] if facts.held_by and is_gone(facts.held_by) else []


def _opened(secret: str, secret_key: str) -> str | None:
    try:
        return Fernet(fernet_key(secret_key)).decrypt(secret.encode()).decode()
    except InvalidToken:
        return None
