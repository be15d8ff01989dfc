"""What staff changed or looked at outside a ticket's own events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import AuditEntry


def note(
    session: Session,
    action: str,
    *,
    at: datetime,
    user_id: int | None,
    ticket_id: int | None = None,
    reason: str = "",
    **data: Any,
) -> None:
    """Write one line of the audit trail; `data` holds ids and settings, never a citizen's words."""
    session.add(AuditEntry(at=at, user_id=user_id, action=action, ticket_id=ticket_id, reason=reason, data=data))
