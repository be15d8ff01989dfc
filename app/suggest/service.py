"""What was suggested for which message, and what the agents made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from app.suggest.models import Suggestion
from app.tickets.models import Message, Ticket


@dataclass(frozen=True)
class Question:
    """A message that waits for suggestions."""

    ticket_id: int
    message_id: int
    text: str
    language: str | None


@dataclass(frozen=True)
class Offer:
    """An article to offer, with what made it fit."""

    article_id: int
    language: str
    version: int
    score: float
    words: tuple[str, ...]
    passage: str


def waiting(session: Session, *, limit: int) -> list[Question]:
    """Messages of citizens that nothing has been suggested for yet, oldest tickets first."""
    query = (
        select(Ticket.id, Message.id, Message.subject, Message.body, Ticket.language)
        .join(Message, Message.id == Ticket.asked_in)
        .where(Ticket.asked_in.is_not(None))
        .where(or_(Ticket.suggested_for.is_(None), Ticket.suggested_for < Ticket.asked_in))
        .order_by(Ticket.id)
        .limit(limit)
    )
    rows = session.execute(query)
    return [
        Question(ticket, message, f"{subject}\n{body}".strip(), lang) for ticket, message, subject, body, lang in rows
    ]


def store(session: Session, question: Question, offers: Sequence[Offer], *, at: datetime) -> bool:
    """Keep the offers for a message, best first; False when another worker has done so.

    They replace those made before for other words of the same message, such as a call's note written anew.
    """
    mine = (
        update(Ticket)
        .where(Ticket.id == question.ticket_id)
        .where(or_(Ticket.suggested_for.is_(None), Ticket.suggested_for < question.message_id))
        .values(suggested_for=question.message_id)
        .returning(Ticket.id)
        .execution_options(synchronize_session=False)
    )
    if session.scalar(mine) is None:
        return False
    made_before = delete(Suggestion).where(
        Suggestion.ticket_id == question.ticket_id,
        Suggestion.message_id == question.message_id,
        Suggestion.inserted_at.is_(None),
    )
    session.execute(made_before)
    for rank, offer in enumerate(offers, start=1):
        session.add(
            Suggestion(
                ticket_id=question.ticket_id,
                message_id=question.message_id,
                article_id=offer.article_id,
                language=offer.language,
                version=offer.version,
                rank=rank,
                score=offer.score,
                words=list(offer.words),
                passage=offer.passage[:600],
                made_at=at,
            )
        )
    return True


def insert(session: Session, suggestion_id: int, *, ticket_id: int, user_id: int, at: datetime) -> bool:
    """Note that an agent put a suggestion into an answer; False when it is not this ticket's."""
    row = session.get(Suggestion, suggestion_id)
    if row is None or row.ticket_id != ticket_id:
        return False
    row.shown_at = row.shown_at or at
    row.inserted_at, row.inserted_by = at, user_id
    return True
