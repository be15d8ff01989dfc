"""Logs: one line an event, ids and counts in it, never a person's words or address."""

from __future__ import annotations

import logging
import re
import sys

import structlog
from structlog.typing import EventDict

from app.core.config import Settings

_ROW = re.compile(r"DETAIL:.*?(?=\n\[SQL:|\n\nThe above |\n\nDuring handling |\Z)", re.DOTALL)
"""PostgreSQL repeats the row that it refuses, which is a person's words"""


def configure_logging(settings: Settings, process: str) -> None:
    """Send this process's logs to standard error, as text or as JSON, each line naming the process."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Discreet("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=level)
    for name in ("alembic", "authlib"):  # one tells much, the other what only a browser and a service may know
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(process=process)
    renderer = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _without_row,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger; bind ids to it, nothing personal."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(name)
    return logger


def without_rows(text: str) -> str:
    """The text of an error without the database row that it repeats."""
    return _ROW.sub("DETAIL: left out", text)


class _Discreet(logging.Formatter):
    """For what the libraries log themselves."""

    def format(self, record: logging.LogRecord) -> str:
        return without_rows(super().format(record))


def _without_row(_logger: object, _method: str, event: EventDict) -> EventDict:
    return {**event, "exception": without_rows(event["exception"])} if "exception" in event else event
