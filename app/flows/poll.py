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


def poll_all(system: System) -> int:
    """Read every source that is switched on; one that fails does not hinder the others. How many items came."""
    with system.db.read() as session:
        facts = sources.enabled(session, system.settings.secret_key)
    return sum(_poll_alone(system, source) for source in facts)


def poll(system: System, facts: SourceFacts) -> int:
    """Read one source to its end; how many items came. A failure is shown on the source and tried again later."""
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


def _poll_alone(system: System, facts: SourceFacts) -> int:
    try:
        return poll(system, facts)
    except Exception:  # whatever broke one source, the others must go on; nothing was acknowledged
        log.exception("poll_failed", source=facts.name)
        return 0


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
