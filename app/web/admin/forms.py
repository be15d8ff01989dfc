"""Forms that two people may have open at once: what stands in one, and what somebody else has changed meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request


def shown_digest(now: str, *, is_conflict: bool) -> str:
    """What the form tells that it showed: after a fault what it showed at first, else what is kept now.

    After a conflict the person sees what is kept now, so that sending it once more is meant.
    """
    posted = request.form.get("seen", "")
    return posted if posted and not is_conflict else now


def differing(typed: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, str]:
    """The fields in which what is kept now is not what is typed: field to what is kept."""
    return {name: str(value) for name, value in kept.items() if _plain(typed.get(name, "")) != _plain(value)}


def _plain(value: object) -> str:
    return str(value if value is not None else "").replace("\r\n", "\n").strip()
