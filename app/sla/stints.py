"""Who held an open ticket, and when: the unit's own time, whatever its clocks say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from app.sla.facts import Fact, FactKind, in_order


@dataclass(frozen=True, slots=True)
class Stint:
    """A stretch in which a ticket was open and held by one unit; `ended_at` is None while it lasts."""

    unit_id: int | None
    started_at: datetime
    ended_at: datetime | None = None


def stints(facts: Iterable[Fact], *, now: datetime | None = None) -> tuple[Stint, ...]:
    """Return the stints in order, from what happened up to `now`.

    Each begins with the creation, a transfer to another unit or a reopening, and ends with a transfer, a resolving or a
    merging into another ticket;
    what an undone sending did is left out. A unit that passed the ticket on at the very instant it got it has none.
    """
    found: list[Stint] = []
    unit_id, is_open = None, False
    for fact in in_order(facts, now=now):
        was = (unit_id, is_open)
        if fact.kind in (FactKind.CREATED, FactKind.TRANSFER) and fact.unit_id is not None:
            unit_id = fact.unit_id
        is_open = _is_open_after(fact, is_open=is_open)
        if was != (unit_id, is_open):
            _turn(found, fact.at, unit_id, was_open=was[1], is_open=is_open)
    return tuple(found)


def _is_open_after(fact: Fact, *, is_open: bool) -> bool:
    if fact.kind in (FactKind.CREATED, FactKind.REOPENED):
        return True
    return is_open and fact.kind not in (FactKind.RESOLVED, FactKind.MERGED_AWAY)


def _turn(found: list[Stint], at: datetime, unit_id: int | None, *, was_open: bool, is_open: bool) -> None:
    if was_open:
        last = found.pop()
        if not is_open or last.started_at < at:
            found.append(replace(last, ended_at=at))
    if is_open:
        found.append(Stint(unit_id, at))
