"""The kinds of events a ticket can have. Their effect on the clocks stands in `sla.facts`."""

from __future__ import annotations

from enum import StrEnum


class EventKind(StrEnum):
    """What happened; stored by these values and never renamed."""

    CREATED = "created"
    CITIZEN_MESSAGE = "citizen_message"
    CITIZEN_AUTOREPLY = "citizen_autoreply"
    CALL_ANSWERED = "call_answered"
    CALL_ENDED = "call_ended"
    REPLIED = "replied"
    REPLY_UNDONE = "reply_undone"
    LETTER_WRITTEN = "letter_written"
    ACKNOWLEDGED = "acknowledged"
    NOTED = "noted"
    PAUSED = "paused"
    RESUMED = "resumed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    TRANSFERRED = "transferred"
    ASSIGNED = "assigned"
    TOPIC_CHANGED = "topic_changed"
    LANGUAGE_CHANGED = "language_changed"
    SENDER_CONFIRMED = "sender_confirmed"
    IDENTIFIED = "identified"
    DELIVERY_FAILED = "delivery_failed"
    DELIVERED = "delivered"
    DELIVERY_UNKNOWN = "delivery_unknown"
    DELIVERY_CONFIRMED = "delivery_confirmed"
    RESENT = "resent"
    ACKNOWLEDGEMENT_WITHHELD = "acknowledgement_withheld"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    LABELLED = "labelled"
    UNLABELLED = "unlabelled"
