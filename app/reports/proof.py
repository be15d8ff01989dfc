"""What came in at the demo's doors and what went out, held against the ledger and the outbox.

The doors and the mail server tell what there is; the tables only what became of it. So it can find what is lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.intake.models import Fate, Inbound
from app.outbox.models import Delivery, OutboxRow

CHUNK = 500


class Outcome(StrEnum):
    """What became of an item that came in."""

    TICKET = "ticket"
    JOINED = "joined"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"
    WAITING = "waiting"
    """lies at its door and has not been taken"""
    LOST = "lost"
    """was taken, and nobody knows of it"""


@dataclass(frozen=True)
class Brought:
    """An item as its door tells it: its name there, under which the ledger knows it, and whether it was taken."""

    channel: str
    name: str
    title: str
    is_taken: bool


@dataclass(frozen=True)
class Proof:
    """Everything in, everything out. Lists hold what a person should look at, titles or Message-IDs."""

    came: int
    outcomes: dict[Outcome, int]
    lost: tuple[str, ...]
    waiting: tuple[str, ...]
    left: int
    """different mails that the mail server has"""
    doubled: tuple[str, ...]
    strangers: tuple[str, ...]
    """at the mail server, and not ours"""
    perhaps: tuple[str, ...]
    queued: int
    failed: int

    @property
    def is_whole(self) -> bool:
        """Nothing lost, nothing sent twice, nothing sent that nobody knows of."""
        return not (self.lost or self.doubled or self.strangers)


def prove(session: Session, brought: Sequence[Brought], sent: Iterable[str]) -> Proof:
    """The proof over all that was `brought` and the Message-IDs of all that the mail server was `sent`."""
    fates = _fates(session, brought)
    found = [(one, _outcome(one, fates.get((one.channel, one.name)))) for one in brought]
    arrived = Counter(sent)
    states = _states(session, arrived)
    with_state = Counter(session.scalars(select(OutboxRow.state).where(OutboxRow.state.in_(_OPEN))))
    perhaps = session.scalars(
        select(OutboxRow.mail_id).where(OutboxRow.state == Delivery.PERHAPS_SENT).order_by(OutboxRow.id).limit(CHUNK)
    )
    return Proof(
        came=len(brought),
        outcomes=dict(Counter(outcome for _, outcome in found)),
        lost=tuple(one.title for one, outcome in found if outcome is Outcome.LOST),
        waiting=tuple(one.title for one, outcome in found if outcome is Outcome.WAITING),
        left=len(arrived),
        doubled=tuple(mail_id for mail_id, count in arrived.items() if count > 1),
        strangers=tuple(mail_id for mail_id in arrived if mail_id not in states),
        perhaps=tuple(perhaps),
        queued=with_state[Delivery.QUEUED] + with_state[Delivery.CLAIMED],
        failed=with_state[Delivery.FAILED],
    )


_OPEN = (Delivery.QUEUED, Delivery.CLAIMED, Delivery.FAILED)


def _fates(session: Session, brought: Sequence[Brought]) -> dict[tuple[str, str], tuple[str, int | None]]:
    """What the ledger says of each, by channel and name: the fate, and the item that it repeats."""
    columns = (Inbound.channel, Inbound.item_id, Inbound.filename, Inbound.fate, Inbound.duplicate_of)
    names = [one.name for one in brought]
    found: dict[tuple[str, str], tuple[str, int | None]] = {}
    for first in range(0, len(names), CHUNK):
        some = names[first : first + CHUNK]
        by_name = select(*columns).where(Inbound.item_id.in_(some) | Inbound.filename.in_(some))
        for channel, item_id, filename, fate, duplicate_of in session.execute(by_name):
            found |= {(channel, item_id): (fate, duplicate_of), (channel, filename): (fate, duplicate_of)}
    return found


def _outcome(one: Brought, told: tuple[str, int | None] | None) -> Outcome:
    if told is None:
        return Outcome.LOST if one.is_taken else Outcome.WAITING
    fate, duplicate_of = told
    if duplicate_of is not None:
        return Outcome.DUPLICATE
    return {Fate.TICKET: Outcome.TICKET, Fate.QUARANTINED: Outcome.QUARANTINED, Fate.IGNORED: Outcome.IGNORED}.get(
        Fate(fate), Outcome.JOINED
    )


def _states(session: Session, arrived: Iterable[str]) -> set[str]:
    mail_ids, known = list(arrived), set[str]()
    for first in range(0, len(mail_ids), CHUNK):
        some = mail_ids[first : first + CHUNK]
        known |= set(session.scalars(select(OutboxRow.mail_id).where(OutboxRow.mail_id.in_(some))))
    return known
