"""Whether a message belongs to a ticket. Pure: what the message claims and what we know in, a verdict out.

Our signed token wins; else a message or reference we know, each only from a participant of that ticket. A token from
somebody else joins, but marked. Anything less only links: a subject is never enough, and being in Cc grants nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from channels.contract import Authentication


class Verdict(StrEnum):
    """What to do with the message."""

    JOIN = "join"
    JOIN_UNCONFIRMED = "join_unconfirmed"
    NEW_LINKED = "new_linked"
    NEW = "new"


@dataclass(frozen=True)
class Candidate:
    """A ticket that the message may belong to. `by` is token, message or reference."""

    ticket_id: int
    by: str
    participants: frozenset[str]


@dataclass(frozen=True)
class Match:
    """The verdict, the ticket it speaks of, and by what it was found."""

    verdict: Verdict
    ticket_id: int | None = None
    by: str = ""

    @property
    def is_by_our_token(self) -> bool:
        """Whether somebody whom we wrote to answers by the address that we gave them."""
        return self.verdict is Verdict.JOIN and self.by == "token"


def decide(
    sender: str, candidates: Collection[Candidate], *, sender_is_certain: bool, authentication: Authentication
) -> Match:
    """The verdict on a message from `sender` ("" = unknown); `candidates` stand with the strongest first."""
    trusted = bool(sender) and sender_is_certain and authentication is not Authentication.FAIL
    for candidate in candidates:
        if trusted and sender in candidate.participants:
            return Match(Verdict.JOIN, candidate.ticket_id, candidate.by)
        if candidate.by == "token":
            return Match(Verdict.JOIN_UNCONFIRMED, candidate.ticket_id, candidate.by)
    for candidate in candidates:
        return Match(Verdict.NEW_LINKED, candidate.ticket_id, candidate.by)
    return Match(Verdict.NEW)
