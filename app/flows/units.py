"""The authority's units: added, changed and closed, with the topics of their tickets. Every change is audited."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import available_timezones

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import audit
from app.accounts.models import Membership, Unit
from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import ConflictError, InvalidInputError, NotFoundError
from app.core.system import System
from app.flows.administer import demand_administrator, demand_runner, demand_seen
from app.flows.contacts import is_whole_address
from app.routing.models import Rule
from app.sla.models import CalendarRow, PolicyRow
from app.sla.service import calendar_in_force, policy_in_force
from app.texts.catalogue import N_, SUPPORTED
from app.tickets.models import Ticket, Topic
from app.tickets.states import State
from channels.phone.numbers import normalise_number

LONGEST_NAME = 120


@dataclass(frozen=True)
class UnitFacts:
    """A unit as typed; `names` by language."""

    names: Mapping[str, str]
    language: str
    timezone: str
    mailbox: str
    phone: str
    postal_address: str


def add(system: System, viewer: Viewer, facts: UnitFacts, *, like: int) -> int:
    """A new unit with the opening hours and targets of the unit `like`; its id. Audited.

    Raises ForbiddenError, InvalidInputError naming each faulty field.
    """
    demand_administrator(viewer)
    with system.db.begin() as session:
        _check(session, system, facts, unit_id=None)
        if session.get(Unit, like) is None:
            raise InvalidInputError({"like": "Choose a unit."})
        unit = Unit(key=_free_key(session, facts))
        _write(system, unit, facts)
        session.add(unit)
        session.flush()
        _promise_like(session, unit, like)
        audit.note(session, "unit_added", at=clock.now(), user_id=viewer.user_id, unit=unit.id, like=like)
        return unit.id


def change(system: System, viewer: Viewer, unit_id: int, facts: UnitFacts, *, seen: str | None = None) -> None:
    """Change a unit. Audited with what was before. `seen` is the digest that the form showed.

    Raises ForbiddenError, NotFoundError, InvalidInputError naming each faulty field, ConflictError.
    """
    demand_administrator(viewer)
    with system.db.begin() as session:
        unit = _unit(session, unit_id, is_held=True)
        demand_seen(seen, facts_of(unit))
        _check(session, system, facts, unit_id=unit_id)
        before = facts_of(unit)
        _write(system, unit, facts)
        if unit.timezone != before["timezone"]:
            _keep_hours(session, unit)
        changed = [name for name, value in facts_of(unit).items() if value != before[name]]
        if changed:
            was, now = ({name: told[name] for name in changed} for told in (before, facts_of(unit)))
            audit.note(
                session, "unit_changed", at=clock.now(), user_id=viewer.user_id, unit=unit_id, before=was, now=now
            )


def close(system: System, viewer: Viewer, unit_id: int) -> None:
    """The unit takes no tickets any more. Audited.

    Raises ForbiddenError, NotFoundError, and ConflictError while it has open tickets, people or routing rules, or is
    the last one.
    """
    demand_administrator(viewer)
    with system.db.begin() as session:
        unit = _unit(session, unit_id)
        if why_not := _still_needed(session, unit_id):
            raise ConflictError(why_not)
        unit.closed_at = clock.now()
        audit.note(session, "unit_changed", at=clock.now(), user_id=viewer.user_id, unit=unit_id, closed=True)


def reopen(system: System, viewer: Viewer, unit_id: int) -> None:
    """The unit takes tickets again. Audited. Raises ForbiddenError, NotFoundError."""
    demand_administrator(viewer)
    with system.db.begin() as session:
        _unit(session, unit_id).closed_at = None
        audit.note(session, "unit_changed", at=clock.now(), user_id=viewer.user_id, unit=unit_id, closed=False)


def save_topic(
    system: System, viewer: Viewer, unit_id: int, names: Mapping[str, str], *, topic_id: int | None = None
) -> int:
    """Add a topic to a unit's list, or rename one; its id. Audited.

    Raises ForbiddenError for who is not its head, NotFoundError, InvalidInputError naming the faulty language.
    """
    demand_runner(viewer, unit_id)
    named = _names(names)
    with system.db.begin() as session:
        _unit(session, unit_id)
        topic = _topic(session, unit_id, topic_id) if topic_id is not None else Topic(unit_id=unit_id)
        if topic_id is None:
            topic.key = _free_topic_key(session, unit_id, named)
        topic.names = named
        session.add(topic)
        session.flush()
        action = "topic_added" if topic_id is None else "topic_changed"
        audit.note(session, action, at=clock.now(), user_id=viewer.user_id, unit=unit_id, topic=topic.id)
        return topic.id


def retire_topic(system: System, viewer: Viewer, unit_id: int, topic_id: int, *, is_retired: bool) -> None:
    """The topic is offered no more, or again; tickets that have it keep it. Audited. Raises as `save_topic`."""
    demand_runner(viewer, unit_id)
    with system.db.begin() as session:
        _topic(session, unit_id, topic_id).is_retired = is_retired
        at, by = clock.now(), viewer.user_id
        audit.note(session, "topic_changed", at=at, user_id=by, unit=unit_id, topic=topic_id, retired=is_retired)


def facts_of(unit: Unit) -> dict[str, object]:
    """A unit's facts as they are kept."""
    plain = ("language", "timezone", "mailbox", "phone", "postal_address")
    return {"names": dict(unit.names), **{name: getattr(unit, name) for name in plain}}


