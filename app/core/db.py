"""The database: one engine a process, one transaction a flow.

SQLite runs with WAL and synchronous=FULL, and a writing transaction takes its lock at once (BEGIN IMMEDIATE): with
deferred locks three writers fail most of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar, TypeVarTuple, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    Select,
    create_engine,
    event,
    literal,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, sessionmaker
from sqlalchemy.types import JSON, TypeDecorator

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
PASSING_STATES = frozenset({"08", "40", "53", "55", "57", "58"})
"""connection, rollback, resources, object in use, operator and system (PostgreSQL, appendix A)"""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant; kept as timestamptz in PostgreSQL and as sortable UTC text in SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a zone reached the database")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of all tables. Instants are UTC, `dict` columns are JSON."""

    metadata = MetaData(naming_convention=CONVENTION)
    type_annotation_map = {datetime: UtcDateTime(), dict[str, Any]: JSON(), list[Any]: JSON()}  # noqa: RUF012


class Database:
    """Opens transactions; made once a process by the composition root."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.engine = _engine(url, pool_size)
        self._writing = sessionmaker(
            self.engine.execution_options(luukku_writes=True),
            expire_on_commit=False,
            autoflush=True,
        )
        self._reading = sessionmaker(self.engine, expire_on_commit=False, autoflush=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """One writing transaction: committed at the end of the block, rolled back when it raises."""
        with self._writing.begin() as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent view of the data; nothing done in it is kept."""
        with self._reading() as session:
            yield session

    def dispose(self) -> None:
        """Close all connections of this process."""
        self.engine.dispose()


def rows(session: Session, query: Select[*Ts], values: Mapping[str, Any] | None = None) -> CursorResult[*Ts]:
    """What a query of columns gives, in a third of the time of `session.execute`, which looks for objects in it."""
    if session.autoflush:
        session.flush()
    return session.connection().execute(query, values)


def among(column: InstrumentedAttribute[int], numbers: Iterable[int]) -> ColumnElement[bool]:
    """`column IN (…)` with a place for each number, for queries that are kept: `in_` spells its places at each use."""
    return column.in_([literal(number, Integer()) for number in sorted(numbers)])


def once(session: Session, key: Hashable, read: Callable[[], T]) -> T:
    """What `read` gives, asked once in the life of a session: for what its transaction reads many times over."""
    kept: dict[Hashable, object] = session.info.setdefault("once", {})
    if key not in kept:
        kept[key] = read()
    return cast("T", kept[key])


def will_pass(error: DBAPIError) -> bool:
    """Whether the same statement may do later: the database was away, busy or full, not asked for what it cannot do.

    PostgreSQL tells by the class of its SQLSTATE; without one the connection is gone. SQLite tells by its error's name.
    """
    if error.connection_invalidated:
        return True
    if name := getattr(error.orig, "sqlite_errorname", ""):
        return not name.startswith(("SQLITE_ERROR", "SQLITE_TOOBIG", "SQLITE_CONSTRAINT"))
    state = getattr(error.orig, "sqlstate", None)
    return state is None or state[:2] in PASSING_STATES


def _engine(url: str, pool_size: int) -> Engine:
    """Errors of its statements come without the parameters: those are people's words, and errors are logged."""
    if url.startswith("sqlite"):
        engine = create_engine(
            url, connect_args={"timeout": 30}, hide_parameters=True, pool_size=pool_size, max_overflow=40
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        url,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=10,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=30000",
        "foreign_keys=ON",
        "cache_size=-32000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get("luukku_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
