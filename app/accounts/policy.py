"""Who may see and do what. Pure: facts about a person and a ticket's units in, yes or no out.

Agents and heads work on the tickets that their units hold and read those that they held. Administrators configure;
a ticket they open only with a reason that is logged.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from app.accounts.models import Role


@dataclass(frozen=True)
class Viewer:
    """A logged-in person, as far as rights go. `units` are all units they work in, `headed` those they answer for."""

    user_id: int
    name: str
    language: str
    is_admin: bool = False
    units: frozenset[int] = frozenset()
    headed: frozenset[int] = frozenset()
    opened: frozenset[int] = field(default=frozenset())
    """tickets that an administrator has opened with a reason in this session"""
    single_keys: bool = True
    sees_protected: bool = False
    """one of those named to open what belongs to citizens of protected identity"""
    cleared: frozenset[int] = field(default=frozenset())
    """citizens of protected identity that they have opened with a reason in this session"""


def viewer_roles(roles: Collection[tuple[int, str]]) -> tuple[frozenset[int], frozenset[int]]:
    """(units, headed units) from (unit id, role) pairs."""
    units = frozenset(unit for unit, _ in roles)
    return units, frozenset(unit for unit, role in roles if role == Role.HEAD)


def may_read(viewer: Viewer, ticket_id: int, *, holder: int, held_by: Collection[int]) -> bool:
    """Whether the person may read a ticket now held by unit `holder` and ever held by `held_by`."""
    return holder in viewer.units or not viewer.units.isdisjoint(held_by) or ticket_id in viewer.opened


def may_work(viewer: Viewer, *, holder: int) -> bool:
    """Whether the person may answer, assign, move and close a ticket held by unit `holder`."""
    return holder in viewer.units


def may_see_person(viewer: Viewer, person_id: int, protection: str) -> bool:
    """Whether the person may see who a citizen is: anybody may, unless `protection` says that it is protected."""
    return not protection or (viewer.sees_protected and person_id in viewer.cleared)


def may_report(viewer: Viewer, unit_id: int) -> bool:
    """Whether the person may see a unit's figures: its agents and its head."""
    return unit_id in viewer.units


def may_word(viewer: Viewer, unit_id: int | None) -> bool:
    """Whether the person keeps the texts of a unit: its head, and administrators, who also keep those of all (None)."""
    return viewer.is_admin or (unit_id is not None and unit_id in viewer.headed)


def may_run(viewer: Viewer, unit_id: int) -> bool:
    """Whether the person arranges how a unit works, such as when it is open: its head, and administrators."""
    return viewer.is_admin or unit_id in viewer.headed
