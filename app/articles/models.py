"""The knowledge base's texts: families of articles, one text a language."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base


class Article(Base):
    """A family: one answer in several languages."""

    __tablename__ = "article"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    topic_key: Mapped[str] = mapped_column(String(60))
    texts: Mapped[list[ArticleText]] = relationship(order_by="ArticleText.language")


class ArticleText(Base):
    """One language of a family. `change` is a number that grows with every edit of any text: readers follow it."""

    __tablename__ = "article_text"
    __table_args__ = (UniqueConstraint("article_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    language: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    """Markdown: paragraphs, headings, lists, links"""
    version: Mapped[int] = mapped_column(default=1)
    change: Mapped[int] = mapped_column(index=True)
    is_published: Mapped[bool] = mapped_column(default=True)
    reviewed_on: Mapped[date | None]
    changed_at: Mapped[datetime]
