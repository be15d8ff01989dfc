"""The routing rules of the database, as the pure rules want them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.db import once
from app.routing.models import Rule
from app.routing.rules import RoutingRule


def rules(session: Session) -> list[RoutingRule]:
    """All rules in their order."""
    return once(session, "rules", lambda: _rules(session))


def _rules(session: Session) -> list[RoutingRule]:
    query = select(Rule.id, Rule.position, Rule.kind, Rule.value, Rule.language, Rule.unit_id, Rule.topic_key).order_by(
        Rule.position
    )
    return [RoutingRule(*row) for row in session.execute(query)]
