"""Who works here: people are invited, changed, and leave. Every change is audited, none needs the person's password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import audit, links, sessions
from app.accounts.models import Membership, Role, Unit, User
from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import InvalidInputError, NotFoundError
from app.core.nudge import Queue
from app.core.system import System
from app.flows import staff
from app.flows.access_links import queue_link
from app.flows.administer import demand_administrator, demand_seen
from app.flows.contacts import is_whole_address
from app.texts.catalogue import N_, SUPPORTED


@dataclass(frozen=True)
class PersonFacts:
    """A person as typed; `places` are the roles by unit id."""

    name: str
    email: str
    language: str
    extension: str = ""
    is_admin: bool = False
    sees_protected: bool = False
    places: Mapping[int, str] = field(default_factory=dict)


def invite(system: System, viewer: Viewer, facts: PersonFacts) -> int:
    """Add a person, who gets a link to choose a password by; their id. Audited.

    Raises ForbiddenError, InvalidInputError naming each faulty field.
    """
    demand_administrator(viewer)
    with system.db.begin() as session:
        _check(session, facts, user_id=None)
        user = User(password_hash="")
        _write(session, user, facts)
        queue_link(session, user, by=viewer.user_id)
        user_id = user.id
    system.nudge(Queue.OUTBOX)
    return user_id


def change(system: System, viewer: Viewer, user_id: int, facts: PersonFacts, *, seen: str | None = None) -> None:
    """Change a person, their units and roles. Audited with what was before. `seen` is the digest that the form showed.

    Raises ForbiddenError, NotFoundError, InvalidInputError naming each faulty field, ConflictError.
    """
    demand_administrator(viewer)
    with system.db.begin() as session:
        user = _person(session, user_id, is_held=True)
        demand_seen(seen, facts_of(user))
        _check(session, facts, user_id=user_id)
        if user.is_admin and not facts.is_admin and not _is_other_admin(session, user_id):
            raise InvalidInputError({"is_admin": N_("Somebody must be administrator: name another one first.")})
        before = facts_of(user)
        _write(session, user, facts)
        changed = {name: value for name, value in before.items() if value != facts_of(user)[name]}
        if changed:
            now = {name: facts_of(user)[name] for name in changed}
            audit.note(
                session, "user_changed", at=clock.now(), user_id=viewer.user_id, about=user_id, before=changed, now=now
            )


def leave(system: System, viewer: Viewer, user_id: int) -> None:
    """Close a person's account: their log-ins and links end at once. Their tickets are handed over apart. Audited.

    Raises ForbiddenError, NotFoundError, InvalidInputError for oneself and the last administrator.
    """
    demand_administrator(viewer)
    with system.db.begin() as session:
        user = _person(session, user_id)
        if user_id == viewer.user_id:
            raise InvalidInputError({"": N_("You cannot close your own account.")})
        if user.is_admin and not _is_other_admin(session, user_id):
            raise InvalidInputError({"": N_("Somebody must be administrator: name another one first.")})
        at = clock.now()
        user.is_active = False
        sessions.end_all(session, user_id, at=at)
        links.end(session, user_id, at=at)
        audit.note(session, "user_left", at=at, user_id=viewer.user_id, about=user_id)


def come_back(system: System, viewer: Viewer, user_id: int) -> None:
    """Open a person's account again; they choose a new password by a link. Audited. Raises ForbiddenError."""
    demand_administrator(viewer)
    with system.db.begin() as session:
        user = _person(session, user_id)
        if user.is_active:
            return
        user.is_active, user.password_hash = True, ""
        audit.note(session, "user_back", at=clock.now(), user_id=viewer.user_id, about=user_id)
        queue_link(session, user, by=viewer.user_id)
    system.nudge(Queue.OUTBOX)


def forget_factors(system: System, viewer: Viewer, user_id: int) -> None:
    """A person who lost telephone or key logs in by password alone again. Audited. Raises ForbiddenError."""
    demand_administrator(viewer)
    with system.db.read() as session:
        email = _person(session, user_id).email
    staff.forget_factors(system, email, by=viewer.user_id)


def _person(session: Session, user_id: int, *, is_held: bool = False) -> User:
    user = session.get(User, user_id, with_for_update=is_held)
    if user is None:
        raise NotFoundError("There is no such person.")
    return user


def _check(session: Session, facts: PersonFacts, *, user_id: int | None) -> None:
    faults: dict[str, str] = {}
    email = facts.email.strip().lower()
    if not 0 < len(facts.name.strip()) <= 120:
        faults["name"] = N_("Write a name of at most 120 characters.")
    if not is_whole_address(email) or len(email) > 255:
        faults["email"] = N_("Write a whole e-mail address.")
    elif (session.scalar(select(User.id).where(func.lower(User.email) == email)) or user_id) != user_id:
        faults["email"] = "Somebody has this address already."
    if facts.language not in SUPPORTED:
        faults["language"] = "Choose one of the languages."
    known = set(session.scalars(select(Unit.id).where(Unit.id.in_(sorted(facts.places)))))
    if set(facts.places) - known or set(facts.places.values()) - set(Role):
        faults["places"] = N_("Choose units and roles of the list.")
    if faults:
        raise InvalidInputError(faults)


def _write(session: Session, user: User, facts: PersonFacts) -> None:
    user.name, user.email = " ".join(facts.name.split()), facts.email.strip().lower()
    user.language, user.extension = facts.language, facts.extension.strip()[:40] or None
    user.is_admin, user.sees_protected = facts.is_admin, facts.sees_protected
    session.add(user)
    session.flush()
    had = {place.unit_id: place for place in user.memberships}
    for unit_id, place in had.items():
        if unit_id not in facts.places:
            session.delete(place)
    for unit_id, role in facts.places.items():
        if unit_id in had:
            had[unit_id].role = role
        else:
            session.add(Membership(user_id=user.id, unit_id=unit_id, role=role))
    session.flush()
    session.expire(user, ["memberships"])


def facts_of(user: User) -> dict[str, object]:
    """A person's facts as they are kept."""
    return {
        "name": user.name,
        "email": user.email,
        "language": user.language,
        "extension": user.extension,
        "is_admin": user.is_admin,
        "sees_protected": user.sees_protected,
        "places": {str(place.unit_id): place.role for place in user.memberships},
    }


def _is_other_admin(session: Session, user_id: int) -> bool:
    others = select(User.id).where(User.is_admin, User.is_active, User.id != user_id)
    return session.scalar(others.limit(1)) is not None
