"""The kinds of steps that an item can go through, in the order in which steps of one instant are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class StepKind(StrEnum):
    """What happened. The facts each kind has stand beside it."""

    LEDGER = "ledger"
    """number, size in bytes, is_kept, channel"""
    REPEATED = "repeated"
    """first: the ledger number of the first delivery"""
    QUARANTINED = "quarantined"
    """reason"""
    IGNORED = "ignored"
    """reason"""
    RINGING = "ringing"
    """unit, call_id"""
    NEW_TICKET = "new_ticket"
    """possible_reply_to: a reference or "" """
    JOINED = "joined"
    """by: token, message or reference; is_confirmed"""
    AUTO_REPLY = "auto_reply"
    ROUTED = "routed"
    """unit, rule, rule_kind, found, asked_in: a language or None, topic"""
    CLOCK = "clock"
    """metric, due_at, target_kind: minutes or working_days, amount, result"""
    CALL_ANSWERED = "call_answered"
    """unit, call_id, user"""
    SUGGESTED = "suggested"
    """count, best: the title of the best article"""
    RECEIPT_QUEUED = "receipt_queued"
    RECEIPT_SENT = "receipt_sent"
    TAKEN = "taken"
    """user: who has it now"""
    TRANSFERRED = "transferred"
    """unit, reason, user"""
    NOTED = "noted"
    """user"""
    ANSWERED = "answered"
    """user, channel"""
    LETTER_WRITTEN = "letter_written"
    """user, text"""
    POSTED = "posted"
    """user, text"""
    UNDONE = "undone"
    """user"""
    ANSWER_SENT = "answer_sent"
    NOT_SENT = "not_sent"
    """reason, next_try_at: None when nobody tries again"""
    PERHAPS_SENT = "perhaps_sent"
    """reason"""
    WAITING = "waiting"
    """reason"""
    RESUMED = "resumed"
    RESOLVED = "resolved"
    """user"""
    REOPENED = "reopened"
    CALL_ENDED = "call_ended"
    """unit, call_id, user"""
    HUNG_UP = "hung_up"
    """unit, call_id"""

    @property
    def place(self) -> int:
        """Where it stands among steps of the same instant."""
        return list(StepKind).index(self)


@dataclass(frozen=True)
class Step:
    """One thing that happened to an item; `reference` is the ticket's, "" before there is one."""

    kind: StepKind
    at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    reference: str = ""
