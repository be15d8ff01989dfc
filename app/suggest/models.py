"""What was suggested for a ticket, and what the agent did with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class Suggestion(Base):
    """One article offered as the answer to one message."""

    __tablename__ = "suggestion"
    __table_args__ = (Index("ix_suggestion_ticket", "ticket_id", "message_id", "rank"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    language: Mapped[str] = mapped_column(String(8))
    version: Mapped[int]
    rank: Mapped[int]
    score: Mapped[float] = mapped_column(Float)
    words: Mapped[list[Any]]
    """the words that weighed most"""
    passage: Mapped[str] = mapped_column(String(600))
    made_at: Mapped[datetime]
    shown_at: Mapped[datetime | None]
    inserted_at: Mapped[datetime | None]
    inserted_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
