"""Tells a load balancer whether this process lives and whether it can serve."""

from __future__ import annotations

import os

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.core.log import get_logger
from app.web.context import system
from migrations.newest import newest_revision

log = get_logger(__name__)
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
Answer = tuple[str, int, dict[str, str]]


def health() -> Answer:
    """200 when the database answers, else 503; no more is told, as anybody may ask."""
    if not _revision():
        return "The database does not answer.\n", 503, PLAIN
    return "ok\n", 200, PLAIN


def ready() -> Answer:
    """200 when people can be served: the database answers, has this release's tables, and files can be kept."""
    found = _revision()
    if not found:
        return "database\n", 503, PLAIN
    if found < newest_revision():
        return "tables\n", 503, PLAIN
    if not os.access(system().settings.data_dir, os.W_OK):
        return "files\n", 503, PLAIN
    return "ok\n", 200, PLAIN


def _revision() -> str:
    """The version of the database's tables, "" when it does not answer."""
    try:
        with system().db.read() as session:
            return str(session.scalar(text("SELECT version_num FROM alembic_version")) or "")
    except SQLAlchemyError as error:
        log.warning("database_away", error=type(error).__name__)
        return ""
