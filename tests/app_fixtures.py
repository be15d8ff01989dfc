"""The application's own fixtures: a system on either database, an authority with two units, people, a web client."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import time_machine
from argon2 import PasswordHasher
from sqlalchemy.engine import make_url

from app.accounts import passwords
from app.core.config import Settings, complete
from app.core.db import Database
from app.core.nudge import SeenNudges
from app.core.system import System
from app.sla.service import forget_calendars
from tests.factories import MONDAY, Authority

SECRET = "a secret that only the tests know"
Elsewhere = Callable[[], Settings]
"""the settings of another machine, each time of a new one"""


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Hash passwords at the lowest cost: the real one is half a second for each test that needs people."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings on an empty migrated database, with every file below the test's own folder."""
    return complete(
        Settings(
            data_dir=tmp_path / "var",
            database_url=database_url,
            secret_key=SECRET,
            call_token="a token that only the tests know",
            undo_seconds=20,
        )
    )


@pytest.fixture
def system(settings: Settings) -> Iterator[System]:
    """A system whose nudges are remembered in `system.nudge.seen`."""
    forget_calendars()
    database = Database(settings.database_url, pool_size=5)
    yield System(settings, database, SeenNudges())
    database.dispose()
    forget_calendars()


@pytest.fixture
def elsewhere(system: System, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Elsewhere]:
    """The settings of another machine with an empty database of the same kind."""
    made: list[str] = []

    def settings() -> Settings:
        folder = tmp_path / f"elsewhere{len(made)}"
        url = f"sqlite:///{folder / 'luukku.db'}"
        if not system.settings.is_sqlite:
            name = f"restored_{len(made)}_{os.getpid()}"
            request.getfixturevalue("postgres_server").execute(f"CREATE DATABASE {name}")
            url = make_url(system.settings.database_url).set(database=name).render_as_string(hide_password=False)
        made.append(url)
        folder.mkdir()
        return complete(replace(system.settings, data_dir=folder, database_url=url))

    yield settings
    if not system.settings.is_sqlite:
        for url in made:
            request.getfixturevalue("postgres_server").execute(
                f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)"
            )


@pytest.fixture
def authority(system: System) -> Authority:
    """Two units (north: Sweden, 8-16; south: Finland, 9-15) with agents, heads, topics, targets and rules."""
    return Authority.founded(system)


@pytest.fixture
def mail_ids() -> Iterator[Any]:
    """Message-IDs of citizens, each another."""
    return (f"mail-{number}@example.org" for number in itertools.count(1))


@pytest.fixture
def at() -> Iterator[time_machine.Coordinates]:
    """Time stands still on the tests' Monday until the test moves it."""
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The database of the test by itself, without a system round it."""
    forget_calendars()
    opened = Database(database_url, pool_size=2)
    yield opened
    opened.dispose()
    forget_calendars()
