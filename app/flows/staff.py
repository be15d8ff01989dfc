"""Adds members of staff, changes their passwords and takes lost factors from them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts import audit, sessions
from app.accounts.login_models import OutsideIdentity, Passkey
from app.accounts.models import Membership, Role, Unit, User
from app.accounts.passwords import hash_password
from app.core import clock
from app.core.errors import InvalidInputError, NotFoundError
from app.core.system import System
from app.flows.second_factor import forget_factor


@dataclass(frozen=True)
class NewUser:
    """A person to add; `units` are unit keys, with ":head" behind those they answer for."""

    email: str
    name: str
    language: str
    is_admin: bool = False
    units: tuple[str, ...] = ()


def add_user(system: System, new: NewUser, *, password: str) -> int:
    """The new person's id. Raises InvalidInputError for a short password, a known address or an unknown unit."""
    with system.db.begin() as session:
        email = new.email.strip().lower()
        if session.scalar(select(User.id).where(User.email == email)) is not None:
            raise InvalidInputError({"email": "Somebody has this address already."})
        user = User(
            email=email,
            name=new.name,
            language=new.language,
            is_admin=new.is_admin,
            password_hash=hash_password(password),
        )
        user.memberships = [_membership(session, place) for place in new.units]
        session.add(user)
        session.flush()
        audit.note(session, "user_added", at=clock.now(), user_id=None, added=user.id)
        return user.id


def set_password(system: System, email: str, password: str) -> None:
    """Change a person's password and end their log-ins. Raises NotFoundError, InvalidInputError."""
    with system.db.begin() as session:
        user = session.scalar(select(User).where(User.email == email.strip().lower()))
        if user is None:
            raise NotFoundError("Nobody has this address.")
        user.password_hash = hash_password(password)
        sessions.end_all(session, user.id, at=clock.now())
        audit.note(session, "password_changed", at=clock.now(), user_id=None, changed=user.id)


def forget_factors(system: System, email: str, *, by: int | None = None) -> None:
    """Take app, recovery codes, passkeys and outside identity from a person who lost them; their log-ins end.

    `by` is the administrator, None = a command at the machine. Raises NotFoundError.
    """
    with system.db.begin() as session:
        user = session.scalar(select(User).where(User.email == email.strip().lower()))
        if user is None:
            raise NotFoundError("Nobody has this address.")
        forget_factor(session, user.id)
        for table in (Passkey, OutsideIdentity):
            session.execute(delete(table).where(table.user_id == user.id))
        sessions.end_all(session, user.id, at=clock.now())
        audit.note(session, "factors_forgotten", at=clock.now(), user_id=by, changed=user.id)


def _membership(session: Session, place: str) -> Membership:
    key, _, role = place.partition(":")
    unit_id = session.scalar(select(Unit.id).where(Unit.key == key))
    if unit_id is None or role not in {"", *Role}:
        raise InvalidInputError({"unit": f"There is no unit or role {place}."})
    return Membership(unit_id=unit_id, role=role or Role.AGENT)
