"""Somebody logs in: by password, by password and code, by passkey, or by the authority's own log-in service.

Whatever the way, it ends in `open_desk`. Until then there is at most a step, which opens nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import audit, doors, failed_logins, one_time_codes, sessions, steps
from app.accounts.doors import Door
from app.accounts.login_models import Passkey, SecondFactor
from app.accounts.models import User, Way
from app.accounts.passwords import LONGEST, is_right
from app.accounts.steps import Step
from app.accounts.tuning import tuned
from app.core import clock
from app.core.errors import ForbiddenError, InvalidInputError, NotFoundError, TooManyError
from app.core.system import System
from app.texts.catalogue import N_


@dataclass(frozen=True)
class Passed:
    """Who knew the password. With a `step`, a code is still to come and the desk stays shut."""

    user_id: int
    language: str
    step: str = ""


def by_password(system: System, email: str, password: str, *, place: str) -> Passed:
    """Who belongs to a right pair; `place` is the browser's network address.

    An unknown name takes as long as a wrong password. Raises InvalidInputError, TooManyError, and ForbiddenError for
    those whom a passkey alone lets in.
    """
    at, key = clock.now(), system.settings.secret_key
    with system.db.read() as session:
        ends = (
            failed_logins.held_until(session, email, place=place, at=at),
            doors.held_until(session, doors.WRONG_LOGIN, place, at=at, secret_key=key),
        )
        _refuse_until(ends, N_("Too many wrong passwords."))
        user = session.scalar(select(User).where(func.lower(User.email) == email.lower(), User.is_active))
    fits = is_right(user.password_hash if user else None, password[:LONGEST])
    with system.db.begin() as session:
        if user is not None and fits:
            failed_logins.forget(session, email, place=place)
            return _passed(session, system, user, at)
        failed_logins.note(session, email, place=place, at=at)
        doors.count(session, doors.WRONG_LOGIN, place, at=at, secret_key=key)
    raise InvalidInputError({"password": "The address and the password do not belong together."})


def by_code(system: System, step_key: str, code: str, *, place: str) -> int:
    """The person whose code it was, from the app or one of the recovery codes; none opens twice.

    Raises NotFoundError when the step is over, InvalidInputError for a wrong code and TooManyError.
    """
    at, key = clock.now(), system.settings.secret_key
    with system.db.begin() as session:
        step = steps.look(session, Step.CODE, step_key, at=at)
        factor = one_time_codes.active(session, step.user_id, lock=True) if step and step.user_id else None
        if step is None or factor is None:
            raise NotFoundError("It took too long. Begin again with your password.")
        tried = _tried(factor.user_id, place)
        ends = [doors.held_until(session, door, who, at=at, secret_key=key) for door, who in tried]
        _refuse_until(ends, N_("Too many wrong codes."))
        if _opens(session, system, factor, code, at):
            steps.take(session, Step.CODE, step_key, at=at)
            doors.forget(session, doors.WRONG_CODE, factor.user_id, secret_key=key)
            return factor.user_id
        for door, who in tried:
            doors.count(session, door, who, at=at, secret_key=key)
    raise InvalidInputError({"code": "This code does not open. Type the one that your app shows now."})


def asked_for_code(system: System, step_key: str) -> User | None:
    """The person who is asked for a code; None when the step is over."""
    with system.db.read() as session:
        step = steps.look(session, Step.CODE, step_key, at=clock.now())
        return session.get(User, step.user_id) if step else None


def open_desk(system: System, user_id: int, *, way: Way, browser: str) -> str:
    """The key of a new session. Raises ForbiddenError for somebody who has left meanwhile."""
    with system.db.begin() as session:
        if not session.get_one(User, user_id).is_active:
            raise ForbiddenError("This account is closed. Ask the administrator.")
        hours = tuned(session, system.settings).session_hours
        return sessions.start(session, user_id, at=clock.now(), hours=hours, browser=browser, way=way)


def must_set_up(system: System, way: str, *, is_admin: bool) -> bool:
    """Whether a log-in opens nothing but the settings of the second factor: it rests on a password that must not do."""
    return way == Way.PASSWORD and demands_second(system, is_admin=is_admin)


def demands_second(system: System, *, is_admin: bool) -> bool:
    """Whether the authority wants a second factor of such a person."""
    wanted = system.settings.second_factor
    return wanted == "all" or (wanted == "administrators" and is_admin)


def _passed(session: Session, system: System, user: User, at: datetime) -> Passed:
    if one_time_codes.active(session, user.id):
        return Passed(user.id, user.language, steps.begin(session, Step.CODE, at=at, user_id=user.id))
    if demands_second(system, is_admin=user.is_admin) and _has_passkey(session, user.id):
        raise ForbiddenError("Your account needs a second factor: log in with your passkey.")
    return Passed(user.id, user.language)


def _has_passkey(session: Session, user_id: int) -> bool:
    return session.scalar(select(Passkey.id).where(Passkey.user_id == user_id).limit(1)) is not None


def _tried(user_id: int, place: str) -> tuple[tuple[Door, object], ...]:
    """Under what a wrong code is counted."""
    return (doors.WRONG_CODE, user_id), (doors.WRONG_CODE_A_DAY, user_id), (doors.WRONG_CODE_FROM, place)


def _opens(session: Session, system: System, factor: SecondFactor, code: str, at: datetime) -> bool:
    key = system.settings.secret_key
    step = one_time_codes.fits(factor, code, at=at, secret_key=key)
    if step is not None:
        factor.last_step = step
        return True
    if one_time_codes.use_recovery_code(session, factor.user_id, code, at=at, secret_key=key):
        left = one_time_codes.recovery_codes_left(session, factor.user_id)
        audit.note(session, "recovery_code_used", at=at, user_id=factor.user_id, left=left)
        return True
    return False


def _refuse_until(ends: Iterable[datetime | None], message: str) -> None:
    until = max((end for end in ends if end), default=None)
    if until is not None:
        raise TooManyError(message, until=until)
