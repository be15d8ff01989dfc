"""Logging in while others do: tries are counted by all processes together, and what opens once opens once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
import time_machine
from sqlalchemy import func, select

from app.accounts import doors, one_time_codes, steps
from app.accounts.doors import Door
from app.accounts.login_models import DoorCount, LoginStep, SecondFactor
from app.accounts.steps import Step
from app.core import clock
from app.core.db import Database
from app.core.errors import InvalidInputError, NotFoundError, TooManyError
from app.core.system import System
from app.flows.knock import forget_old, knock
from app.flows.log_in import by_code
from tests.factories import MONDAY, Authority

FORM = Door("form", 3)


@pytest.fixture
def time() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def at_once(system: System, do: Callable[[System], object], times: int) -> list[object]:
    """What `times` calls answer that run at the same time, each with connections of its own as processes have."""
    systems = [System(system.settings, Database(system.settings.database_url)) for _ in range(times)]

    def one(own: System) -> object:
        try:
            return do(own)
        except (InvalidInputError, NotFoundError, TooManyError) as error:
            return type(error)

    with ThreadPoolExecutor(times) as pool:
        answers = list(pool.map(one, systems))
    for own in systems:
        own.db.dispose()
    return answers


def test_a_door_counts_and_opens_again(system: System, time: time_machine.Coordinates) -> None:
    for _ in range(3):
        knock(system, FORM, "192.0.2.1")
    time.shift(timedelta(minutes=5))
    with pytest.raises(TooManyError) as caught:
        knock(system, FORM, "192.0.2.1")
    assert caught.value.until == MONDAY + timedelta(minutes=15)
    knock(system, FORM, "192.0.2.2")
    knock(system, Door("another", 3), "192.0.2.1")
    time.shift(timedelta(minutes=10))
    knock(system, FORM, "192.0.2.1")


def test_processes_count_together(system: System, time: time_machine.Coordinates) -> None:
    answers = at_once(system, lambda own: knock(own, FORM, "192.0.2.1"), 8)
    assert answers.count(TooManyError) == 5
    with system.db.read() as session:
        assert session.scalars(select(DoorCount.times)).all() == [8]


def test_a_machine_has_no_more_tries_by_taking_other_addresses_of_its_network(
    system: System, time: time_machine.Coordinates
) -> None:
    for place in ("2001:db8::1", "2001:db8::2", "2001:0db8::ffff:3"):
        knock(system, FORM, place)
    with pytest.raises(TooManyError):
        knock(system, FORM, "2001:db8::4")
    knock(system, FORM, "2001:db8:0:1::1")
    for place in ("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"):
        knock(system, FORM, place)
    with pytest.raises(TooManyError):
        knock(system, FORM, "192.0.2.1")


def test_no_address_stands_in_the_table(system: System, time: time_machine.Coordinates) -> None:
    knock(system, FORM, "192.0.2.1")
    with system.db.read() as session:
        row = session.scalars(select(DoorCount)).one()
    assert len(row.who_hash) == 64
    assert "192" not in row.door


def test_what_is_over_is_forgotten(system: System, authority: Authority, time: time_machine.Coordinates) -> None:
    knock(system, FORM, "192.0.2.1")
    with system.db.begin() as session:
        steps.begin(session, Step.CODE, at=clock.now())
    time.shift(timedelta(minutes=14))
    assert forget_old(system) == 1
    time.shift(timedelta(minutes=1))
    assert forget_old(system) == 1


def with_app(system: System, authority: Authority, waiting: int) -> tuple[str, list[str]]:
    """(the secret of nils's app, keys of so many log-ins that wait for its code)"""
    user_id, at = authority.viewers["nils"].user_id, clock.now()
    with system.db.begin() as session:
        secret = one_time_codes.new_secret(system.settings.secret_key)
        session.add(SecondFactor(user_id=user_id, secret=secret, confirmed_at=at))
        keys = [steps.begin(session, Step.CODE, at=at, user_id=user_id) for _ in range(waiting)]
    return one_time_codes.opened(secret, system.settings.secret_key), keys


def test_a_code_that_is_sent_from_everywhere_at_once_opens_one_desk(system: System, authority: Authority) -> None:
    secret, keys = with_app(system, authority, 5)
    code = pyotp.TOTP(secret).generate_otp(int(clock.now().timestamp()) // 30)
    answers = at_once(system, lambda own: by_code(own, keys.pop(), code, place="192.0.2.1"), 5)
    assert answers.count(authority.viewers["nils"].user_id) == 1
    assert answers.count(InvalidInputError) == 4


def test_guesses_that_come_at_once_are_no_more_than_guesses_one_by_one(system: System, authority: Authority) -> None:
    _, keys = with_app(system, authority, 9)
    answers = at_once(system, lambda own: by_code(own, keys.pop(), "no code", place="192.0.2.1"), 9)
    assert answers.count(InvalidInputError) == doors.WRONG_CODE.most
    assert answers.count(TooManyError) == 9 - doors.WRONG_CODE.most


def test_a_step_is_taken_once(system: System, authority: Authority) -> None:
    with system.db.begin() as session:
        key = steps.begin(session, Step.PASSKEY_LOGIN, at=clock.now())

    def take(own: System) -> object:
        with own.db.begin() as session:
            return steps.take(session, Step.PASSKEY_LOGIN, key, at=clock.now()) is not None

    assert at_once(system, take, 5).count(True) == 1
    with system.db.read() as session:
        assert session.scalar(select(func.count()).select_from(LoginStep)) == 0
