"""How often anybody may stand at a door: counted in the database, so that all web processes count together.

A door is anything that can be tried. Whoever comes is counted under a keyed hash, so that the table tells no address;
of an IPv6 address the network (/64) counts, as one machine may take any address in it.
"""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.accounts.login_models import DoorCount
from app.core.db import UtcDateTime
from app.core.secrets import derive


@dataclass(frozen=True)
class Door:
    """What is counted, how often it may be in one stretch, and how long the stretch is."""

    name: str
    most: int
    within: timedelta = timedelta(minutes=15)


WRONG_LOGIN = Door("wrong-login", 100)
"""by address: generous, as a whole office may share one"""
WRONG_CODE = Door("wrong-code", 5)
WRONG_CODE_A_DAY = Door("wrong-code-a-day", 30, timedelta(days=1))
"""by person: of a million codes three fit, so a year of guessing finds one in 3 of 100 cases"""
WRONG_CODE_FROM = Door("wrong-code-from", 50)
"""by address"""
OWN_PASSWORD = Door("own-password", 10)
"""by person: the password asked for again in the settings"""
STEPS = Door("steps", 300)
"""by address: what begins something for everybody who asks, such as a passkey's challenge"""


def held_until(session: Session, door: Door, who: object, *, at: datetime, secret_key: str) -> datetime | None:
    """When the door opens again for somebody who was there too often; None when it is open."""
    query = select(DoorCount.until).where(
        DoorCount.door == door.name,
        DoorCount.who_hash == _hash(who, secret_key),
        DoorCount.until > at,
        DoorCount.times >= door.most,
    )
    return session.scalar(query)


def count(session: Session, door: Door, who: object, *, at: datetime, secret_key: str) -> datetime | None:
    """Count one more time, in one statement; when the door opens again if that was once too often, else None."""
    kind = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    now, end = literal(at, UtcDateTime()), literal(at + door.within, UtcDateTime())
    row = kind.insert(DoorCount).values(
        door=door.name, who_hash=_hash(who, secret_key), times=1, until=at + door.within
    )
    is_over = DoorCount.until <= now
    upsert = row.on_conflict_do_update(
        index_elements=["door", "who_hash"],
        set_={
            "times": case((is_over, 1), else_=DoorCount.times + 1),
            "until": case((is_over, end), else_=DoorCount.until),
        },
    ).returning(DoorCount.times, DoorCount.until)
    times, until = session.execute(upsert).one()
    return until if times > door.most else None


def forget(session: Session, door: Door, who: object, *, secret_key: str) -> None:
    """Count from nothing again."""
    here = (DoorCount.door == door.name, DoorCount.who_hash == _hash(who, secret_key))
    session.execute(delete(DoorCount).where(*here))


def forget_old(session: Session, *, at: datetime) -> int:
    """Forget stretches that are over; how many. Apart from the counting, so that two who count never wait in a ring."""
    gone = session.execute(delete(DoorCount).where(DoorCount.until <= at))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _hash(who: object, secret_key: str) -> str:
    return hmac.new(derive(secret_key, "doors"), _place(str(who)).encode(), "sha256").hexdigest()


def _place(who: str) -> str:
    """The network of an IPv6 address; anything else as it is."""
    try:
        address = ipaddress.IPv6Address(who)
    except ValueError:
        return who
    return str(address.ipv4_mapped or ipaddress.IPv6Network((address, 64), strict=False))
