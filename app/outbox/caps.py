"""How many automatic mails leave: the brake against loops and against being used to flood others.

An address is counted folded, so that whoever varies it with a plus-part is still one. A count stops at its cap: it
reads that many rows of an index at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.outbox.models import OutboxRow

DOTS_MEAN_NOTHING = frozenset({"gmail.com", "googlemail.com"})


@dataclass(frozen=True)
class Caps:
    """Automatic mails to one address a day, to one domain an hour, and in all an hour."""

    per_address_day: int
    per_domain_hour: int
    per_hour: int


def folded(address: str) -> str:
    """The address by which mails are counted: lower case, without plus-part, without dots where they do not count."""
    local, _, domain = address.lower().rpartition("@")
    local = local.partition("+")[0] or local
    return f"{local.replace('.', '') if domain in DOTS_MEAN_NOTHING else local}@{domain}"


def domain_of(address: str) -> str:
    """The part behind the last @, in lower case."""
    return address.lower().rpartition("@")[2][:255]


def reached(session: Session, address: str, caps: Caps, *, at: datetime) -> str:
    """Which cap one more automatic mail to the address would exceed: "address", "domain", "total" or ""."""
    day_ago, hour_ago = at - timedelta(days=1), at - timedelta(hours=1)
    if _has(session, caps.per_address_day, OutboxRow.to_key == folded(address), OutboxRow.at >= day_ago):
        return "address"
    if _has(session, caps.per_domain_hour, OutboxRow.to_domain == domain_of(address), OutboxRow.at >= hour_ago):
        return "domain"
    return "total" if _has(session, caps.per_hour, OutboxRow.at >= hour_ago) else ""


def _has(session: Session, count: int, *conditions: ColumnElement[bool]) -> bool:
    found = select(OutboxRow.id).where(OutboxRow.is_automatic, *conditions).limit(count).subquery()
    return (session.scalar(select(func.count()).select_from(found)) or 0) >= count
