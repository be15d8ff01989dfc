"""Finds the best articles for what citizens asked. It may fail without anything else failing."""

from __future__ import annotations

import threading

from app.articles import service as articles
from app.core import clock
from app.core.log import get_logger
from app.core.system import System
from app.suggest import service as suggest
from app.suggest.service import Offer, Question
from app.texts.markdown import markdown_to_text
from knowledge_base.article import Article
from knowledge_base.ranking import RankIndex

log = get_logger(__name__)
BATCH = 20
BEST = 5


class Shelf:
    """This process's index of the articles: built from the database, brought up to date before each use."""

    def __init__(self) -> None:
        self._index = RankIndex()
        self._versions: dict[tuple[int, str], int] = {}
        self._change = 0
        self._lock = threading.Lock()

    def refresh(self, system: System) -> None:
        """Take in every edit since the last time."""
        with self._lock:
            with system.db.read() as session:
                changed = articles.changed_since(session, self._change)
            for text in changed:
                if text.is_published:
                    body = markdown_to_text(text.body)
                    self._index.put(Article(text.family, text.language, text.title, body, text.version))
                else:
                    self._index.remove(text.family, text.language)
                self._versions[text.family, text.language] = text.version
                self._change = text.change

    def offers(self, question: Question) -> list[Offer]:
        """The best articles for a question, best first."""
        ranked = self._index.rank(question.text, language=question.language or "en", limit=BEST)
        return [
            Offer(hit.family, hit.language, self._versions[hit.family, hit.language], hit.score, hit.words, hit.passage)
            for hit in ranked
        ]


def suggest_waiting(system: System, shelf: Shelf) -> int:
    """Suggest for every message that waits; how many. Nothing when suggestions are switched off."""
    if not system.settings.suggestions:
        return 0
    shelf.refresh(system)
    done = 0
    while waiting := _waiting(system):
        for question in waiting:
            offers = _offers(shelf, question)
            with system.db.begin() as session:
                suggest.store(session, question, offers, at=clock.now())
        done += len(waiting)
    return done


def _waiting(system: System) -> list[Question]:
    with system.db.read() as session:
        return suggest.waiting(session, limit=BATCH)


def _offers(shelf: Shelf, question: Question) -> list[Offer]:
    try:
        return shelf.offers(question)
    except Exception:  # whatever a citizen wrote, the ticket itself must stay workable
        log.exception("suggesting_failed", ticket_id=question.ticket_id)
        return []
