"""Edits of articles reach the search box's index, which is only a copy of the database."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from app.articles import service as articles
from app.articles.service import TextFacts
from app.core import clock
from app.core.config import Settings
from app.core.nudge import Queue
from app.core.system import System
from app.texts.markdown import markdown_to_text
from knowledge_base.article import Article
from knowledge_base.catalogue import ArticleFile, read_articles
from knowledge_base.search_box import ArticleSearch


def search_folder(settings: Settings) -> Path:
    """Where the search box's index lies."""
    return settings.data_dir / "articles"


def load_articles(system: System, folder: Path) -> int:
    """Take in the texts of a folder of files named KEY.LANGUAGE.md; how many were new or changed."""
    loaded = read_articles(folder)
    with system.db.begin() as session:
        changed = sum(_put(session, text) for text in loaded)
    system.nudge(Queue.ARTICLES)
    return changed


def refresh_search(system: System) -> int:
    """Bring the index up to date when it is missing or disagrees with the database; how many texts it took in."""
    with system.db.read() as session:
        published, newest = articles.count_published(session), articles.latest_change(session)
    is_current = ArticleSearch(search_folder(system.settings)).count() == published
    return 0 if is_current and _read(_marker(system)) == newest else rebuild_search(system)


def rebuild_search(system: System) -> int:
    """Build the index anew from the database; how many texts are in it."""
    published, newest = _published(system)
    ArticleSearch(search_folder(system.settings)).rebuild([_article(text) for text in published])
    _marker(system).write_text(str(newest))
    return len(published)


def _published(system: System) -> tuple[list[TextFacts], int]:
    """All published texts, and the number of the newest edit."""
    with system.db.read() as session:
        texts = articles.changed_since(session, 0)
    return [text for text in texts if text.is_published], max((text.change for text in texts), default=0)


def _put(session: Session, text: ArticleFile) -> bool:
    """Store one text; False when it is stored already as it is."""
    if articles.is_same(session, text.key, text.language, title=text.title, body=text.body):
        return False
    articles.put(
        session,
        text.key,
        text.language,
        title=text.title,
        body=text.body,
        topic=text.topic,
        reviewed_on=text.reviewed_on,
        at=clock.now(),
    )
    return True


def _marker(system: System) -> Path:
    """Which edit of the articles the index was built from."""
    return search_folder(system.settings).with_suffix(".change")


def _article(text: TextFacts) -> Article:
    return Article(text.family, text.language, text.title, markdown_to_text(text.body), text.version)


def _read(marker: Path) -> int:
    try:
        return int(marker.read_text())
    except (OSError, ValueError):
        return -1
