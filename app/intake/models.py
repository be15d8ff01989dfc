"""The inbound ledger: everything seen at a source and what became of it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.storage import Blob

_HANDLED = text("handled_at IS NOT NULL")


class Fate(StrEnum):
    """What became of an item; every row has one."""

    TICKET = "ticket"
    """started a ticket"""
    JOINED = "joined"
    """became a message or step of a ticket"""
    CALL = "call"
    """a step of a call that is not a ticket yet"""
    IGNORED = "ignored"
    """needs nobody; the reason says why"""
    QUARANTINED = "quarantined"
    """could not be read; waits for a person"""


class Inbound(Base):
    """One item seen at a source; unique by source, so that seeing it again is harmless."""

    __tablename__ = "inbound"
    __table_args__ = (
        UniqueConstraint("channel", "source", "item_id"),
        Index("ix_inbound_fate_id", "fate", "id"),
        Index("ix_inbound_fingerprint", "fingerprint", unique=True),
        Index("ix_inbound_handled", "id", sqlite_where=_HANDLED, postgresql_where=_HANDLED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(100))
    item_id: Mapped[str] = mapped_column(String(400))
    recipient: Mapped[str] = mapped_column(String(400), default="")
    filename: Mapped[str] = mapped_column(String(255), default="")
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    """equal for two deliveries of one message; only the first keeps it"""
    received_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    size: Mapped[int]
    blob_id: Mapped[int | None] = mapped_column(ForeignKey("blob.id"))
    fate: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(200), default="")
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    duplicate_of: Mapped[int | None] = mapped_column(ForeignKey("inbound.id"))
    mail_id: Mapped[str] = mapped_column(String(998), default="", server_default="", index=True)
    """the Message-ID of a mail that could be read"""
    note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    """why a person did with it what they did"""
    handled_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    handled_at: Mapped[datetime | None]
    blob: Mapped[Blob | None] = relationship()
    """the raw bytes as they came"""


class Verification(Base):
    """A comparison of what lies at a source with the ledger. `night` is set for the nightly one, once a source."""

    __tablename__ = "verification"
    __table_args__ = (UniqueConstraint("source", "night"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(100))
    night: Mapped[date | None]
    at: Mapped[datetime]
    took_ms: Mapped[int] = mapped_column(default=0)
    seen: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)
    named: Mapped[list[Any]] = mapped_column(default=list)
    """the first of those that are missing: the source's name for each, its Message-ID and when it came"""
    failure: Mapped[str] = mapped_column(String(400), default="")
