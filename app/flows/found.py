"""Sets up an authority from a description: its units with calendars, targets and topics, its staff, its rules.

Everything is found again by its key: the same description may be loaded twice. `docs/authority.md` shows the form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.models import Authority, Membership, Unit, User
from app.accounts.passwords import hash_password
from app.core import clock
from app.core.system import System
from app.people import service as people
from app.people.models import ContactKind, ContactPoint, Person
from app.routing.models import Rule
from app.sla.calendar import Calendar
from app.sla.facts import Metric, Target
from app.sla.holiday_seed import calendar_data
from app.sla.models import CalendarRow, PolicyRow
from app.sla.policy import NO_PROMISE, Policy, Promise
from app.sla.service import calendar_in_force, policy_in_force
from app.tickets.models import Topic

Description = Mapping[str, Any]


def found(system: System, description: Description, *, password: str) -> None:
    """Write the description into the database; new members of staff get `password`."""
    at = clock.now()
    password_hash = hash_password(password)
    with system.db.begin() as session:
        session.merge(Authority(id=1, names=description["name"], domain=description["domain"]))
        units = {unit["key"]: _unit(session, unit, at) for unit in description["units"]}
        for user in description["users"]:
            _user(session, user, units, password_hash)
        for citizen in description["citizens"]:
            _citizen(session, citizen, at)
        _rules(session, description["routing"], units)


def _unit(session: Session, told: Description, at: datetime) -> Unit:
    unit = session.scalar(select(Unit).where(Unit.key == told["key"])) or Unit(key=told["key"])
    unit.names, unit.language, unit.timezone = told["name"], told["language"], told["timezone"]
    unit.mailbox, unit.phone, unit.postal_address = told["mailbox"].lower(), told["phone"], told["address"]
    session.add(unit)
    session.flush()
    _calendar(session, unit, told["calendar"], at)
    _policy(session, unit, told["targets"], at)
    for topic in told["topics"]:
        _topic(session, unit, topic)
    return unit


def _calendar(session: Session, unit: Unit, told: Description, at: datetime) -> None:
    """The unit's hours with its country's holidays from last year to the year after next; a change is a new row."""
    data = calendar_data(
        told["week"],
        told.get("closed", {}),
        told.get("special", {}),
        told["holidays"],
        range(at.year - 1, at.year + 3),
        tz=unit.timezone,
    )
    Calendar.from_data(data)  # raises CalendarError naming every fault
    row = calendar_in_force(session, unit.id)
    if row is None or row.data != data:
        session.add(CalendarRow(unit_id=unit.id, created_at=at, data=data))


def _policy(session: Session, unit: Unit, targets: Iterable[Description], at: datetime) -> None:
    promises = {
        (told["channel"], Metric(told["metric"])): Promise(Target.from_data(told), told["share"]) for told in targets
    }
    row = policy_in_force(session, unit.id)
    kept = Policy.from_data(row.data) if row else NO_PROMISE
    policy = replace(kept, promises={**kept.promises, **promises})
    if policy != kept:
        session.add(PolicyRow(unit_id=unit.id, created_at=at, data=policy.to_data()))


def _topic(session: Session, unit: Unit, told: Description) -> None:
    query = select(Topic).where(Topic.unit_id == unit.id, Topic.key == told["key"])
    row = session.scalar(query) or Topic(unit_id=unit.id, key=told["key"])
    row.names = told["name"]
    session.add(row)


def _user(session: Session, told: Description, units: Mapping[str, Unit], password_hash: str) -> None:
    email = told["email"].lower()
    user = session.scalar(select(User).where(User.email == email)) or User(email=email, password_hash=password_hash)
    user.name, user.language, user.is_admin = told["name"], told["language"], bool(told.get("admin"))
    user.sees_protected = bool(told.get("protected"))
    user.extension = told.get("extension")
    session.add(user)
    session.flush()
    session.execute(delete(Membership).where(Membership.user_id == user.id))
    for place in told["memberships"]:
        session.add(Membership(user_id=user.id, unit_id=units[place["unit"]].id, role=place["role"]))


def _citizen(session: Session, told: Description, at: datetime) -> None:
    contacts = {
        ContactKind.EMAIL: told.get("email", ""),
        ContactKind.PHONE: told.get("phone", ""),
        ContactKind.POSTAL: people.address_lines(told.get("address", "")),
    }
    contacts = {kind: value for kind, value in contacts.items() if value}
    if people.recognise(session, contacts, name=told["name"]) is not None:
        return
    person = Person(name=told["name"], language=told["language"], created_at=at)
    person.contacts = [ContactPoint(kind=kind, value=value, created_at=at) for kind, value in contacts.items()]
    session.add(person)


def _rules(session: Session, told: list[Description], units: Mapping[str, Unit]) -> None:
    session.execute(delete(Rule))
    for rule in told:
        unit = units[rule["unit"]] if rule.get("unit") else None
        session.add(
            Rule(
                position=rule["position"],
                kind=rule["kind"],
                value=rule.get("value", ""),
                language=rule.get("language"),
                unit_id=unit.id if unit else None,
                topic_key=rule.get("topic"),
            )
        )
