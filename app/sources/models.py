"""Sources: mailboxes and folders that inquiries come from, as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class Source(Base):
    """A mailbox or folder, how to open it, and how far it has been read."""

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    channel: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(20))
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    secret: Mapped[str] = mapped_column(Text, default="")
    """the password, encrypted with a key from the settings"""
    is_enabled: Mapped[bool] = mapped_column(default=True)
    validity: Mapped[int] = mapped_column(BigInteger, default=0)
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    polled_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(String(400), default="")
    held_by: Mapped[str | None] = mapped_column(String(60))
    """the worker whose turn it is, until `held_until`"""
    held_until: Mapped[datetime | None]
