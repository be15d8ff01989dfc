"""Adds and opens mailboxes and folders, and says how they fare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice

from sqlalchemy import select

from app.accounts import audit
from app.core import clock
from app.core.errors import InvalidInputError, NotFoundError
from app.core.system import System
from app.sources import service as sources
from app.sources.models import Source
from app.sources.service import SourceFacts
from channels.contract import ChannelError, Cursor
from channels.contract import Source as Opened
from channels.registry import channel

MOST_COUNTED = 1000
NAMES_A_MAILBOX = ("user", "folder")
"""What is seen in a mailbox is known by its number there: under the numbers of another one mails would be lost."""


@dataclass(frozen=True)
class NewSource:
    """A source to add; its settings depend on the kind."""

    name: str
    channel: str
    kind: str
    settings: Mapping[str, str]


@dataclass(frozen=True)
class Tried:
    """What a look into a source found; `count` stops at `MOST_COUNTED`, and is None for a source that cannot tell."""

    count: int | None


def try_out(
    system: System, new: NewSource, *, password: str | None, name: str | None = None, patience: str = ""
) -> Tried:
    """Open the source as it is typed and look into it; nothing is kept or taken.

    For a source that is there (`name`), password None = the one that is kept. Raises InvalidInputError, NotFoundError.
    """
    if password is None:
        password = _facts(system, name or "").secret or ""
    return _try(new, password, is_counted=True, patience=patience)


def add_source(system: System, new: NewSource, *, password: str, by: int | None = None, patience: str = "") -> None:
    """Try the source and add it; `by` is the administrator, None = a command at the machine.

    `patience` are the seconds that the try waits for a mail server, "" = as long as workers would.

    Raises InvalidInputError when the name is taken or it cannot be opened.
    """
    _try(new, password, patience=patience)
    with system.db.begin() as session:
        if session.scalar(select(Source.id).where(Source.name == new.name)) is not None:
            raise InvalidInputError({"name": "There is a source of this name already."})
        row = Source(name=new.name, channel=new.channel, kind=new.kind, settings=dict(new.settings))
        sources.add(session, row, password=password, secret_key=system.settings.secret_key)
        audit.note(session, "source_added", at=clock.now(), user_id=by, source=new.name)


def change_source(
    system: System,
    name: str,
    *,
    settings: Mapping[str, str] | None = None,
    password: str | None = None,
    is_enabled: bool | None = None,
    by: int | None = None,
    patience: str = "",
) -> None:
    """Change what is given of a source, after trying it; a setting of "" is taken out. Workers hear of it within half a
    minute. Raises NotFoundError, or InvalidInputError when it cannot be opened like that or would be another mailbox:
    then it stays as it was.
    """
    facts = _facts(system, name)
    changed = {key: value for key, value in {**facts.settings, **(settings or {})}.items() if value}
    if facts.cursor != Cursor() and any(changed.get(key) != facts.settings.get(key) for key in NAMES_A_MAILBOX):
        raise InvalidInputError(
            {"source": "That is another mailbox: switch this source off, and add the other as a source of its own."}
        )
    if settings or password is not None or is_enabled:
        secret = facts.secret if password is None else password
        _try(NewSource(name, facts.channel, facts.kind, changed), secret or "", patience=patience)
    with system.db.begin() as session:
        row = session.get_one(Source, facts.id)
        row.settings = changed
        if password is not None:
            row.secret = sources.encrypted(password, system.settings.secret_key)
        if is_enabled is not None:
            row.is_enabled = is_enabled
        keys = sorted(settings or {})
        audit.note(session, "source_changed", at=clock.now(), user_id=by, source=name, settings=keys, on=is_enabled)


def to_watch(system: System, source_id: int) -> SourceFacts | None:
    """How to open a source, without how far it is read; None when it is switched off or gone."""
    with system.db.read() as session:
        row = session.get(Source, source_id)
        if row is None or not row.is_enabled:
            return None
        facts = sources.facts_of(session, source_id, system.settings.secret_key)
    return replace(facts, cursor=Cursor(), held_by=None, polled_at=None, is_failing=False)


def open_source(facts: SourceFacts) -> Opened:
    """The source, ready to be read. Raises ChannelError, also when its password cannot be decrypted."""
    if facts.secret is None:
        raise ChannelError(
            "Its password was encrypted with another LUUKKU_SECRET_KEY: set that key again.", permanent=True
        )
    return channel(facts.channel).open_source(facts.kind, facts.name, facts.settings, facts.secret)


def list_sources(system: System) -> list[str]:
    """One line a source: name, kind, position, last look, failure."""
    with system.db.read() as session:
        rows = session.scalars(select(Source).order_by(Source.name)).all()
    return [_line(row) for row in rows]


def _line(row: Source) -> str:
    looked = row.polled_at.isoformat(sep=" ", timespec="seconds") if row.polled_at else "never"
    failing = f", failing: {row.failure}" if row.failure else ""
    off = "" if row.is_enabled else ", switched off"
    place = f"position {row.validity}:{row.position}"
    return f"{row.name}: {row.channel} by {row.kind}, {place}, looked at {looked}{failing}{off}"


def locked_sources(system: System) -> list[str]:
    """The names of those whose password was encrypted with another key than ours."""
    with system.db.read() as session:
        found = [sources.facts_of(session, id_, system.settings.secret_key) for id_ in sources.enabled_ids(session)]
    return [facts.name for facts in found if facts.secret is None]


def _facts(system: System, name: str) -> SourceFacts:
    with system.db.read() as session:
        row = session.scalar(select(Source).where(Source.name == name))
        if row is None:
            raise NotFoundError("There is no source of this name.")
        return sources.facts_of(session, row.id, system.settings.secret_key)


def _try(new: NewSource, password: str, *, is_counted: bool = False, patience: str = "") -> Tried:
    settings = {**new.settings, "timeout": patience} if patience and new.kind == "imap" else dict(new.settings)
    try:
        opened = channel(new.channel).open_source(new.kind, new.name, settings, password)
        try:
            opened.fetch(Cursor(), limit=1)
            listing = getattr(opened, "listing", None) if is_counted else None
            return Tried(sum(1 for _ in islice(listing(), MOST_COUNTED)) if listing else None)
        finally:
            opened.close()
    except ChannelError as error:
        raise InvalidInputError({"source": str(error)}) from error
