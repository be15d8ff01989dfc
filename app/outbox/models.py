"""The outbox: messages to be sent, with their state. Its id is the idempotency key of a delivery."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class Delivery(StrEnum):
    """Where a delivery stands."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    """a worker has it; left so by a killed worker = perhaps sent"""
    SENT = "sent"
    PERHAPS_SENT = "perhaps_sent"
    FAILED = "failed"
    UNDONE = "undone"
    TO_PRINT = "to_print"
    """a letter that waits for a person to print and post it"""
    POSTED = "posted"


UNDER_WAY = (Delivery.QUEUED, Delivery.CLAIMED, Delivery.SENT, Delivery.TO_PRINT, Delivery.POSTED)
"""what reaches the citizen, or has, as far as anybody knows"""


class OutboxRow(Base):
    """One message on its way to a citizen."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "state", "not_before", "id"),
        Index("ix_outbox_key_at", "to_key", "at"),
        Index("ix_outbox_domain_at", "to_domain", "at"),
        Index("ix_outbox_claimed_at", "claimed_at", "to_domain"),
        Index(
            "ix_outbox_automatic_at",
            "at",
            sqlite_where=text("is_automatic"),
            postgresql_where=text("is_automatic"),
        ),
        Index("ix_outbox_needs_person", "id", sqlite_where=text("needs_person"), postgresql_where=text("needs_person")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True)
    channel: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(15))
    not_before: Mapped[datetime]
    is_automatic: Mapped[bool]
    to_address: Mapped[str] = mapped_column(String(400))
    to_key: Mapped[str] = mapped_column(String(400), default="", server_default="")
    """the address folded: whoever varies it with a plus-part is still one"""
    to_domain: Mapped[str] = mapped_column(String(255), default="", server_default="")
    to_name: Mapped[str] = mapped_column(String(200), default="")
    from_address: Mapped[str] = mapped_column(String(255))
    from_name: Mapped[str] = mapped_column(String(200))
    reply_to: Mapped[str] = mapped_column(String(255), default="")
    subject: Mapped[str] = mapped_column(String(400))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8))
    mail_id: Mapped[str] = mapped_column(String(255), unique=True)
    """our Message-ID, the same on every try"""
    answered_ids: Mapped[list[Any]] = mapped_column(default=list)
    tries: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None]
    claimed_by: Mapped[str | None] = mapped_column(String(60))
    sent_at: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(String(400), default="")
    needs_person: Mapped[bool] = mapped_column(default=False, server_default=false())
    """perhaps sent or failed, and nobody has seen to it yet"""


NEEDS_PERSON = text("outbox.needs_person")
"""the condition as the index of these few rows says it: SQLite does not take `needs_person = 1` for the same"""


class FailingAddress(Base):
    """An address that our mail came back from. `suppressed_at` is since when nothing more is sent to it."""

    __tablename__ = "failing_address"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(400), unique=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]
    suppressed_at: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(String(12))
    """the last code that was given (RFC 3463), if any"""
