"""The articles that answer an inquiry, best first: an inverted index of our own over all languages.

What was learnt from accepted answers will join here as further `Scores` of the same families, added before the
best are taken: a shelf tells only what the texts themselves say.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.article import Article
from knowledge_base.evidence import Comparison
from knowledge_base.question import Question, read_question
from knowledge_base.shelf import Scores, Shelf

FALLBACK = ("sv", "fi", "en")


@dataclass(frozen=True, slots=True)
class Ranked:
    """One suggested article, in the language to show it in.

    `score` is comparable between inquiries: the share of what the inquiry could reach, about 0 to 5. `words` are
    the words of inquiry and article that weighed most, in lower case, to be lit up; `passage` is the sentence or
    two of the article that fit best.
    """

    family: int
    language: str
    title: str
    score: float
    words: tuple[str, ...]
    passage: str


class RankIndex:
    """The articles in memory, ranked for whole inquiries; safe for threads that read while others write.

    `fallback` is the order of languages in which a family without the asked language is shown.
    """

    def __init__(self, articles: Iterable[Article] = (), *, fallback: Sequence[str] = FALLBACK) -> None:
        self._fallback = tuple(fallback)
        self._shelves: dict[str, Shelf] = {}
        self._opening = threading.Lock()
        for article in articles:
            self.put(article)

    def __len__(self) -> int:
        """Return how many variants the index holds."""
        return sum(len(shelf) for shelf in self._shelves.values())

    def put(self, article: Article) -> None:
        """Add the article, in place of the earlier variant of the same family and language."""
        self._shelf(article.language).put(article)

    def remove(self, family: int, language: str | None = None) -> None:
        """Take out one variant of a family, or all; what is not there is passed over."""
        for shelf in list(self._shelves.values()):
            if language in (None, shelf.language):
                shelf.remove(family)

    def rank(self, text: str, *, language: str | None, limit: int = 5) -> list[Ranked]:
        """Return the best families for a text, each once, in the asked language where they have it."""
        question = read_question(text)
        comparison = Comparison(question)
        return [
            self._ranked(article, score, comparison)
            for article, score in self._best(self.scores(question), language, limit)
        ]

    def scores(self, question: Question) -> Scores:
        """Return what each family reaches by its best variant, whatever the question's language."""
        found = [shelf.score(question) for shelf in list(self._shelves.values())]
        if not found:
            return Scores(np.zeros(0, dtype=np.int64), np.zeros(0))
        families, at = np.unique(np.concatenate([f.families for f in found]), return_inverse=True)
        values = np.zeros(len(families))
        np.maximum.at(values, at, np.concatenate([f.values for f in found]))
        return Scores(families, values)

    def _shelf(self, language: str) -> Shelf:
        with self._opening:
            return self._shelves.setdefault(language, Shelf(language))

    def _best(self, scores: Scores, language: str | None, limit: int) -> Iterator[tuple[Article, float]]:
        order = np.lexsort((scores.families, -scores.values))
        for at in order[:limit]:
            article = self._variant(int(scores.families[at]), language)
            if article is not None:
                yield article, float(scores.values[at])

    def _variant(self, family: int, language: str | None) -> Article | None:
        shelves = list(self._shelves.values())
        variants = {s.language: article for s in shelves if (article := s.article(family))}
        order = [language, *self._fallback, *sorted(variants)]
        return next((variants[code] for code in order if code in variants), None)

    def _ranked(self, article: Article, score: float, comparison: Comparison) -> Ranked:
        evidence = comparison.evidence(article, self._shelves[article.language].rarity)
        return Ranked(
            family=article.family,
            language=article.language,
            title=article.title,
            score=score,
            words=evidence.words,
            passage=evidence.passage,
        )
