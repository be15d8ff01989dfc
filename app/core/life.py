"""Which processes are alive: each writes a sign every few seconds."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base

EVERY = 15.0
"""seconds between signs"""
FORGET = timedelta(days=1)


class SignOfLife(Base):
    """A process by kind, machine and number, since when it runs, and when it was last heard of."""

    __tablename__ = "sign_of_life"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]
    since: Mapped[datetime]


def give_sign(session: Session, kind: str, worker: str, *, at: datetime) -> None:
    """This process is alive; those that were not heard of for a day are forgotten."""
    name = f"{kind} {worker}"
    known = session.get(SignOfLife, name)
    if known is None:
        session.add(SignOfLife(name=name, kind=kind, at=at, since=at))
        session.execute(delete(SignOfLife).where(SignOfLife.at < at - FORGET))
    else:
        known.at = at


def signs(session: Session) -> list[SignOfLife]:
    """All processes heard of within a day, by kind and name."""
    return list(session.scalars(select(SignOfLife).order_by(SignOfLife.kind, SignOfLife.name)))
