"""What a log-in may rest on beside the password, what is half done of one, and how often somebody tried."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class SecondFactor(Base):
    """An app that shows a person codes (TOTP, RFC 6238). It asks for nothing until its first code was typed."""

    __tablename__ = "second_factor"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True, autoincrement=False)
    secret: Mapped[str] = mapped_column(String(300))
    """encrypted"""
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """the period of 30 seconds whose code was used last: none of it or before is taken again"""


class RecoveryCode(Base):
    """A code that opens once in place of the app. Only its hash is kept."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A key that a person's device keeps and opens by finger, face or PIN (WebAuthn)."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    """base64url, as browsers name it"""
    handle: Mapped[str] = mapped_column(String(100))
    """base64url: what the device knows the person by, random and the same for all keys of a person"""
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class OutsideIdentity(Base):
    """Who a person is at the authority's own log-in service (OpenID Connect Core, 5.7: issuer and subject)."""

    __tablename__ = "outside_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("user_id", "issuer"))

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    bound_at: Mapped[datetime]


class LoginStep(Base):
    """Something of a log-in that waits for its other half. It opens nothing; only the hash of its key is kept."""

    __tablename__ = "login_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class DoorCount(Base):
    """How often somebody stood at a door since the counting began; who is kept as a keyed hash."""

    __tablename__ = "door_count"

    door: Mapped[str] = mapped_column(String(30), primary_key=True)
    who_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    times: Mapped[int]
    until: Mapped[datetime] = mapped_column(index=True)
    """when the counting begins anew"""
