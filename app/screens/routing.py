"""What the page of routing rules needs beside the rules: the topics that can be given, and where the rest goes."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Unit
from app.tickets.models import Topic


def topics_by_key(session: Session) -> dict[str, list[Topic]]:
    """The topics that can be given, by key: units that share a key share it in their names' sense too."""
    found: dict[str, list[Topic]] = {}
    for topic in session.scalars(select(Topic).where(~Topic.is_retired).order_by(Topic.unit_id, Topic.id)):
        found.setdefault(topic.key, []).append(topic)
    return found


def first_unit(session: Session) -> Unit | None:
    """Where goes what fits no rule; None when there is no unit yet."""
    return session.scalar(select(Unit).order_by(Unit.closed_at.is_not(None), Unit.id).limit(1))
