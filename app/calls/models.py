"""Calls, from the first ring to the end."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class CallState(StrEnum):
    """Where a call stands."""

    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"
    ABANDONED = "abandoned"
    """the caller hung up before anybody answered"""


class Call(Base):
    """One call as the telephone exchange names it."""

    __tablename__ = "call"
    __table_args__ = (Index("ix_call_unit_state", "unit_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_key: Mapped[str] = mapped_column(String(200), unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    state: Mapped[str] = mapped_column(String(10))
    number: Mapped[str] = mapped_column(String(30), default="")
    caller_name: Mapped[str] = mapped_column(String(200), default="")
    dialled: Mapped[str] = mapped_column(String(30), default="")
    language: Mapped[str | None] = mapped_column(String(8))
    rang_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound.id"))
