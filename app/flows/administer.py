"""What every administrative use-case asks first."""

from __future__ import annotations

import hashlib
import json

from app.accounts.policy import Viewer, may_run
from app.core.errors import ConflictError, ForbiddenError
from app.sla.models import CalendarRow, PolicyRow
from app.texts.catalogue import N_

CHANGED_MEANWHILE = N_("Somebody else has changed this meanwhile. Save it again if you still want yours.")


def demand_administrator(viewer: Viewer) -> None:
    """Raise ForbiddenError for anybody but an administrator."""
    if not viewer.is_admin:
        raise ForbiddenError(N_("Only administrators may do this."))


def demand_runner(viewer: Viewer, unit_id: int) -> None:
    """Raise ForbiddenError for anybody but an administrator or the unit's head."""
    if not may_run(viewer, unit_id):
        raise ForbiddenError(N_("Only the unit's head and administrators may do this."))


def digest(facts: object) -> str:
    """A short word that is another one as soon as anything of the facts is."""
    told = json.dumps(facts, sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def demand_seen(seen: str | None, facts: object) -> None:
    """Raise ConflictError when the facts are not those of the digest that a form showed; None = no form showed any."""
    if seen is not None and seen != digest(facts):
        raise ConflictError(CHANGED_MEANWHILE)


def demand_newest(row: CalendarRow | PolicyRow | None, seen: int) -> None:
    """Raise ConflictError when the version in force is not the one that a form showed; 0 = there was none."""
    if (row.id if row else 0) != seen:
        raise ConflictError(CHANGED_MEANWHILE)
