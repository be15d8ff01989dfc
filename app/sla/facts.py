"""What the service level needs to know of a ticket's events, and the order in which it is read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

CalendarKey = str | int


class Metric(StrEnum):
    """What is timed; stored in the database by these values."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    UPDATE = "update"
    RESOLUTION = "resolution"


class TargetKind(StrEnum):
    """How a target is counted."""

    MINUTES = "minutes"
    """of opening time"""
    CLOCK_MINUTES = "clock_minutes"
    """by the clock, day and night"""
    WORKING_DAYS = "working_days"
    WEEKS = "weeks"
    """set by statute: the whole last day, moved on from a day off; no pause moves it"""
    MONTHS = "months"
    """set by statute, like weeks"""


STATUTORY = frozenset({TargetKind.WEEKS, TargetKind.MONTHS})


class FactKind(StrEnum):
    """What happened; a fact may be given any of these as plain text."""

    CREATED = "created"
    CITIZEN_MESSAGE = "citizen_message"
    CITIZEN_AUTOREPLY = "citizen_autoreply"
    AGENT_REPLY = "agent_reply"
    CALL_ANSWERED = "call_answered"
    CALL_ATTEMPT_UNANSWERED = "call_attempt_unanswered"
    AUTO_REPLY = "auto_reply"
    NOTE = "note"
    PAUSE = "pause"
    RESUME = "resume"
    TRANSFER = "transfer"
    POLICY_EDIT = "policy_edit"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    MERGE = "merge"
    """another ticket came into this one"""
    MERGED_AWAY = "merged_away"
    """this ticket went into another one, which carries its wait on"""
    SPLIT = "split"
    """a message left for a ticket of its own"""
    REPLY_UNDONE = "reply_undone"


OPEN_TOO = "open_too"
"""The scope of a policy edit that open tickets follow; any other leaves them alone."""

RESPONSES = frozenset({FactKind.AGENT_REPLY, FactKind.CALL_ANSWERED})
"""What a person of ours said to the citizen; nothing else is a response."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is promised: so many of a kind. Working days: arrival is day 0, due at closing of the last.

    `country` (SE, FI) says whose law moves the last day of a statutory term; "" for other kinds. Raises ValueError for
    less than 1 of them, and for a statutory term without a country.
    """

    kind: TargetKind
    amount: int
    country: str = ""

    def __post_init__(self) -> None:
        if self.amount < 1:
            raise ValueError(f"a target of {self.amount} {self.kind}: at least 1 is needed")
        if (self.kind in STATUTORY) != bool(self.country):
            raise ValueError(f"a target in {self.kind} with the country {self.country!r}")

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return the target of {"kind", "amount", "country"}, the last only for statutory terms."""
        return cls(TargetKind(data["kind"]), int(data["amount"]), data.get("country", ""))

    def to_data(self) -> dict[str, Any]:
        """Return what `from_data` reads back."""
        return {"kind": str(self.kind), "amount": self.amount} | ({"country": self.country} if self.country else {})


@dataclass(frozen=True, slots=True)
class Fact:
    """One event of a ticket as the clocks see it.

    `unit_id`, `calendar_key` and `targets` come with `created` and `transfer`; what a transfer or policy edit leaves
    out stays as it was; `pause_on`, the reasons that halt pausable clocks, likewise. `reason` belongs to pause and
    resume (a resume without one ends every pause), `until` to a pause that ends by itself, `scope` (new_only, open_too)
    to policy_edit, `source_start_at` (when the merged ticket's oldest unanswered contact came) to
    merge. A `split` names the message that left. Facts that one sending caused share its `message_id`; a `reply_undone`
    with it takes them all back.
    """

    at: datetime
    kind: FactKind | str
    unit_id: int | None = None
    calendar_key: CalendarKey | None = None
    targets: Mapping[Metric, Target] = field(default_factory=dict)
    pause_on: frozenset[str] | None = None
    reason: str = ""
    until: datetime | None = None
    scope: str = ""
    source_start_at: datetime | None = None
    message_id: int | None = None


def in_order(facts: Iterable[Fact], now: datetime | None = None) -> tuple[Fact, ...]:
    """Return the facts up to `now` by time, equals as given but a creation first.

    Undone sendings are left out, and what was asked by messages that went to a ticket of their own.
    """
    known = [fact for fact in facts if now is None or fact.at <= now]
    undone = {fact.message_id for fact in known if fact.kind == FactKind.REPLY_UNDONE} - {None}
    left = {fact.message_id for fact in known if fact.kind == FactKind.SPLIT} - {None}
    kept = (fact for fact in known if fact.message_id not in undone and not _is_asked_in(fact, left))
    return tuple(sorted(kept, key=lambda fact: (fact.at, fact.kind != FactKind.CREATED)))


def _is_asked_in(fact: Fact, message_ids: Collection[int | None]) -> bool:
    """Whether the fact is that one of these messages asked something, or came with a ticket that asked it."""
    return fact.message_id in message_ids and fact.kind in (FactKind.CITIZEN_MESSAGE, FactKind.MERGE)


def last_at(facts: Iterable[Fact]) -> datetime | None:
    """Return the instant of the latest fact, undone ones too; None without facts."""
    return max((fact.at for fact in facts), default=None)


def unanswered_since(facts: Iterable[Fact]) -> datetime | None:
    """Return when the oldest contact came that nobody has answered, whatever is promised; None when all is answered."""
    since: datetime | None = None
    for fact in in_order(facts):
        if fact.kind in RESPONSES or fact.kind == FactKind.RESOLVED:
            since = None
        elif (asked_at := _asked_at(fact)) is not None:
            since = min(since or asked_at, asked_at)
    return since


def _asked_at(fact: Fact) -> datetime | None:
    if fact.kind == FactKind.MERGE:
        return fact.source_start_at
    return fact.at if fact.kind in (FactKind.CREATED, FactKind.CITIZEN_MESSAGE) else None
