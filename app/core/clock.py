"""The one clock: every instant in the system comes from here, aware and in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_set_to: ContextVar[datetime | None] = ContextVar("set_to", default=None)


def now() -> datetime:
    """The present instant in UTC, to the microsecond."""
    return _set_to.get() or datetime.now(UTC)


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Within the block, and in this thread only, it is `instant`: the demo's past is made with it, nothing else."""
    token = _set_to.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _set_to.reset(token)
