"""Why an article is suggested: the words that weighed most, and the passage that fits the question best."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from knowledge_base.analysis import grams, stem, words
from knowledge_base.article import Article
from knowledge_base.frequent_words import frequent_words
from knowledge_base.question import Question, sentences

MOST_WORDS = 8
SHORTEST = 3
LEAST_SHARE = 0.25
LEAST_KINSHIP = 0.7
SHORT_PASSAGE = 90
LONGEST_PASSAGE = 320
LENGTH_ALLOWANCE = 8

_MARKS = re.compile(r"^[#>*+\-\s]+|[*_`]{1,2}(?=\S)|(?<=\S)[*_`]{1,2}")

Rarity = Callable[[Sequence[str]], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words to light up in inquiry and article, heaviest first, and one or two sentences of the article."""

    words: tuple[str, ...]
    passage: str


@dataclass(frozen=True, slots=True)
class _Hit:
    asked: str
    weight: float


class Comparison:
    """A question ready to be laid beside one article after the other."""

    def __init__(self, question: Question) -> None:
        self._asked = tuple(dict.fromkeys(question.rows[0]))
        self._by_gram: dict[str, list[str]] = defaultdict(list)
        for word in self._asked:
            for gram in grams(word):
                self._by_gram[gram].append(word)

    def evidence(self, article: Article, rarity: Rarity) -> Evidence:
        """Return why the article fits; `rarity` gives the idf of stems among the articles of its language."""
        hits = self._hits(article, rarity)
        weights = {word: hit.weight for word, hit in hits.items()}
        return Evidence(_heaviest(hits, frequent_words(article.language)), _passage(article.text, weights))

    def _hits(self, article: Article, rarity: Rarity) -> dict[str, _Hit]:
        by_stem = {stem(word, article.language): word for word in reversed(self._asked)}
        found = dict.fromkeys(words(article.title) + words(article.text))
        stems = [stem(word, article.language) for word in found]
        hits = {}
        for word, term, idf in zip(found, stems, rarity(stems), strict=True):
            asked, kinship = (by_stem[term], 1.0) if term in by_stem else self._kin(word)
            if kinship >= LEAST_KINSHIP:
                hits[word] = _Hit(asked, idf * kinship)
        return hits

    def _kin(self, word: str) -> tuple[str, float]:
        """Return the asked word that shares most grams with a word, and how much of the shorter it shares."""
        own = grams(word)
        shared = Counter(asked for gram in own for asked in self._by_gram.get(gram, ()))
        if not shared:
            return "", 0.0
        asked, count = shared.most_common(1)[0]
        return asked, count / min(len(own), len(grams(asked)))


def _heaviest(hits: Mapping[str, _Hit], empty: Collection[str]) -> tuple[str, ...]:
    """Return the words that tell a reader something; those every text is full of explain nothing."""
    telling = [item for item in hits.items() if item[0] not in empty and len(item[0]) >= SHORTEST]
    best = sorted(telling, key=lambda item: -item[1].weight)[:MOST_WORDS]
    kept = [(word, hit.asked) for word, hit in best if hit.weight >= LEAST_SHARE * best[0][1].weight]
    return tuple(dict.fromkeys(form for pair in kept for form in pair))


def _passage(text: str, weights: Mapping[str, float]) -> str:
    """Return the sentence with the heaviest words for its length, and its neighbour if it is short."""
    parts = [part for part in (_MARKS.sub("", one).strip() for one in sentences(text)) if part]
    if not parts:
        return ""
    worths = [_worth(part, weights) for part in parts]
    at = max(range(len(parts)), key=worths.__getitem__)
    passage = parts[at]
    if len(passage) < SHORT_PASSAGE and at + 1 < len(parts):
        passage = f"{passage} {parts[at + 1]}"
    return _shortened(passage)


def _worth(part: str, weights: Mapping[str, float]) -> float:
    found = words(part)
    return sum(weights.get(word, 0.0) for word in set(found)) / (len(found) + LENGTH_ALLOWANCE)


def _shortened(passage: str) -> str:
    if len(passage) <= LONGEST_PASSAGE:
        return passage
    return passage[:LONGEST_PASSAGE].rsplit(" ", 1)[0].rstrip(",;:") + " …"
