"""How much waits for a person, as the menu of every page tells it: one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.core.db import rows
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
    return Awaiting(*rows(session, _counts(viewer), missed.seen_since(now)).one())


@lru_cache(maxsize=256)
def _counts(viewer: Viewer) -> Select[int, int, int]:
    """The query is the longest of all pages': it is put together once for a person, not with every page."""
    return select(inbound_list.count_waiting(viewer), outgoing.count_needing(viewer), missed.count_missed(viewer))
