"""Staff and the organisation: the authority, its units, who works in them, and their sessions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base


class Role(StrEnum):
    """What a person is in a unit."""

    AGENT = "agent"
    HEAD = "head"


class Way(StrEnum):
    """What a log-in rests on. All but the password alone stand for two factors."""

    PASSWORD = "password"  # noqa: S105 - the name of a way, not a secret
    CODE = "code"
    """the password and a code"""
    PASSKEY = "passkey"
    SERVICE = "service"
    """the authority's own log-in service, which answers for what it asks"""


class Authority(Base):
    """The authority itself; one row."""

    __tablename__ = "authority"

    id: Mapped[int] = mapped_column(primary_key=True)
    names: Mapped[dict[str, Any]]
    """language -> name"""
    domain: Mapped[str] = mapped_column(String(255))
    restored_at: Mapped[datetime | None]
    """when a backup was brought back last"""
    tuned: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """limits that administrators have set in the desk: see `accounts.tuning`"""


class Unit(Base):
    """An organisational unit that owns tickets, calendars and targets."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    names: Mapped[dict[str, Any]]
    """language -> name"""
    language: Mapped[str] = mapped_column(String(8))
    timezone: Mapped[str] = mapped_column(String(60))
    mailbox: Mapped[str] = mapped_column(String(255))
    """the address that its answers come from"""
    phone: Mapped[str] = mapped_column(String(30))
    postal_address: Mapped[str] = mapped_column(String(400))
    signatures: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """language -> what stands below the closing of its answers; without one, the names of agent, unit and authority"""

    closed_at: Mapped[datetime | None]
    """since when it takes no tickets any more"""

    def name(self, language: str) -> str:
        """The unit's name in a language, else in its own."""
        return str(self.names.get(language) or self.names.get(self.language) or self.key)

    def signature(self, language: str) -> str:
        """The unit's own signature in a language; "" for the usual one."""
        return str(self.signatures.get(language, ""))


class User(Base):
    """Somebody who logs in: agent, unit head, administrator."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(8))
    password_hash: Mapped[str] = mapped_column(String(200))
    """"" for who was invited and has chosen none yet: nothing fits it"""
    is_admin: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    extension: Mapped[str | None] = mapped_column(String(40))
    """how the telephone exchange names this person's telephone"""
    single_keys: Mapped[bool] = mapped_column(default=True, server_default=true())
    """whether single keys are commands in the desk; off for who speaks to the machine (WCAG 2.2, 2.1.4)"""
    undo_seconds: Mapped[int | None]
    """for how long their answers can be taken back; None = as the authority has set it"""
    starts_with: Mapped[str] = mapped_column(String(20), default="", server_default="")
    """the list that the desk opens with: see `screens.start_page`"""
    sees_protected: Mapped[bool] = mapped_column(default=False, server_default=false())
    """one of those named to open what belongs to citizens of protected identity"""
    memberships: Mapped[list[Membership]] = relationship(lazy="selectin")


class Membership(Base):
    """A person's role in a unit."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("user_id", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    role: Mapped[str] = mapped_column(String(10))


class LoginSession(Base):
    """One log-in of one browser. Only the hash of its key is kept, so that the table opens no door."""

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    browser: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """as it named itself, for the person to know it again"""
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    way: Mapped[str] = mapped_column(String(10), default="password", server_default="password")
    """what it rests on: see `Way`"""


class FailedLogin(Base):
    """A wrong password, counted against a name; kept only while it counts."""

    __tablename__ = "failed_login"
    __table_args__ = (Index("ix_failed_login_name_at", "name_hash", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)


class AuditEntry(Base):
    """What a member of staff changed or looked at outside the ticket's own events. Never altered."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    action: Mapped[str] = mapped_column(String(60))
    ticket_id: Mapped[int | None] = mapped_column(index=True)
    reason: Mapped[str] = mapped_column(String(400), default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
