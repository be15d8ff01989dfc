"""Who can be played and who can log in, read from the demo's own description: the console asks no database."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import demo

CONTENT = Path(demo.__file__).parent


@dataclass(frozen=True)
class Citizen:
    """Somebody to play; what they do not have is ""."""

    key: str
    name: str
    language: str
    email: str = ""
    phone: str = ""
    address: str = ""

    @property
    def first_name(self) -> str:
        """How the buttons name them."""
        return self.name.split()[0] if self.name.split() else self.name


@dataclass(frozen=True)
class Place:
    """A unit, or the authority's central door: where mail and calls can go."""

    key: str
    names: dict[str, str]
    mailbox: str
    phone: str

    def name(self, language: str) -> str:
        """The name in a language, else in English."""
        return self.names.get(language) or self.names.get("en", self.key)


@dataclass(frozen=True)
class LogIn:
    """A member of the demo's staff; `units` holds (unit key, role)."""

    name: str
    email: str
    is_admin: bool
    units: tuple[tuple[str, str], ...]


@cache
def citizens() -> tuple[Citizen, ...]:
    """The invented citizens of the demo."""
    return tuple(Citizen(**told) for told in _description()["citizens"])


@cache
def places() -> tuple[Place, ...]:
    """The units, and before them the central mailbox and number that are sorted by rules."""
    told = _description()
    central = Place("central", told["name"], told["central"]["mailbox"], told["central"]["phones"][0])
    return (central, *units())


@cache
def units() -> tuple[Place, ...]:
    """The units in the order of the description: newcomers begin at the first."""
    told = _description()["units"]
    return tuple(Place(unit["key"], unit["name"], unit["mailbox"], unit["phone"]) for unit in told)


@cache
def log_ins() -> tuple[LogIn, ...]:
    """Everybody who can log in, the administrator first."""
    return tuple(
        LogIn(
            user["name"],
            user["email"],
            bool(user.get("admin")),
            tuple((place["unit"], place["role"]) for place in user["memberships"]),
        )
        for user in _description()["users"]
    )


def somebody_of(unit_key: str, role: str) -> LogIn | None:
    """The first of the unit's staff in a role, or None."""
    return next((person for person in log_ins() if (unit_key, role) in person.units), None)


@cache
def _description() -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads((CONTENT / "authority.json").read_text("utf-8")))
