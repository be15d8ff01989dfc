"""How good and how fast a ranking is, on questions whose one right article is known."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from knowledge_base.catalogue import JudgedQuestion

DEPTH = 10


class RankedFamily(Protocol):
    """A result of which only the family counts here."""

    @property
    def family(self) -> int: ...


class Ranking(Protocol):
    """Whatever ranks families for a text."""

    def rank(self, text: str, *, language: str | None, limit: int) -> Sequence[RankedFamily]: ...


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over the questions: `recall[k]` is the share whose article is among the first k.

    `ndcg10` is the discounted gain at ten results, 1 when every article comes first; `p50_ms` and `p95_ms` are wall
    clock milliseconds a question.
    """

    questions: int
    recall: Mapping[int, float]
    ndcg10: float
    p50_ms: float
    p95_ms: float


def evaluate(
    index: Ranking,
    questions: Sequence[JudgedQuestion],
    families: Mapping[str, int],
    *,
    ks: Sequence[int] = (1, 3),
) -> Figures:
    """Return the figures of a ranking; `families` tells the number of the family that a question names.

    Raises ValueError without questions.
    """
    if not questions:
        raise ValueError("no questions to evaluate with")
    places, times = zip(*(_ask(index, one, families[one.article]) for one in questions), strict=True)
    return Figures(
        questions=len(places),
        recall={k: sum(place <= k for place in places) / len(places) for k in ks},
        ndcg10=sum(1 / math.log2(place + 1) for place in places) / len(places),
        p50_ms=_percentile(times, 50),
        p95_ms=_percentile(times, 95),
    )


def evaluate_by(
    index: Ranking,
    questions: Sequence[JudgedQuestion],
    families: Mapping[str, int],
    *,
    trait: str = "language",
    ks: Sequence[int] = (1, 3),
) -> dict[str, Figures]:
    """Return the figures for each language, or for each `kind`, by name."""
    groups: dict[str, list[JudgedQuestion]] = {}
    for one in questions:
        groups.setdefault(getattr(one, trait), []).append(one)
    return {name: evaluate(index, group, families, ks=ks) for name, group in sorted(groups.items())}


def _ask(index: Ranking, question: JudgedQuestion, family: int) -> tuple[float, float]:
    """Return at which place the right family came, infinity if not among the first ten, and the milliseconds."""
    started = time.perf_counter()
    found = index.rank(question.text, language=question.language, limit=DEPTH)
    spent = (time.perf_counter() - started) * 1000
    places = (place for place, one in enumerate(found, start=1) if one.family == family)
    return next(places, math.inf), spent


def _percentile(values: Sequence[float], percent: int) -> float:
    """Return the smallest value that `percent` of the values do not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(math.ceil(len(ranked) * percent / 100) - 1, 0)]
