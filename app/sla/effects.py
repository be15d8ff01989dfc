"""What each kind of ticket event means to the clocks: one table, and the facts made by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from app.sla.facts import OPEN_TOO, Fact, FactKind, Metric, Target
from app.tickets.events import EventKind
from app.tickets.models import Event

EFFECT: Mapping[EventKind, FactKind | None] = {
    EventKind.CREATED: FactKind.CREATED,
    EventKind.CITIZEN_MESSAGE: FactKind.CITIZEN_MESSAGE,
    EventKind.CITIZEN_AUTOREPLY: FactKind.CITIZEN_AUTOREPLY,
    EventKind.CALL_ANSWERED: FactKind.CALL_ANSWERED,
    EventKind.CALL_ENDED: None,
    EventKind.REPLIED: FactKind.AGENT_REPLY,
    EventKind.REPLY_UNDONE: FactKind.REPLY_UNDONE,
    EventKind.LETTER_WRITTEN: None,
    EventKind.ACKNOWLEDGED: FactKind.AUTO_REPLY,
    EventKind.NOTED: FactKind.NOTE,
    EventKind.PAUSED: FactKind.PAUSE,
    EventKind.RESUMED: FactKind.RESUME,
    EventKind.RESOLVED: FactKind.RESOLVED,
    EventKind.REOPENED: FactKind.REOPENED,
    EventKind.TRANSFERRED: FactKind.TRANSFER,
    EventKind.TERMS_CHANGED: FactKind.POLICY_EDIT,
    EventKind.ASSIGNED: None,
    EventKind.TOPIC_CHANGED: None,
    EventKind.LANGUAGE_CHANGED: None,
    EventKind.SENDER_CONFIRMED: None,
    EventKind.IDENTIFIED: None,
    EventKind.DELIVERY_FAILED: None,
    EventKind.DELIVERED: None,
    EventKind.DELIVERY_UNKNOWN: None,
    EventKind.DELIVERY_CONFIRMED: None,
    EventKind.RESENT: None,
    EventKind.ACKNOWLEDGEMENT_WITHHELD: None,
    EventKind.SNOOZED: None,
    EventKind.WOKEN: None,
    EventKind.LABELLED: None,
    EventKind.UNLABELLED: None,
    EventKind.MERGED: FactKind.MERGE,
    EventKind.MERGED_AWAY: FactKind.MERGED_AWAY,
    EventKind.SPLIT: FactKind.SPLIT,
    EventKind.LINKED: None,
    EventKind.UNLINKED: None,
}

CARRYING_TERMS = (EventKind.CREATED, EventKind.TRANSFERRED, EventKind.TERMS_CHANGED)
"""events that say what is promised from then on"""
_MOVES_NOTHING = frozenset({None, FactKind.AUTO_REPLY, FactKind.NOTE, FactKind.CITIZEN_AUTOREPLY})


def moves_clocks(events: Iterable[Event]) -> bool:
    """Whether any of the events can start, stop or halt a clock."""
    return any(EFFECT[EventKind(event.kind)] not in _MOVES_NOTHING for event in events)


def facts(events: Iterable[Event]) -> list[Fact]:
    """The facts of a ticket's events, for `sla.clocks` and `sla.stints`."""
    return [_fact(event, effect) for event in events if (effect := EFFECT[EventKind(event.kind)]) is not None]


def _fact(event: Event, kind: FactKind) -> Fact:
    terms = event.data.get("terms", {})
    return Fact(
        at=event.at,
        kind=kind,
        unit_id=event.unit_id,
        calendar_key=terms.get("calendar"),
        targets=_targets(terms),
        pause_on=frozenset(terms["pause_on"]) if "pause_on" in terms else None,
        until=datetime.fromisoformat(ends) if (ends := event.data.get("until")) and kind is FactKind.PAUSE else None,
        scope=OPEN_TOO if kind is FactKind.POLICY_EDIT else "",
        reason=event.reason if kind is FactKind.PAUSE else "",
        source_start_at=datetime.fromisoformat(since) if (since := event.data.get("waiting_since")) else None,
        message_id=event.message_id,
    )


def _targets(terms: Mapping[str, Any]) -> dict[Metric, Target]:
    return {Metric(metric): Target.from_data(target) for metric, target in terms.get("targets", {}).items()}
