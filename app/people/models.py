"""Citizens: one person over all channels, found by any of their contact points."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base


class ContactKind(StrEnum):
    """The kinds of contact points; `email` in lower case, `phone` in E.164, `postal` as one line a row."""

    EMAIL = "email"
    PHONE = "phone"
    POSTAL = "postal"


class Protection(StrEnum):
    """Why a citizen's identity is protected, as the Tax Agency's or the Finnish register says."""

    MARKED = "marked"
    """sekretessmarkering, turvakielto"""
    REGISTRATION = "registration"
    """skyddad folkbokföring: no address may be kept"""


class Person(Base):
    """A citizen."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str | None] = mapped_column(String(8))
    protection: Mapped[str] = mapped_column(String(20), default="", server_default="")
    """a `Protection`, or "" for an identity that is not protected"""
    merged_into: Mapped[int | None] = mapped_column(index=True)
    """the person that this duplicate turned out to be, who may have been merged in their turn"""
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


class PersonMerge(Base):
    """Two persons turned out to be one. `moved` lists what went over, so that it can be undone."""

    __tablename__ = "person_merge"

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    gone_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    moved: Mapped[dict[str, Any]]
    """table -> numbers of its rows"""
    before: Mapped[dict[str, Any]]
    """what the kept person's name, language and protection were"""
    reason: Mapped[str] = mapped_column(String(400))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
