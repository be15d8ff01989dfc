"""The articles of one language as four channels of postings: words and grams, of title and text."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.analysis import fold, grams, stem, words
from knowledge_base.article import Article
from knowledge_base.frequent_words import frequent_words
from knowledge_base.postings import Postings, Reading
from knowledge_base.question import Question, TermTable, tabulate
from knowledge_base.scoring import Match, longest_posting, match, rarity

CHANNEL_FACTORS = (1.5, 1.5, 1.0, 1.0)
CHANNEL_ALLOWANCES = (20.0, 80.0, 20.0, 80.0)
_TEXT_WORDS = 2
ARTICLES_TO_TRUST = 50
MOST_NEAR = 400
PATIENCE = 3
FIRST_CAPACITY = 64

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Scores:
    """What each family reached, in two arrays of one length."""

    families: NDArray[np.int64]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Moment:
    """What a reader saw of a shelf, all of one moment."""

    families: NDArray[np.int64]
    lengths: NDArray[np.float32]
    readings: tuple[Reading, ...]
    population: int


class Shelf:
    """The searchable articles of one language, for any number of readers and writers.

    Writers take turns. A reader copies what it needs and looks whether a writer came between; if so it tries
    again, and after some tries takes its turn among the writers.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._channels = tuple(Postings() for _ in CHANNEL_FACTORS)
        self._lengths = np.zeros((len(CHANNEL_FACTORS), FIRST_CAPACITY), dtype=np.float32)
        self._families = np.zeros(FIRST_CAPACITY, dtype=np.int64)
        self._used = 0
        self._slots: dict[int, int] = {}
        self._articles: dict[int, Article] = {}
        self._turn = threading.Lock()
        self._changes = 0

    def __len__(self) -> int:
        return len(self._slots)

    def article(self, family: int) -> Article | None:
        return self._articles.get(family)

    def put(self, article: Article) -> None:
        counted = self._count(article)
        with self._writing():
            self._take_out(article.family)
            slot = self._new_slot(article.family)
            self._articles[article.family] = article
            for number, counts in enumerate(counted):
                self._lengths[number, slot] = sum(counts.values())
                self._channels[number].add(slot, counts)

    def remove(self, family: int) -> None:
        with self._writing():
            self._take_out(family)

    def rarity(self, terms: Sequence[str]) -> Sequence[float]:
        """Return the idf of stems in the texts."""
        reading = self._channels[_TEXT_WORDS].read(terms, longest=0)
        found: list[float] = rarity(reading.spread, len(self._slots)).tolist()
        return found

    def score(self, question: Question) -> Scores:
        """Return what each family reaches: half by the whole question, half by its best window."""
        weight_of = self._weigher()
        word_table = tabulate(question, lambda word: (stem(word, self.language),), weight_of)
        gram_table = tabulate(question, grams, weight_of)
        tables = (word_table, gram_table, word_table, gram_table)
        moment = self._look(tables)
        matches = [
            match(table, reading, lengths, population=moment.population, allowance=allowance)
            for table, reading, lengths, allowance in zip(
                tables, moment.readings, moment.lengths, CHANNEL_ALLOWANCES, strict=True
            )
        ]
        slots, values = _blend(matches, question.factors)
        return Scores(moment.families[slots], values)

    def _weigher(self) -> Callable[[str], float]:
        """Return what a word of a question counts: few articles cannot tell by themselves which words are frequent."""
        frequent = frequent_words(self.language)
        trust = len(self) / (len(self) + ARTICLES_TO_TRUST)
        return lambda word: trust if fold(word) in frequent else 1.0

    def _count(self, article: Article) -> tuple[Counts, ...]:
        title, text = Counter(words(article.title)), Counter(words(article.text))
        return self._stems(title), _grams(title), self._stems(text), _grams(text)

    def _stems(self, counted: Counter[str]) -> Counts:
        stems: dict[str, int] = {}
        for word, count in counted.items():
            term = stem(word, self.language)
            stems[term] = stems.get(term, 0) + count
        return stems

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._turn:
            self._changes += 1
            try:
                yield
            finally:
                self._changes += 1

    def _new_slot(self, family: int) -> int:
        if self._used == len(self._families):
            self._families = np.concatenate([self._families, np.zeros_like(self._families)])
            self._lengths = np.concatenate([self._lengths, np.zeros_like(self._lengths)], axis=1)
        slot = self._slots[family] = self._used
        self._families[slot] = family
        self._used += 1
        return slot

    def _take_out(self, family: int) -> None:
        slot = self._slots.pop(family, None)
        if slot is None:
            return
        for channel, counts in zip(self._channels, self._count(self._articles.pop(family)), strict=True):
            channel.remove(slot, counts)
        self._lengths[:, slot] = 0

    def _look(self, tables: Sequence[TermTable]) -> _Moment:
        for _ in range(PATIENCE):
            before = self._changes
            moment = self._copy(tables)
            if before % 2 == 0 and before == self._changes:
                return moment
        with self._turn:
            return self._copy(tables)

    def _copy(self, tables: Sequence[TermTable]) -> _Moment:
        population, used = len(self._slots), self._used
        longest = longest_posting(population)
        return _Moment(
            self._families[:used].copy(),
            self._lengths[:, :used].copy(),
            tuple(
                channel.read(table.terms, longest=longest)
                for channel, table in zip(self._channels, tables, strict=True)
            ),
            population,
        )


def _grams(counted: Counter[str]) -> Counts:
    found: dict[str, int] = {}
    for word, count in counted.items():
        for gram in grams(word):
            found[gram] = found.get(gram, 0) + count
    return found


def _blend(matches: Sequence[Match], factors: Sequence[float]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the nearest slots with half of their whole score and half of their best window, times its factor."""
    weighed = list(zip(CHANNEL_FACTORS, matches, strict=True))
    whole = np.sum([factor * one.whole() for factor, one in weighed], axis=0)
    near = np.flatnonzero(whole)
    if len(near) > MOST_NEAR:
        near = near[np.argpartition(-whole[near], MOST_NEAR)[:MOST_NEAR]]
    best = np.zeros(len(near))
    if len(factors) > 1:
        windows = np.sum([factor * one.windows(near) for factor, one in weighed], axis=0)
        best = (windows * np.asarray(factors[1:])[:, None]).max(axis=0)
    return near, (whole[near] + best) / 2
