"""Citizens: one person over all channels, found by any of their contact points."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base


class ContactKind(StrEnum):
    """The kinds of contact points; `email` in lower case, `phone` in E.164, `postal` as one line a row."""

    EMAIL = "email"
    PHONE = "phone"
    POSTAL = "postal"


class Person(Base):
    """A citizen."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[datetime]
    contacts: Mapped[list[ContactPoint]] = relationship(back_populates="person", order_by="ContactPoint.id")


class ContactPoint(Base):
    """An address or number of a person; but for a postal address it belongs to one person only."""

    __tablename__ = "contact_point"
    __table_args__ = (
        Index("ix_contact_point_value", "value", "kind"),
        Index(
            "ix_contact_point_reachable",
            "kind",
            "value",
            unique=True,
            sqlite_where=text("kind != 'postal'"),
            postgresql_where=text("kind != 'postal'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    value: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[datetime]
    person: Mapped[Person] = relationship(back_populates="contacts")
