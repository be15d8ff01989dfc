"""The knowledge base as staff read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.articles import service as articles
from app.articles.models import Article, ArticleText
from app.texts.catalogue import SUPPORTED


@dataclass(frozen=True)
class ArticleLine:
    """One article of a list, in the language that was found."""

    article_id: int
    language: str
    title: str
    topic_key: str
    reviewed_on: date | None


@dataclass(frozen=True)
class ArticlePage:
    """One article in one language, and the languages that it has."""

    article_id: int
    text: ArticleText
    languages: tuple[str, ...]


def read_articles(session: Session, language: str) -> list[ArticleLine]:
    """All published articles by title, each in the language asked for or else in another; one query."""
    query = (
        select(
            ArticleText.article_id, ArticleText.language, ArticleText.title, Article.topic_key, ArticleText.reviewed_on
        )
        .join(Article, Article.id == ArticleText.article_id)
        .where(ArticleText.is_published)
    )
    order = [language, *SUPPORTED]
    best: dict[int, ArticleLine] = {}
    for row in session.execute(query):
        line = ArticleLine(*row)
        known = best.get(line.article_id)
        if known is None or order.index(line.language) < order.index(known.language):
            best[line.article_id] = line
    return sorted(best.values(), key=lambda line: line.title.casefold())


def read_article(session: Session, article_id: int, language: str) -> ArticlePage:
    """An article in a language or else in another. Raises NotFoundError."""
    text = articles.text_of(session, article_id, language)
    published = {row.language for row in articles.family(session, article_id).texts if row.is_published}
    return ArticlePage(article_id, text, tuple(tag for tag in SUPPORTED if tag in published))
