"""The inbound ledger's verbs: put an item on it once, and say what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from app.core import storage
from app.intake.models import Fate, Inbound
from channels.contract import RawItem


def is_known(session: Session, item: RawItem) -> bool:
    """Whether the item is on the ledger already: it was committed here before, so the source can be told so."""
    return bool(known(session, [item]))


def known(session: Session, items: Iterable[RawItem]) -> set[tuple[str, str, str]]:
    """Those of the items that are on the ledger, by channel, source and the source's own name for them."""
    row = (Inbound.channel, Inbound.source, Inbound.item_id)
    query = select(*row).where(tuple_(*row).in_([item.identity for item in items]))
    return {(channel, source, item_id) for channel, source, item_id in session.execute(query)}


def enter(session: Session, folder: Path, item: RawItem, *, at: datetime, fingerprint: str | None = None) -> Inbound:
    """The item's new row, pending, its raw bytes kept whole; quarantined until something better is known of it."""
    entry = Inbound(
        channel=item.channel,
        source=item.source,
        item_id=item.item_id,
        recipient=item.recipient[:400],
        filename=item.filename[:255],
        fingerprint=fingerprint,
        received_at=min(item.received_at or at, at),
        seen_at=at,
        size=len(item.raw),
        blob=storage.keep(session, folder, item.raw),
        fate=Fate.QUARANTINED,
    )
    session.add(entry)
    return entry


def twin_of(session: Session, fingerprint: str) -> Inbound | None:
    """The first delivery of the same message, if there was one."""
    return session.scalar(select(Inbound).where(Inbound.fingerprint == fingerprint)) if fingerprint else None


def settle(
    entry: Inbound, fate: Fate, *, reason: str = "", ticket_id: int | None = None, message_id: int | None = None
) -> None:
    """Say what became of an item."""
    entry.fate = fate
    entry.reason = reason[:200]
    entry.ticket_id = ticket_id
    entry.message_id = message_id
