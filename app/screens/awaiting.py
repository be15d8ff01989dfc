"""How much waits for a person, as the menu of every page tells it: one query."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.screens import inbound_list, outgoing


@dataclass(frozen=True)
class Awaiting:
    """Items in quarantine and mails that somebody must see to, of the person's units; at most 99 each."""

    inbound: int = 0
    outgoing: int = 0


def read_awaiting(session: Session, viewer: Viewer) -> Awaiting:
    """Both numbers."""
    return Awaiting(*session.execute(select(inbound_list.count_waiting(viewer), outgoing.count_needing(viewer))).one())
