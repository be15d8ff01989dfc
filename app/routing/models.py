"""Routing rules as rows: the first that fits decides."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class RuleKind(StrEnum):
    """What a rule looks at."""

    MAILBOX = "mailbox"
    NUMBER = "number"
    WORDS = "words"
    LANGUAGE = "language"
    ALWAYS = "always"


class Rule(Base):
    """One rule. `value` holds an address, a number, words separated by "|", or a language; lowest position first."""

    __tablename__ = "routing_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    value: Mapped[str] = mapped_column(String(1000), default="")
    language: Mapped[str | None] = mapped_column(String(8))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    topic_key: Mapped[str | None] = mapped_column(String(60))
