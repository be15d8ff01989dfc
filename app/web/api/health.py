"""Whether this process can do its work, for supervisors and load balancers."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.core.log import get_logger
from app.web.context import system

log = get_logger(__name__)


def health() -> tuple[str, int, dict[str, str]]:
    """200 when the database answers, else 503; no more is told, as anybody may ask."""
    plain = {"Content-Type": "text/plain; charset=utf-8"}
    try:
        with system().db.read() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        log.warning("database_away", error=type(error).__name__)
        return "The database does not answer.\n", 503, plain
    return "ok\n", 200, plain
