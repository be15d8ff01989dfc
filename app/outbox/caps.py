"""How many automatic mails leave: the brake against loops and against being used to flood others.

An address is counted folded, so that whoever varies it with a plus-part is still one. A count stops at its cap: it
reads that many rows of an index at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, func, select
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
    """Which cap one more automatic mail to the address would exceed: "address", "domain", "total" or ""; one query."""
    day_ago, hour_ago = at - timedelta(days=1), at - timedelta(hours=1)
    allowed = {"address": caps.per_address_day, "domain": caps.per_domain_hour, "total": caps.per_hour}
    sent = {
        "address": _count(allowed["address"], OutboxRow.to_key == folded(address), OutboxRow.at >= day_ago),
        "domain": _count(allowed["domain"], OutboxRow.to_domain == domain_of(address), OutboxRow.at >= hour_ago),
        "total": _count(allowed["total"], OutboxRow.at >= hour_ago),
    }
    counts = session.execute(select(*sent.values())).one()
    return next((name for name, count in zip(sent, counts, strict=True) if count >= allowed[name]), "")


def _count(most: int, *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    found = select(OutboxRow.id).where(OutboxRow.is_automatic, *conditions).limit(most).subquery()
    return select(func.count()).select_from(found).scalar_subquery()
