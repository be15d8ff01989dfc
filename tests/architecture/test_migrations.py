"""The migrations: one line of them, both ways, ending in exactly the tables the models describe."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, DateTime, create_engine, inspect, text
from sqlalchemy.engine.interfaces import ReflectedColumn

from app.core.db import Database
from migrations.models import NOT_IN_MODELS, metadata
from migrations.run import config, downgrade, heads, upgrade
from tests.plugins.databases import BACKENDS

on_both = pytest.mark.parametrize("database_backend", BACKENDS, indirect=True)


def test_the_migrations_have_one_head() -> None:
    assert len(heads()) == 1


def test_migrations_are_numbered_in_their_order() -> None:
    in_order = list(reversed(list(ScriptDirectory.from_config(config("")).walk_revisions())))
    numbers = [Path(revision.path).name.partition("_")[0] for revision in in_order]
    assert numbers == [f"{position:04}" for position in range(1, len(numbers) + 1)]


@on_both
def test_the_migrated_database_has_exactly_the_tables_of_the_models(database_url: str) -> None:
    database = Database(database_url)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_described, "compare_type": True})
        differences = compare_metadata(context, metadata)
    database.dispose()
    assert differences == []


def is_described(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or not any((name or "").startswith(by_hand) for by_hand in NOT_IN_MODELS)


@on_both
def test_the_migrations_can_be_undone_and_done_again(unmigrated_database_url: str) -> None:
    upgrade(unmigrated_database_url)
    first = structure(unmigrated_database_url)
    downgrade(unmigrated_database_url, "base")
    assert structure(unmigrated_database_url) <= {("alembic_version", "version_num")}
    upgrade(unmigrated_database_url)
    assert structure(unmigrated_database_url) == first
    assert len(first) > 50


def structure(url: str) -> set[tuple[str, str]]:
    """Table and column names."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return columns(connection)
    finally:
        engine.dispose()


def columns(connection: Connection) -> set[tuple[str, str]]:
    looked_at = inspect(connection)
    return {(table, column["name"]) for table in looked_at.get_table_names() for column in looked_at.get_columns(table)}


@on_both
def test_the_newest_migration_keeps_what_is_there_both_ways(unmigrated_database_url: str) -> None:
    """SQLite builds some changed tables anew, which a table that others point at forbids once it has rows."""
    before = f"{int(heads()[0]) - 1:04}"
    upgrade(unmigrated_database_url, before)
    fill(unmigrated_database_url)
    full = counts(unmigrated_database_url)
    assert set(full.values()) == {1}
    upgrade(unmigrated_database_url)
    assert counts(unmigrated_database_url) == full
    downgrade(unmigrated_database_url, before)
    assert counts(unmigrated_database_url) == full


ROWS = {
    "unit": {
        "key": "north",
        "names": "{}",
        "language": "sv",
        "timezone": "Europe/Stockholm",
        "mailbox": "north@example.org",
        "phone": "",
        "postal_address": "",
    },
    "user_account": {"email": "a@example.org", "name": "A", "language": "sv", "password_hash": ""},
    "person": {"name": "Siri"},
    "membership": {"user_id": 1, "unit_id": 1, "role": "agent"},
    "login_session": {"key_hash": "x", "user_id": 1},
    "ticket": {"reference": "1", "subject": "x", "state": "new", "channel": "email", "unit_id": 1, "assignee_id": 1},
    "event": {"ticket_id": 1, "kind": "created", "user_id": 1, "unit_id": 1},
}
"""a row of each table that many others point at"""
FILLERS = {"is_admin": False, "is_active": True, "version": 1, "routing": "{}", "data": "{}", "reason": ""}


def fill(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for table, row in ROWS.items():
            known = inspect(connection).get_columns(table)
            needed = {c["name"]: moment(c) for c in known if not (c["nullable"] or c["default"]) and c["name"] != "id"}
            values = {**needed, **{name: value for name, value in FILLERS.items() if name in needed}, **row}
            names = ", ".join(values)
            places = ", ".join(f":{name}" for name in values)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)
    engine.dispose()


def moment(column: ReflectedColumn) -> str | None:
    """An instant where the column takes one."""
    return "2026-11-16 08:00:00+00:00" if isinstance(column["type"], DateTime) else None


def counts(url: str) -> dict[str, int]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in ROWS}
    engine.dispose()
    return found


def test_sqlite_is_told_of_every_index_of_the_tickets(tmp_path: Path) -> None:
    """One that is left out counts as the best there is: see ADR 13."""
    upgrade(f"sqlite:///{tmp_path}/new.db")
    with sqlite3.connect(tmp_path / "new.db") as database:
        told = dict(database.execute("SELECT idx, stat FROM sqlite_stat1 WHERE tbl = 'ticket'").fetchall())
        there = [row[1] for row in database.execute("PRAGMA index_list(ticket)")]
        columns = {name: len(database.execute(f"PRAGMA index_info({name})").fetchall()) for name in there}
    assert {name: len(stat.split()) - 1 for name, stat in told.items()} == columns
