"""Tickets, their messages, and the events that changed them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.storage import Blob


class Direction(StrEnum):
    """Which way a message went; `internal` is never seen by the citizen."""

    IN = "in"
    OUT = "out"
    INTERNAL = "internal"


class MessageKind(StrEnum):
    """What a message is: only `answer` is a response, only `citizen` and `call` are inquiries."""

    CITIZEN = "citizen"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    ANSWER = "answer"
    ACKNOWLEDGEMENT = "acknowledgement"
    NOTE = "note"
    CALL = "call"


class Topic(Base):
    """A subject in a unit's list."""

    __tablename__ = "topic"
    __table_args__ = (UniqueConstraint("unit_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    key: Mapped[str] = mapped_column(String(60))
    names: Mapped[dict[str, Any]]
    is_retired: Mapped[bool] = mapped_column(default=False, server_default=false())
    """not offered any more; tickets that have it keep it"""

    def name(self, language: str) -> str:
        """The topic's name in a language, else its key."""
        return str(self.names.get(language) or self.key)


class Ticket(Base):
    """One inquiry over all channels.

    `due_at`, `soon_at` and `clock_*` mirror the clock that is due next; `order_at` is that instant, or far in the
    future, so that one index gives the list in its order.
    """

    __tablename__ = "ticket"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(10), unique=True)
    subject: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(10))
    """the channel of the contact that started it"""
    language: Mapped[str | None] = mapped_column(String(8))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    arrived_at: Mapped[datetime]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    routing: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """why it came to this unit: rule, kind, value"""
    possible_reply_to: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    is_begun: Mapped[bool] = mapped_column(default=False, server_default=false())
    """we wrote first: no inquiry that came in"""
    order_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    soon_at: Mapped[datetime | None]
    """when a fifth of the target is left"""
    merged_into: Mapped[int | None]
    """the ticket that its messages went to; never one that was merged itself"""
    snoozed_until: Mapped[datetime | None]
    """put aside until then: lists leave it out while no clock of it is soon due; it pauses nothing"""
    clock_metric: Mapped[str | None] = mapped_column(String(20))
    clock_result: Mapped[str | None] = mapped_column(String(12))
    suggested_for: Mapped[int | None]
    """the message that its suggestions answer; behind `asked_in` = work for the suggester"""
    asked_in: Mapped[int | None]
    """the citizen's latest message"""

    __table_args__ = (
        Index(
            "ix_ticket_open_due",
            "unit_id",
            "order_at",
            "id",
            *("due_at", "assignee_id", "state", "snoozed_until", "soon_at"),  # what lists count
            sqlite_where=text("state != 'resolved'"),
            postgresql_where=text("state != 'resolved'"),
        ),
        Index(
            "ix_ticket_open_assignee",
            "assignee_id",
            "order_at",
            "id",
            sqlite_where=text("state != 'resolved'"),
            postgresql_where=text("state != 'resolved'"),
        ),
        Index("ix_ticket_unit_changed", "unit_id", "changed_at", "id", "state", "merged_into"),
        Index(
            "ix_ticket_merged_into",
            "merged_into",
            sqlite_where=text("merged_into IS NOT NULL"),
            postgresql_where=text("merged_into IS NOT NULL"),
        ),
        Index(
            "ix_ticket_unsuggested",
            "id",
            sqlite_where=text("asked_in IS NOT NULL AND (suggested_for IS NULL OR suggested_for < asked_in)"),
            postgresql_where=text("asked_in IS NOT NULL AND (suggested_for IS NULL OR suggested_for < asked_in)"),
        ),
    )


class Message(Base):
    """One entry of the timeline."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_ticket_at", "ticket_id", "at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    direction: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    sender: Mapped[str] = mapped_column(String(400), default="")
    """as it was written, for people to read"""
    sender_name: Mapped[str] = mapped_column(String(200), default="")
    subject: Mapped[str] = mapped_column(String(300), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    quoted: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[str] = mapped_column(Text, default="")
    message_id: Mapped[str | None] = mapped_column(String(998), index=True)
    """RFC 5322 Message-ID without angle brackets"""
    inbound_id: Mapped[int | None] = mapped_column(index=True)
    is_confirmed: Mapped[bool] = mapped_column(default=True)
    """False: came with our token but from another sender"""
    is_undone: Mapped[bool] = mapped_column(default=False)
    problems: Mapped[list[Any]] = mapped_column(default=list)


class Attachment(Base):
    """A file, inline image or letter page of a message."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    filename: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(10))
    content_id: Mapped[str] = mapped_column(String(255), default="")
    size: Mapped[int]
    blob_id: Mapped[int] = mapped_column(ForeignKey("blob.id"))
    blob: Mapped[Blob] = relationship()


class Event(Base):
    """One thing that happened to a ticket: who, when, what, why. Audit trail, SLA and reports read the same rows."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_ticket_at", "ticket_id", "at", "id"),
        Index(
            "ix_event_withheld",
            "recorded_at",
            sqlite_where=text("kind = 'acknowledgement_withheld'"),
            postgresql_where=text("kind = 'acknowledgement_withheld'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    kind: Mapped[str] = mapped_column(String(30))
    at: Mapped[datetime]
    """when it happened"""
    recorded_at: Mapped[datetime]
    """when we wrote it down"""
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    reason: Mapped[str] = mapped_column(String(400), default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
