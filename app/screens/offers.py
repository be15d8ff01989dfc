"""The articles suggested for a ticket's newest question, with their titles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.articles import service as articles
from app.articles.models import ArticleText
from app.core.db import rows
from app.core.errors import NotFoundError
from app.screens.access import readable
from app.suggest.models import Suggestion
from app.texts.markdown import markdown_to_text
from app.tickets.models import Ticket


@dataclass(frozen=True)
class Offer:
    """A suggestion as the agent sees it."""

    id: int
    rank: int
    article_id: int
    language: str
    title: str
    words: tuple[str, ...]
    passage: str
    reviewed_on: date | None
    version: int
    was_used: bool


def read_offers(session: Session, ticket: Ticket) -> list[Offer]:
    """The suggestions for the message that they were last made for, best first; one query."""
    if ticket.suggested_for is None:
        return []
    found = rows(session, _OFFERS, {"ticket_id": ticket.id, "message_id": ticket.suggested_for})
    return [
        Offer(
            id=row.id,
            rank=row.rank,
            article_id=row.article_id,
            language=row.language,
            title=row.title,
            words=tuple(str(word) for word in row.words),
            passage=row.passage,
            reviewed_on=row.reviewed_on,
            version=row.version,
            was_used=row.inserted_at is not None,
        )
        for row in found
    ]


_OFFERS = (
    select(
        Suggestion.id,
        Suggestion.rank,
        Suggestion.article_id,
        Suggestion.language,
        Suggestion.words,
        Suggestion.passage,
        Suggestion.inserted_at,
        ArticleText.title,
        ArticleText.reviewed_on,
        ArticleText.version,
    )
    .join(
        ArticleText,
        and_(ArticleText.article_id == Suggestion.article_id, ArticleText.language == Suggestion.language),
    )
    .where(Suggestion.ticket_id == bindparam("ticket_id"), Suggestion.message_id == bindparam("message_id"))
    .order_by(Suggestion.rank)
)


def offered_text(session: Session, viewer: Viewer, reference: str, suggestion_id: int) -> str:
    """A suggested article as plain text for the composer. Raises NotFoundError when it is not this ticket's."""
    ticket = readable(session, viewer, reference)
    suggestion = session.get(Suggestion, suggestion_id)
    if suggestion is None or suggestion.ticket_id != ticket.id:
        raise NotFoundError("There is no such suggestion.")
    return markdown_to_text(articles.text_of(session, suggestion.article_id, suggestion.language).body)
