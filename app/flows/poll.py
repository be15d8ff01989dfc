"""Reads a source: fetch, file and commit with the cursor, and only then tell the source."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core import clock
from app.core.log import get_logger
from app.core.system import System
from app.flows.receive import Afterwards, receive
from app.flows.sources import open_source
from app.sources import service as sources
from app.sources.service import SourceFacts
from channels.contract import Batch, ChannelError, Source

log = get_logger(__name__)
BATCH = 20


def to_read(system: System) -> list[int]:
    """The sources that are switched on."""
    with system.db.read() as session:
        return sources.enabled_ids(session)


def poll(system: System, source_id: int) -> int:
    """Read one source to its end; how many items came. Never raises: what failed is tried again at the next look."""
    try:
        with system.db.read() as session:
            facts = sources.facts_of(session, source_id, system.settings.secret_key)
        return _read(system, facts)
    except Exception:  # whatever broke it, nothing was acknowledged
        log.exception("poll_failed", source_id=source_id)
        return 0


def _read(system: System, facts: SourceFacts) -> int:
    try:
        source = open_source(facts)
    except ChannelError as error:
        return _failed(system, facts, error)
    try:
        return _drain(system, facts, source)
    except ChannelError as error:
        return _failed(system, facts, error)
    finally:
        source.close()


def _drain(system: System, facts: SourceFacts, source: Source) -> int:
    cursor, taken = facts.cursor, 0
    while True:
        batch = source.fetch(cursor, limit=BATCH)
        if not batch.items:
            return taken
        receive(system, batch.items, afterwards=_advance(facts.id, batch))
        source.acknowledge(batch.items)
        cursor, taken = batch.cursor, taken + len(batch.items)


def _advance(source_id: int, batch: Batch) -> Afterwards:
    def move(session: Session) -> None:
        sources.advance(session, source_id, batch.cursor, at=clock.now())

    return move


def _failed(system: System, facts: SourceFacts, error: ChannelError) -> int:
    log.warning("source_failed", source=facts.name, permanent=error.permanent)
    with system.db.begin() as session:
        sources.fail(session, facts.id, at=clock.now(), reason=str(error))
    return 0
