"""Edits and reads the knowledge base's texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.articles.models import Article, ArticleText
from app.core.errors import NotFoundError


@dataclass(frozen=True)
class TextFacts:
    """One published or withdrawn text, as the index wants it."""

    family: int
    language: str
    title: str
    body: str
    version: int
    change: int
    is_published: bool


def put(
    session: Session,
    key: str,
    language: str,
    *,
    title: str,
    body: str,
    topic: str,
    reviewed_on: date | None,
    at: datetime,
) -> ArticleText:
    """The text of a family in a language, new or as its next version."""
    family = session.scalar(select(Article).where(Article.key == key))
    if family is None:
        family = Article(key=key, topic_key=topic)
        session.add(family)
        session.flush()
    row = session.scalar(
        select(ArticleText).where(ArticleText.article_id == family.id, ArticleText.language == language)
    )
    change = latest_change(session) + 1
    if row is None:
        row = ArticleText(article_id=family.id, language=language, version=0)
        session.add(row)
    row.title, row.body, row.reviewed_on, row.changed_at = title, body, reviewed_on, at
    row.version += 1
    row.change = change
    session.flush()
    return row


def latest_change(session: Session) -> int:
    """The number of the newest edit; 0 for an empty knowledge base."""
    return session.scalar(select(func.max(ArticleText.change))) or 0


def count_published(session: Session) -> int:
    """How many texts may be found."""
    return session.scalar(select(func.count()).where(ArticleText.is_published)) or 0


def changed_since(session: Session, change: int) -> list[TextFacts]:
    """All texts edited after `change`, oldest edit first, withdrawn ones too."""
    columns = (
        ArticleText.article_id,
        ArticleText.language,
        ArticleText.title,
        ArticleText.body,
        ArticleText.version,
        ArticleText.change,
        ArticleText.is_published,
    )
    query = select(*columns).where(ArticleText.change > change).order_by(ArticleText.change)
    return [TextFacts(*row) for row in session.execute(query)]


def text_of(session: Session, article_id: int, language: str) -> ArticleText:
    """A published text in a language, else in another one of the family. Raises NotFoundError."""
    query = select(ArticleText).where(ArticleText.article_id == article_id, ArticleText.is_published)
    texts = {row.language: row for row in session.scalars(query)}
    for choice in (language, "sv", "fi", "en"):
        if choice in texts:
            return texts[choice]
    raise NotFoundError("There is no such article.")


def family(session: Session, article_id: int) -> Article:
    """The family with all its texts. Raises NotFoundError."""
    found = session.scalar(select(Article).options(joinedload(Article.texts)).where(Article.id == article_id))
    if found is None:
        raise NotFoundError("There is no such article.")
    return found


def is_same(session: Session, key: str, language: str, *, title: str, body: str) -> bool:
    """Whether a family's text in a language is already exactly this."""
    query = (
        select(ArticleText.id)
        .join(Article, Article.id == ArticleText.article_id)
        .where(Article.key == key, ArticleText.language == language)
        .where(ArticleText.title == title, ArticleText.body == body)
    )
    return session.scalar(query) is not None
