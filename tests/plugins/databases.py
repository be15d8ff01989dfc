"""A migrated, empty database for each test, on SQLite and on PostgreSQL.

SQLite: a copy of a file migrated once. PostgreSQL: one migrated database a process, emptied before each test: that
takes 2 ms where a copy of a template takes 70.
"""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.tally import DATABASE
from tests.servers.postgres import PostgresServer

ROOT = Path(__file__).resolve().parents[2]
BACKENDS = ("sqlite", "postgresql")
ONE_BACKEND_FOLDERS = frozenset({"e2e", "bench", "channels", "contract", "architecture"})
"""suites whose subject is not the database: SQLite is enough there"""

EMPTY_EVERYTHING = """
DO $$
DECLARE name text;
BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT format('%I', tablename) FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
    PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) FROM pg_sequences
        WHERE schemaname = 'public' AND last_value IS NOT NULL;
END $$
"""
"""session_replication_role switches foreign keys off, so that the order of the tables does not matter"""

names = (f"test_{number}" for number in itertools.count(1))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that uses a database on both, unless it names its own by parametrising `database_backend`."""
    chosen = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "database_backend" not in metafunc.fixturenames or "database_backend" in chosen:
        return
    folders = set(Path(metafunc.definition.path).relative_to(ROOT).parts)
    backends = BACKENDS[:1] if folders & ONE_BACKEND_FOLDERS else BACKENDS
    metafunc.parametrize("database_backend", backends, indirect=True)


@pytest.fixture
def database_backend(request: pytest.FixtureRequest) -> str:
    """ "sqlite" or "postgresql"; written into the test's report for the closing count."""
    backend = str(request.param)
    request.node.user_properties.append((DATABASE, backend))
    return backend


@pytest.fixture
def database_url(database_backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated database without rows."""
    if database_backend == "sqlite":
        file = tmp_path / "luukku.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        return f"sqlite:///{file}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name: str = request.getfixturevalue("postgres_database")
    with server.connect(name) as connection:
        connection.execute(EMPTY_EVERYTHING.encode())
    return server.url(name)


@pytest.fixture
def unmigrated_database_url(database_backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables, for tests of the migrations."""
    if database_backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'unmigrated.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = next(names)
    server.execute(f"CREATE DATABASE {name}")
    yield server.url(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file without rows; everything is in this one file."""
    file = tmp_path_factory.mktemp("template") / "luukku.db"
    migrate(f"sqlite:///{file}")
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return file


@pytest.fixture(scope="session")
def postgres_database(postgres_server: PostgresServer) -> str:
    """The name of a migrated PostgreSQL database that the tests of this process share one after the other."""
    server, name = postgres_server, next(names)
    server.execute(f"CREATE DATABASE {name}")
    migrate(server.url(name))
    return name


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest schema, by the application's own way."""
    from migrations.run import upgrade  # only tests with a database pay for importing all models

    upgrade(url)
