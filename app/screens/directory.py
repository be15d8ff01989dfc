"""The units with their names and zones, and who works in them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, Unit, User
from app.core.db import rows
from channels.phone.numbers import region_of


@dataclass(frozen=True)
class Directory:
    """All units by id, in the order of their ids."""

    units: dict[int, Unit]

    def name(self, unit_id: int | None, language: str) -> str:
        """The unit's name, or "" for none."""
        unit = self.units.get(unit_id or 0)
        return unit.name(language) if unit else ""

    def zone_of(self, unit_ids: Collection[int]) -> ZoneInfo:
        """The zone of the first of the units, else of the authority's first unit, else UTC."""
        unit = self._first(unit_ids)
        return ZoneInfo(unit.timezone if unit else "UTC")

    def region_of(self, unit_ids: Collection[int]) -> str | None:
        """The country of that unit's telephone, None when its number does not tell."""
        unit = self._first(unit_ids)
        return region_of(unit.phone) if unit else None

    def _first(self, unit_ids: Collection[int]) -> Unit | None:
        known = sorted(unit_id for unit_id in unit_ids if unit_id in self.units) or sorted(self.units)
        return self.units[known[0]] if known else None


_UNITS = select(Unit).order_by(Unit.id)
_NAMES = select(User.id, User.name).where(User.id.in_(bindparam("user_ids", expanding=True)))
_STAFF = (
    select(User.id, User.name)
    .join(Membership, Membership.user_id == User.id)
    .where(Membership.unit_id == bindparam("unit_id"), User.is_active)
    .order_by(User.name, User.id)
)
"""built once: nearly every page asks them"""


def takes_tickets(session: Session, unit_id: int) -> bool:
    """Whether there is such a unit and it is not closed."""
    return session.scalar(select(Unit.id).where(Unit.id == unit_id, Unit.closed_at.is_(None))) is not None


def read_directory(session: Session) -> Directory:
    """The directory as it is now; one query."""
    return Directory({unit.id: unit for unit in session.scalars(_UNITS)})


def staff_of(session: Session, unit_id: int, *, sees_protected: bool = False) -> list[tuple[int, str]]:
    """Who can be given a unit's tickets: id and name of its active people, by name; of those named for it if asked."""
    query = _STAFF.where(User.sees_protected) if sees_protected else _STAFF
    return [(row.id, row.name) for row in rows(session, query, {"unit_id": unit_id})]


def named_for_protected(session: Session, unit_ids: Collection[int]) -> tuple[str, ...]:
    """Who of these units may open what belongs to citizens of protected identity, by name."""
    query = select(User.name).join(Membership, Membership.user_id == User.id)
    mine = query.where(Membership.unit_id.in_(sorted(unit_ids)), User.is_active, User.sees_protected)
    return tuple(session.scalars(mine.distinct().order_by(User.name)))


def names_of(session: Session, user_ids: Collection[int]) -> dict[int, str]:
    """The names of people by id."""
    return {row.id: row.name for row in rows(session, _NAMES, {"user_ids": sorted(user_ids)})}


def all_staff(session: Session) -> list[User]:
    """Everybody who can log in or once could, by name."""
    return list(session.scalars(select(User).order_by(User.name, User.id)))
