"""Passkeys are added, removed, and logged in with. Each challenge is good for one answer within ten minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import audit, doors, passkeys, steps
from app.accounts.login_models import LoginStep, Passkey
from app.accounts.models import User
from app.accounts.passkeys import Site
from app.accounts.policy import Viewer
from app.accounts.steps import Step
from app.core import clock
from app.core.errors import ConflictError, InvalidInputError, NotFoundError, TooManyError
from app.core.system import System
from app.flows.knock import knock

LONGEST_NAME = 60


@dataclass(frozen=True)
class Asked:
    """What the browser is asked for, and the key under which its answer is waited for."""

    key: str
    options: dict[str, Any]


def of_viewer(system: System, viewer: Viewer) -> list[Passkey]:
    """The viewer's passkeys, the newest first."""
    with system.db.read() as session:
        return _own(session, viewer.user_id)


def ask_for_new(system: System, viewer: Viewer, site: Site) -> Asked:
    """A challenge for a device of the viewer to make a key."""
    challenge = passkeys.new_challenge()
    with system.db.begin() as session:
        user, own = session.get_one(User, viewer.user_id), _own(session, viewer.user_id)
        handle = own[0].handle if own else passkeys.new_handle()
        data = {"challenge": challenge, "handle": handle}
        key = steps.begin(session, Step.PASSKEY_NEW, at=clock.now(), user_id=viewer.user_id, **data)
    known = [one.credential_id for one in own]
    options = passkeys.options_to_register(site, email=user.email, name=user.name, known=known, **data)
    return Asked(key, options)


def add(system: System, viewer: Viewer, site: Site, key: str, answer: Mapping[str, Any], *, name: str) -> int:
    """The new passkey's id. Raises InvalidInputError, and ConflictError for one that is known."""
    wanted = name.strip()
    if not wanted or len(wanted) > LONGEST_NAME:
        raise InvalidInputError({"name": "Give the passkey a name of at most 60 characters."})
    step = _taken(system, Step.PASSKEY_NEW, key)
    if step.user_id != viewer.user_id:
        raise _too_late()
    credential_id, public_key, count = passkeys.verified_new(site, answer, step.data["challenge"])
    at = clock.now()
    made = Passkey(
        user_id=viewer.user_id,
        credential_id=credential_id,
        handle=step.data["handle"],
        public_key=public_key,
        sign_count=count,
        name=wanted,
        created_at=at,
    )
    try:
        with system.db.begin() as session:
            session.add(made)
            session.flush()
            audit.note(session, "passkey_added", at=at, user_id=viewer.user_id, passkey=made.id)
            return made.id
    except IntegrityError as error:
        raise ConflictError("This passkey was added already.") from error


def remove(system: System, viewer: Viewer, passkey_id: int) -> None:
    """A passkey of the viewer opens nothing any more. Raises NotFoundError, also for another person's."""
    with system.db.begin() as session:
        key = session.get(Passkey, passkey_id)
        if key is None or key.user_id != viewer.user_id:
            raise NotFoundError("There is no such passkey.")
        session.delete(key)
        audit.note(session, "passkey_removed", at=clock.now(), user_id=viewer.user_id, passkey=passkey_id)


def ask_to_log_in(system: System, site: Site, *, place: str) -> Asked:
    """A challenge for whichever key of this site the device has. Raises TooManyError."""
    knock(system, doors.STEPS, place)
    at, secret_key, challenge = clock.now(), system.settings.secret_key, passkeys.new_challenge()
    with system.db.begin() as session:
        until = doors.held_until(session, doors.WRONG_LOGIN, place, at=at, secret_key=secret_key)
        if until is not None:
            raise TooManyError("Too many wrong log-ins.", until=until)
        key = steps.begin(session, Step.PASSKEY_LOGIN, at=at, challenge=challenge)
    return Asked(key, passkeys.options_to_log_in(site, challenge=challenge))


def log_in(system: System, site: Site, key: str, answer: Mapping[str, Any], *, place: str) -> int:
    """The person whose passkey answered the challenge. Raises InvalidInputError, which is counted against the place."""
    step = _taken(system, Step.PASSKEY_LOGIN, key)
    try:
        return _owner(system, site, answer, step.data["challenge"])
    except InvalidInputError:
        with system.db.begin() as session:
            doors.count(session, doors.WRONG_LOGIN, place, at=clock.now(), secret_key=system.settings.secret_key)
        raise


def _owner(system: System, site: Site, answer: Mapping[str, Any], challenge: str) -> int:
    """Whose key it was; its new sign count is kept, so that a copy with a lower one shows. Raises InvalidInputError."""
    with system.db.begin() as session:
        known = (Passkey.credential_id == str(answer.get("id")), User.is_active)
        query = select(Passkey).join(User, User.id == Passkey.user_id).where(*known)
        passkey = session.scalar(query.with_for_update(of=Passkey))
        if passkey is None:
            raise passkeys.unknown()
        passkey.sign_count = passkeys.verified_use(site, answer, challenge, passkey)
        passkey.used_at = clock.now()
        return passkey.user_id


def _own(session: Session, user_id: int) -> list[Passkey]:
    return list(session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id.desc())))


def _taken(system: System, kind: Step, key: str) -> LoginStep:
    """The step, used up whatever the answer is. Raises InvalidInputError when it is over."""
    with system.db.begin() as session:
        step = steps.take(session, kind, key, at=clock.now())
    if step is None:
        raise _too_late()
    return step


def _too_late() -> InvalidInputError:
    return InvalidInputError({"passkey": "It took too long. Try again."})
