"""Compares what lies at the mail servers with the ledger, and names what is missing; nightly by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Unit
from app.core import clock
from app.core.log import get_logger
from app.core.system import System
from app.flows.receive import receive
from app.flows.sources import open_source
from app.intake import ledger
from app.intake.models import Verification
from app.sources import service as sources
from app.sources.service import SourceFacts
from channels.contract import ChannelError, ChannelName
from channels.inventory import Inventory, Listed

log = get_logger(__name__)
BATCH = 500
MOST_NAMED = 100
GOING_ON = "It is going on."
LONGEST = timedelta(hours=3)
"""one that takes longer was begun by a worker that was stopped: another begins it afresh"""
NIGHTLY_AT = 3
"""o'clock by the first unit's wall"""
Progress = Callable[[str, int], None]


@dataclass
class Comparison:
    """What a comparison of one source found; `failure` says why it could not be made, "" when it could."""

    source: str
    seen: int = 0
    waiting: int = 0
    missing: list[Listed] = field(default_factory=list)
    seconds: float = 0.0
    failure: str = ""


def verify_mail(
    system: System, *, only: str = "", repair: bool = False, progress: Progress = lambda _source, _seen: None
) -> list[Comparison]:
    """Compare every mail source that is switched on, or the one called `only`; with `repair` file what is missing."""
    return [_verify(system, facts, repair=repair, progress=progress) for facts in _mail_sources(system, only)]


def verify_nightly(system: System) -> int:
    """Compare those sources that were not compared since three o'clock last night; how many.

    The row that says so is written first and can be there only once: however many workers look, one compares.
    """
    night = _last_night(system)
    done = 0
    for facts in _mail_sources(system, ""):
        if _claim(system, facts, night):
            _verify(system, facts, night=night)
            done += 1
    return done


def _mail_sources(system: System, only: str) -> Iterator[SourceFacts]:
    with system.db.read() as session:
        found = [
            sources.facts_of(session, source_id, system.settings.secret_key)
            for source_id in sources.enabled_ids(session)
        ]
    return (facts for facts in found if facts.channel == ChannelName.EMAIL and only in {"", facts.name})


def _verify(
    system: System,
    facts: SourceFacts,
    *,
    repair: bool = False,
    night: date | None = None,
    progress: Progress = lambda _source, _seen: None,
) -> Comparison:
    found, begun = Comparison(facts.name), time.monotonic()
    try:
        source = open_source(facts)
        _compare(system, facts, source, found, progress)  # type: ignore[arg-type] # mail sources are inventories
        if repair:
            _repair(system, source, found)  # type: ignore[arg-type]
    except ChannelError as error:
        found.failure = str(error)
    found.seconds = time.monotonic() - begun
    _keep(system, found, night)
    log.info("verified", source=facts.name, seen=found.seen, waiting=found.waiting, missing=len(found.missing))
    return found


def _compare(system: System, facts: SourceFacts, source: Inventory, found: Comparison, progress: Progress) -> None:
    """What is known is asked a batch at a time, so that a million mails take no more room than five hundred."""
    listing = source.listing()
    while batch := list(islice(listing, BATCH)):
        with system.db.read() as session:
            unknown = ledger.missing(session, facts.name, batch)
        waiting = [one for one in unknown if _waits(one, facts)]
        found.seen, found.waiting = found.seen + len(batch), found.waiting + len(waiting)
        found.missing += [one for one in unknown if not _waits(one, facts)]
        progress(facts.name, found.seen)


def _waits(listed: Listed, facts: SourceFacts) -> bool:
    """Whether it lies beyond what has been fetched: it comes with the next look."""
    place, cursor = listed.place, facts.cursor
    if not place.position:
        return False
    return place.validity != cursor.validity or place.position > cursor.position


def _repair(system: System, source: Inventory, found: Comparison) -> None:
    """File what is missing by the ordinary way; what cannot be had any more stays missing."""
    left = []
    for listed in found.missing:
        item = source.read(listed)
        if item is None:
            left.append(listed)
        else:
            receive(system, [item])
    found.missing = left


def _last_night(system: System) -> date:
    """The date of the newest three o'clock that is past, where the authority is."""
    with system.db.read() as session:
        zone = ZoneInfo(session.scalar(select(Unit.timezone).order_by(Unit.id).limit(1)) or "UTC")
    return (clock.now().astimezone(zone) - timedelta(hours=NIGHTLY_AT)).date()


def _claim(system: System, facts: SourceFacts, night: date) -> bool:
    try:
        with system.db.begin() as session:
            known = select(Verification).where(Verification.source == facts.name, Verification.night == night)
            row = session.scalar(known.with_for_update())
            if row is not None and (row.failure != GOING_ON or clock.now() - row.at < LONGEST):
                return False
            row = row or Verification(source=facts.name, night=night, failure=GOING_ON)
            row.at = clock.now()
            session.add(row)
    except IntegrityError:  # another worker was faster
        return False
    return True


def _keep(system: System, found: Comparison, night: date | None) -> None:
    with system.db.begin() as session:
        query = select(Verification).where(Verification.source == found.source, Verification.night == night)
        row = session.scalar(query) if night else None
        if row is None:
            row = Verification(source=found.source, night=None)
            session.add(row)
        row.at, row.took_ms, row.failure = clock.now(), int(found.seconds * 1000), found.failure[:400]
        row.seen, row.waiting, row.missing = found.seen, found.waiting, len(found.missing)
        row.named = [_named(one) for one in found.missing[:MOST_NAMED]]


def _named(listed: Listed) -> dict[str, str]:
    at: datetime | None = listed.at
    return {"item": listed.item_id, "mail_id": listed.mail_id, "at": at.isoformat() if at else ""}
