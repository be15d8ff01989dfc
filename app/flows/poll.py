"""Reads a source: fetch, file and commit with the cursor, and only then tell the source.

One worker at a time has its turn at a source. It takes the turn with the commit of its first batch and gives it back
with that of its last, so that a turn costs no commit of its own; then it looks once more, so that whoever found the
source taken has missed nothing. The turn of a killed worker ends at once on its own machine, elsewhere after a while.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from app.core import clock
from app.core.log import get_logger
from app.core.system import System
from app.core.workers import own_name
from app.flows.receive import Claim, receive
from app.flows.sources import open_source
from app.sources import service as sources
from app.sources.service import SourceFacts
from channels.contract import ChannelError, Cursor, Source

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
    if sources.is_others_turn(facts):
        return 0
    try:
        source = open_source(facts)
    except ChannelError as error:
        return _failed(system, facts, error)
    try:
        return _drain(system, facts, source)
    except sources.TurnLostError:
        log.info("turn_lost", source=facts.name)
        return 0
    except ChannelError as error:
        return _failed(system, facts, error)
    finally:
        source.close()


def _drain(system: System, facts: SourceFacts, source: Source) -> int:
    taken = 0
    while (batch := source.fetch(facts.cursor, limit=BATCH)).items:
        is_last = len(batch.items) < BATCH
        receive(system, batch.items, claim=_turn(facts, batch.cursor, is_last=is_last))
        source.acknowledge(batch.items)
        held_by = None if is_last else own_name()
        facts = replace(facts, cursor=batch.cursor, held_by=held_by, polled_at=clock.now(), is_failing=False)
        taken += len(batch.items)
    _looked(system, facts)
    return taken


def _turn(facts: SourceFacts, cursor: Cursor, *, is_last: bool) -> Claim:
    def take(session: Session) -> None:
        sources.advance(session, facts, cursor, at=clock.now(), is_last=is_last)

    return take


def _looked(system: System, facts: SourceFacts) -> None:
    """Nothing is written while the last look is fresh, all was well with it and the turn is given back."""
    now = clock.now()
    is_old = facts.polled_at is None or now - facts.polled_at >= sources.LOOKED_EVERY
    if is_old or facts.is_failing or facts.held_by:
        with system.db.begin() as session:
            sources.looked(session, facts.id, at=now)


def _failed(system: System, facts: SourceFacts, error: ChannelError) -> int:
    log.warning("source_failed", source=facts.name, permanent=error.permanent)
    with system.db.begin() as session:
        sources.fail(session, facts.id, at=clock.now(), reason=str(error))
    return 0
