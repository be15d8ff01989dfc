"""When something of the machinery wants to be looked at: one table for page, alerts and handbook."""

from __future__ import annotations

from dataclasses import dataclass

from app.screens.machinery import Machinery

SOURCE_LAG = 300.0
"""seconds without a successful look; sources are looked at every minute"""
WAITS = {"outbox_due": 300.0, "outbox_claimed": 300.0, "suggestions": 300.0, "quarantine": 86_400.0}
"""seconds that the oldest may wait: what machines do takes seconds, what people do a day"""
SILENCE = {"worker": 60.0, "listen": 60.0}
"""seconds without a sign of life, which comes every 15"""


@dataclass(frozen=True)
class Alarm:
    """Something beyond its limit: `kind` is source, waits, silent or missing; `name` says which."""

    kind: str
    name: str


def alarms(machinery: Machinery) -> list[Alarm]:
    """What somebody should look at now."""
    now = machinery.at
    behind = [
        Alarm("source", source.name)
        for source in machinery.sources
        if source.failed_at or source.polled_at is None or (now - source.polled_at).total_seconds() > SOURCE_LAG
    ]
    waits = [Alarm("waits", name) for name, limit in WAITS.items() if machinery.line(name).age(now) > limit]
    silent = [
        Alarm("silent", kind)
        for kind, limit in SILENCE.items()
        if (silence := machinery.silent_for(kind)) is None or silence > limit
    ]
    missing = [Alarm("missing", found.source) for found in machinery.comparisons if found.missing]
    return [*behind, *waits, *silent, *missing]
