"""The inbound ledger's verbs: put an item on it once, and say what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.core import storage
from app.core.storage import Blob
from app.intake.models import Fate, Inbound
from channels.contract import ChannelName, RawItem
from channels.inventory import Listed


def is_known(session: Session, item: RawItem) -> bool:
    """Whether the item is on the ledger already: it was committed here before, so the source can be told so."""
    return bool(known(session, [item]))


def known(session: Session, items: Iterable[RawItem]) -> set[tuple[str, str, str]]:
    """Those of the items that are on the ledger, by channel, source and the source's own name for them."""
    row = (Inbound.channel, Inbound.source, Inbound.item_id)
    query = select(*row).where(tuple_(*row).in_([item.identity for item in items]))
    return {(channel, source, item_id) for channel, source, item_id in session.execute(query)}


def enter(
    session: Session, folder: Path, item: RawItem, *, at: datetime, fingerprint: str | None = None, mail_id: str = ""
) -> Inbound:
    """The item's new row, pending, its raw bytes kept whole; quarantined until something better is known of it."""
    entry = Inbound(
        channel=item.channel,
        source=item.source,
        item_id=item.item_id,
        recipient=item.recipient[:400],
        filename=item.filename[:255],
        fingerprint=fingerprint,
        mail_id=mail_id,
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


def kept_item(session: Session, folder: Path, entry: Inbound) -> RawItem:
    """The item as it came. Raises StorageError when its bytes are gone."""
    raw = storage.load(session, folder, entry.blob_id or 0)
    return RawItem(
        ChannelName(entry.channel), entry.source, entry.item_id, raw, entry.received_at, entry.recipient, entry.filename
    )


def handle(entry: Inbound, *, by: int, at: datetime, note: str = "") -> None:
    """A person has dealt with an item that became nothing by itself."""
    entry.handled_by, entry.handled_at, entry.note = by, at, note.strip()[:400]


def missing(session: Session, source: str, listed: Sequence[Listed]) -> list[Listed]:
    """Those of what lies at a source that the ledger knows neither by name nor by Message-ID nor by its bytes."""
    names = _those_in(session, Inbound.item_id, [one.item_id for one in listed], Inbound.source == source)
    left = [one for one in listed if one.item_id not in names]
    mail_ids = _those_in(session, Inbound.mail_id, [one.mail_id for one in left if one.mail_id])
    prints = _those_in(session, Blob.sha256, [one.fingerprint for one in left if one.fingerprint])
    return [one for one in left if one.mail_id not in mail_ids and one.fingerprint not in prints]


def _those_in(
    session: Session, column: InstrumentedAttribute[Any], values: Sequence[str], *conditions: ColumnElement[bool]
) -> set[str]:
    return set(session.scalars(select(column).where(column.in_(values), *conditions))) if values else set()


def repeat(entry: Inbound, twin: Inbound) -> None:
    """The item is `twin` once more: nothing new becomes of it."""
    entry.duplicate_of = twin.id
    settle(entry, Fate.IGNORED, reason="duplicate", ticket_id=twin.ticket_id, message_id=twin.message_id)


def settle(
    entry: Inbound, fate: Fate, *, reason: str = "", ticket_id: int | None = None, message_id: int | None = None
) -> None:
    """Say what became of an item."""
    entry.fate = fate
    entry.reason = reason[:200]
    entry.ticket_id = ticket_id
    entry.message_id = message_id
