"""What a database holds, asked with as little loaded as possible: a later start has nothing else to do."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

import demo
from app.core.demo import DemoPlaces
from app.core.system import System
from migrations.newest import newest_revision

CONTENT = Path(demo.__file__).parent


def has_newest_tables(system: System) -> bool:
    """Whether the tables are those of the newest migration."""
    try:
        return _first(system, "SELECT version_num FROM alembic_version") == newest_revision()
    except SQLAlchemyError:
        return False


def authority_domain(system: System) -> str | None:
    """The domain of the authority that the database holds, None when it holds none."""
    return _first(system, "SELECT domain FROM authority")


def is_loaded(system: System) -> bool:
    """Whether the demo was loaded from the files as they are now."""
    marker = DemoPlaces(system.settings.data_dir).loaded
    return bool(authority_domain(system)) and marker.exists() and marker.read_text() == digest()


def has_tickets(system: System) -> bool:
    """Whether anybody has ever asked anything."""
    return _first(system, "SELECT reference FROM ticket LIMIT 1") is not None


def digest() -> str:
    """Changes when a file of the demo's content does."""
    told = hashlib.sha256()
    for path in sorted(CONTENT.rglob("*")):
        if path.is_file() and path.suffix in {".json", ".md"}:
            told.update(path.relative_to(CONTENT).as_posix().encode() + b"\0" + path.read_bytes())
    return told.hexdigest()


def _first(system: System, query: str) -> str | None:
    with system.db.read() as session:
        found = session.execute(text(query)).first()
    return None if found is None else str(found[0])
