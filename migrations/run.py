"""Brings a database to a version of its tables, on SQLite and on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

HERE = Path(__file__).parent


def upgrade(url: str, revision: str = "head") -> None:
    """Create or update the tables of the database at `url`; nothing happens when they are up to date."""
    command.upgrade(config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Take the tables back to an earlier revision ("base" = none at all)."""
    command.downgrade(config(url), revision)


def config(url: str) -> Config:
    """Alembic's configuration for this folder and a database."""
    settings = Config()
    settings.set_main_option("script_location", str(HERE))
    settings.set_main_option("path_separator", "os")
    settings.attributes["url"] = url
    return settings


def heads() -> list[str]:
    """The newest revisions; there must be one."""
    return list(ScriptDirectory.from_config(config("")).get_heads())