def _unit(session: Session, unit_id: int, *, is_held: bool = False) -> Unit:
    unit = session.get(Unit, unit_id, with_for_update=is_held)
    if unit is None:
        raise NotFoundError("There is no such unit.")
    return unit


def _topic(session: Session, unit_id: int, topic_id: int) -> Topic:
    topic = session.get(Topic, topic_id)
    if topic is None or topic.unit_id != unit_id:
        raise NotFoundError("There is no such topic.")
    return topic


def _check(session: Session, system: System, facts: UnitFacts, *, unit_id: int | None) -> None:
    faults = _name_faults(facts.names)
    mailbox = facts.mailbox.strip().lower()
    taken = session.scalar(select(Unit.id).where(Unit.mailbox == mailbox))
    if facts.language not in SUPPORTED:
        faults["language"] = "Choose one of the languages."
    if facts.timezone not in available_timezones():
        faults["timezone"] = N_("Choose one of the time zones.")
    if not is_whole_address(mailbox):
        faults["mailbox"] = N_("Write a whole e-mail address.")
    elif taken not in {None, unit_id}:
        faults["mailbox"] = N_("Another unit answers from this address.")
    if facts.phone.strip() and normalise_number(facts.phone, system.settings.phone_region) is None:
        faults["phone"] = N_("This is no telephone number.")
    if not 0 < len(facts.postal_address.strip()) <= 400:
        faults["postal_address"] = N_("Write the postal address, at most 400 characters.")
    if faults:
        raise InvalidInputError(faults)


def _name_faults(names: Mapping[str, str]) -> dict[str, str]:
    return {
        f"name-{tag}": N_("Write a name of at most 120 characters.")
        for tag in SUPPORTED
        if not 0 < len(names.get(tag, "").strip()) <= LONGEST_NAME
    }


def _names(names: Mapping[str, str]) -> dict[str, str]:
    if faults := _name_faults(names):
        raise InvalidInputError(faults)
    return {tag: " ".join(names[tag].split()) for tag in SUPPORTED}


def _write(system: System, unit: Unit, facts: UnitFacts) -> None:
    unit.names = _names(facts.names)
    unit.language, unit.timezone, unit.mailbox = facts.language, facts.timezone, facts.mailbox.strip().lower()
    unit.phone = normalise_number(facts.phone, system.settings.phone_region) or ""
    unit.postal_address = facts.postal_address.strip()


def _promise_like(session: Session, unit: Unit, like: int) -> None:
    _keep_hours(session, unit, of=like)
    if (policy := policy_in_force(session, like)) is not None:
        session.add(PolicyRow(unit_id=unit.id, created_at=clock.now(), data=policy.data))


def _keep_hours(session: Session, unit: Unit, *, of: int | None = None) -> None:
    """The opening hours that the unit had, or those `of` another one, by its clock on the wall from now on."""
    if (calendar := calendar_in_force(session, of or unit.id)) is not None:
        data = {**calendar.data, "tz": unit.timezone}
        session.add(CalendarRow(unit_id=unit.id, created_at=clock.now(), data=data))


def _still_needed(session: Session, unit_id: int) -> str:
    """Why a unit cannot be closed; "" when it can."""
    is_open = select(Ticket.id).where(Ticket.unit_id == unit_id, Ticket.state != State.RESOLVED).limit(1)
    if session.scalar(is_open) is not None:
        return N_("The unit has open tickets: move or resolve them first.")
    if session.scalar(select(Membership.id).where(Membership.unit_id == unit_id).limit(1)) is not None:
        return N_("People work in the unit: take it from them first.")
    if session.scalar(select(Rule.id).where(Rule.unit_id == unit_id).limit(1)) is not None:
        return N_("The routing leads to the unit: change the rules first.")
    others = select(Unit.id).where(Unit.id != unit_id, Unit.closed_at.is_(None)).limit(1)
    return "" if session.scalar(others) is not None else N_("The authority needs a unit.")


def _free_key(session: Session, facts: UnitFacts) -> str:
    known = set(session.scalars(select(Unit.key)))
    return _free(_slug(facts.names.get("en", "")) or "unit", known)


def _free_topic_key(session: Session, unit_id: int, names: Mapping[str, str]) -> str:
    known = set(session.scalars(select(Topic.key).where(Topic.unit_id == unit_id)))
    return _free(_slug(names["en"]) or "topic", known)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50]


def _free(wanted: str, known: set[str]) -> str:
    names = (wanted, *(f"{wanted}-{number}" for number in range(2, len(known) + 3)))
    return next(name for name in names if name not in known)
