"""How much waits for a person, as the menu of every page tells it: one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.screens import inbound_list, missed, outgoing


@dataclass(frozen=True)
class Awaiting:
    """Items in quarantine and mails that somebody must see to, of the person's units, and tickets with news for them.

    At most 99 each.
    """

    inbound: int = 0
    outgoing: int = 0
    missed: int = 0


def read_awaiting(session: Session, viewer: Viewer, *, now: datetime) -> Awaiting:
    """All of these numbers."""
    counts = inbound_list.count_waiting(viewer), outgoing.count_needing(viewer), missed.count_missed(viewer, now=now)
    return Awaiting(*session.execute(select(*counts)).one())
