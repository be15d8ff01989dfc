"""The one clock: every instant in the system comes from here, aware and in UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant in UTC, to the microsecond."""
    return datetime.now(UTC)
