"""What a unit promises is changed: a new policy for the tickets to come, and for the open ones where that is meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.accounts import audit
from app.accounts.models import Unit
from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import InvalidInputError, NotFoundError
from app.core.nudge import Queue
from app.core.system import System
from app.flows import roll_out
from app.flows.administer import demand_newest, demand_runner
from app.sla.facts import STATUTORY, Metric, Target, TargetKind
from app.sla.holiday_seed import COUNTRIES
from app.sla.models import PolicyRow
from app.sla.policy import Place, Policy, Promise
from app.sla.service import policy_in_force
from app.texts.catalogue import N_
from app.tickets.states import PAUSE_REASONS
from channels.contract import ChannelName

UNITS = {
    "hours": (TargetKind.MINUTES, 60),
    "minutes": (TargetKind.MINUTES, 1),
    "clock_hours": (TargetKind.CLOCK_MINUTES, 60),
    "clock_minutes": (TargetKind.CLOCK_MINUTES, 1),
    "working_days": (TargetKind.WORKING_DAYS, 1),
    "weeks": (TargetKind.WEEKS, 1),
    "months": (TargetKind.MONTHS, 1),
}
"""what an amount can be typed in: the kind of target, and how many of its units one is"""
MOST = 10_000


@dataclass(frozen=True)
class PromiseFacts:
    """A promise as typed: `amount` of `unit` (a key of `UNITS`; "" promises nothing), `share` in per cent."""

    amount: str
    unit: str
    share: str


@dataclass(frozen=True)
class PolicyFacts:
    """A policy as typed: promises by channel and metric, whose law moves statutory terms, and what halts the clocks."""

    promises: Mapping[Place, PromiseFacts]
    country: str
    pause_on: frozenset[str]


def save(system: System, viewer: Viewer, unit_id: int, facts: PolicyFacts, *, seen: int, open_too: bool) -> None:
    """Keep it as what the unit promises from now on; with `open_too` its open tickets get it as well. Audited.

    `seen` is the id of the policy that the form showed. Raises ForbiddenError, NotFoundError, InvalidInputError naming
    each faulty field (`email-first_response`), ConflictError when there is a newer policy.
    """
    demand_runner(viewer, unit_id)
    policy = read(facts)
    with system.db.begin() as session:
        if session.get(Unit, unit_id, with_for_update=True) is None:
            raise NotFoundError("There is no such unit.")
        row = policy_in_force(session, unit_id)
        demand_newest(row, seen)
        if row is None or Policy.from_data(row.data) != policy:
            row = PolicyRow(unit_id=unit_id, created_at=clock.now(), data=policy.to_data())
            session.add(row)
            session.flush()
            told: dict[str, Any] = {"unit": unit_id, "before": seen or None, "now": row.id, "open_too": open_too}
            audit.note(session, "policy_changed", at=row.created_at, user_id=viewer.user_id, reason="", **told)
        if open_too:
            roll_out.order(session, unit_id, viewer.user_id, targets=True)
    if open_too:
        system.nudge(Queue.ROLLOUT)


def read(facts: PolicyFacts) -> Policy:
    """The policy that is typed. Raises InvalidInputError naming each faulty field."""
    faults: dict[str, str] = {}
    promises: dict[Place, Promise] = {}
    for (channel, metric), typed in facts.promises.items():
        field = f"{channel}-{metric}"
        if channel not in set(ChannelName) or not (typed.amount.strip() or typed.unit):
            continue
        target, share = _target(typed, metric, facts.country), _share(typed.share)
        if target is None:
            faults[field] = N_("Write a whole number, and choose what it counts.")
        elif share is None:
            faults[field] = N_("Write the share that must be kept, from 1 to 100 per cent.")
        else:
            promises[channel, metric] = Promise(target, share)
    if any(promise.target.kind in STATUTORY for promise in promises.values()) and facts.country not in COUNTRIES:
        faults["country"] = N_("Choose whose law it is.")
    if faults:
        raise InvalidInputError(faults)
    return Policy(promises, facts.pause_on & set(PAUSE_REASONS))


def _target(typed: PromiseFacts, metric: Metric, country: str) -> Target | None:
    """The target, or None for what is none. A statutory term runs from the first contact: it suits no later round."""
    amount = _whole(typed.amount, MOST)
    if amount is None or typed.unit not in UNITS:
        return None
    kind, size = UNITS[typed.unit]
    is_statutory = kind in STATUTORY
    if is_statutory and metric in (Metric.NEXT_RESPONSE, Metric.UPDATE):
        return None
    return Target(kind, amount * size, (country if country in COUNTRIES else COUNTRIES[0]) if is_statutory else "")


def _share(text: str) -> float | None:
    share = _whole(text.replace("%", ""), 100)
    return share / 100 if share is not None else None


def _whole(text: str, most: int) -> int | None:
    digits = text.strip()
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= 5
    return int(digits) if is_number and 1 <= int(digits) <= most else None
