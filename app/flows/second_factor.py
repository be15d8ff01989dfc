"""A person sets up the app that shows them codes, or does without it again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import audit, doors, one_time_codes
from app.accounts.login_models import SecondFactor
from app.accounts.models import LoginSession, User, Way
from app.accounts.passwords import LONGEST, is_right
from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import ConflictError, InvalidInputError, TooManyError
from app.core.system import System
from app.flows.log_in import demands_second


@dataclass(frozen=True)
class Standing:
    """How a person stands: on since an instant, or being set up with a secret, or neither."""

    since: datetime | None = None
    codes_left: int = 0
    secret: str = ""
    address: str = ""
    """what the QR code holds while it is being set up"""


def standing(system: System, viewer: Viewer) -> Standing:
    """How the viewer stands with the second factor."""
    with system.db.read() as session:
        factor = session.get(SecondFactor, viewer.user_id)
        if factor is None:
            return Standing()
        if factor.confirmed_at is not None:
            return Standing(factor.confirmed_at, one_time_codes.recovery_codes_left(session, viewer.user_id))
        secret = one_time_codes.opened(factor.secret, system.settings.secret_key)
        email = session.get_one(User, viewer.user_id).email
    return Standing(secret=secret, address=one_time_codes.address(secret, email)) if secret else Standing()


def begin(system: System, viewer: Viewer) -> None:
    """A new secret to set up an app with; nothing is asked for until `confirm`. Raises ConflictError when one is on."""
    with suppress(IntegrityError), system.db.begin() as session:  # a double click: one of the two secrets will do
        factor = session.get(SecondFactor, viewer.user_id, with_for_update=True)
        if factor is not None and factor.confirmed_at is not None:
            raise ConflictError("Your second factor is set up already.")
        secret = one_time_codes.new_secret(system.settings.secret_key)
        if factor is None:
            session.add(SecondFactor(user_id=viewer.user_id, secret=secret))
        else:
            factor.secret, factor.last_step = secret, 0


def confirm(system: System, viewer: Viewer, code: str, *, login_id: int) -> list[str]:
    """The first code of the app turns it on; the recovery codes, which nobody can read again.

    The viewer's other log-ins that rest on the password alone end. Raises ConflictError when nothing is being set up,
    and InvalidInputError for a wrong code.
    """
    at, key = clock.now(), system.settings.secret_key
    with system.db.begin() as session:
        factor = session.get(SecondFactor, viewer.user_id, with_for_update=True)
        if factor is None or factor.confirmed_at is not None:
            raise ConflictError("Nothing is being set up. Begin again.")
        step = one_time_codes.fits(factor, code, at=at, secret_key=key)
        if step is None:
            raise InvalidInputError({"code": "This is not the code that belongs to the picture. Type the newest one."})
        factor.confirmed_at, factor.last_step = at, step
        _rests_on_code(session, viewer.user_id, login_id, at=at)
        audit.note(session, "second_factor_on", at=at, user_id=viewer.user_id)
        return one_time_codes.make_recovery_codes(session, viewer.user_id, secret_key=key)


def turn_off(system: System, viewer: Viewer, password: str) -> None:
    """The viewer logs in without codes from now on.

    Raises InvalidInputError for a wrong password, TooManyError, and ConflictError where the authority wants one.
    """
    if demands_second(system, is_admin=viewer.is_admin):
        raise ConflictError("Your authority wants a second factor of you.")
    _demand_password(system, viewer, password)
    with system.db.begin() as session:
        if one_time_codes.active(session, viewer.user_id, lock=True) is None:
            raise ConflictError("Your second factor is off already.")
        forget_factor(session, viewer.user_id)
        audit.note(session, "second_factor_off", at=clock.now(), user_id=viewer.user_id)


def renew_codes(system: System, viewer: Viewer, password: str) -> list[str]:
    """New recovery codes; the earlier ones open nothing. Raises as `turn_off` does."""
    _demand_password(system, viewer, password)
    with system.db.begin() as session:
        if one_time_codes.active(session, viewer.user_id, lock=True) is None:
            raise ConflictError("Set up the second factor first.")
        audit.note(session, "recovery_codes_made", at=clock.now(), user_id=viewer.user_id)
        return one_time_codes.make_recovery_codes(session, viewer.user_id, secret_key=system.settings.secret_key)


def forget_factor(session: Session, user_id: int) -> None:
    """Neither the app of a person nor their recovery codes open anything any more."""
    one_time_codes.forget_recovery_codes(session, user_id)
    session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))


def _rests_on_code(session: Session, user_id: int, login_id: int, *, at: datetime) -> None:
    """This log-in has shown both factors; those of the person that have not are over, whoever sits there."""
    by_password = (LoginSession.user_id == user_id, LoginSession.way == Way.PASSWORD, LoginSession.revoked_at.is_(None))
    this = update(LoginSession).where(*by_password, LoginSession.id == login_id)
    session.execute(this.values(way=Way.CODE))
    session.execute(update(LoginSession).where(*by_password).values(revoked_at=at))


def _demand_password(system: System, viewer: Viewer, password: str) -> None:
    at, key, door = clock.now(), system.settings.secret_key, doors.OWN_PASSWORD
    with system.db.read() as session:
        until = doors.held_until(session, door, viewer.user_id, at=at, secret_key=key)
        if until is not None:
            raise TooManyError("Too many wrong passwords.", until=until)
        kept = session.get_one(User, viewer.user_id).password_hash
    if not is_right(kept, password[:LONGEST]):
        with system.db.begin() as session:
            doors.count(session, door, viewer.user_id, at=at, secret_key=key)
        raise InvalidInputError({"password": "This is not your password."})
