"""Limits that administrators set in the desk: they take the place of the environment's, and apply at once.

Only what no process must know from its start can be set so; the rest stands in `docs/settings.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from app.accounts.models import Authority
from app.core.config import Settings
from app.core.db import once

RANGES: dict[str, tuple[int, int]] = {
    "undo_seconds": (0, 600),
    "session_idle_minutes": (5, 600),
    "session_hours": (1, 24),
    "mails_per_domain_minute": (1, 100_000),
    "receipts_per_address_day": (1, 100_000),
    "receipts_per_domain_hour": (1, 100_000),
    "receipts_per_hour": (1, 100_000),
}
"""each with the least and the most that it can be"""


def tuned(session: Session, settings: Settings) -> Settings:
    """The settings as they are now; asked once a transaction."""
    authority = once(session, "authority", lambda: session.get(Authority, 1))
    return merged(settings, authority.tuned if authority else None)


def merged(settings: Settings, values: Mapping[str, object] | None) -> Settings:
    """The settings with what has been set in the desk; what is out of its range counts as not set."""
    kept = {name: value for name, value in (values or {}).items() if _is_usable(name, value)}
    return replace(settings, **kept) if kept else settings  # type: ignore[arg-type]


def _is_usable(name: str, value: object) -> bool:
    low, high = RANGES.get(name, (1, 0))
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
