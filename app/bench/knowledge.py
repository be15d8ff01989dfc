"""How good the suggestions are: recall and nDCG on questions whose right article is known, beside plain Whoosh."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from app.bench.table import lines
from app.texts.markdown import markdown_to_text
from knowledge_base.baseline import WhooshBaseline
from knowledge_base.catalogue import Collection, collect, read_articles, read_questions, read_set
from knowledge_base.evaluation import Figures, evaluate
from knowledge_base.ranking import RankIndex

HEAD = ("language", "questions", "R@1", "R@3", "nDCG@10", "p50 ms", "p95 ms", "Whoosh R@3", "Whoosh nDCG@10")


def measure(articles: Path, questions: Path) -> Iterator[str]:
    """The table for a folder of articles and a folder of questions."""
    files = [replace(file, body=markdown_to_text(file.body)) for file in read_articles(articles)]
    asked = [question for file in sorted(questions.glob("*.json")) for question in read_questions(file)]
    return _table(collect(files, asked))


def measure_set(data: Path) -> Iterator[str]:
    """The table for one file that holds articles and questions."""
    return _table(read_set(data))


def _table(collection: Collection) -> Iterator[str]:
    index = RankIndex()
    for article in collection.articles:
        index.put(article)
    rows = [_row(language, collection, index) for language in _languages(collection)]
    return lines(HEAD, rows)


def _row(language: str, collection: Collection, index: RankIndex) -> tuple[str, ...]:
    asked = [question for question in collection.questions if question.language == language]
    ours = evaluate(index, asked, collection.families)
    written = [article for article in collection.articles if article.language == language]
    plain = evaluate(WhooshBaseline(written, language=language), asked, collection.families)
    return (language, str(ours.questions), *_figures(ours), f"{plain.recall[3]:.2f}", f"{plain.ndcg10:.3f}")


def _figures(figures: Figures) -> tuple[str, ...]:
    shares = (f"{figures.recall[1]:.2f}", f"{figures.recall[3]:.2f}", f"{figures.ndcg10:.3f}")
    return (*shares, f"{figures.p50_ms:.1f}", f"{figures.p95_ms:.1f}")


def _languages(collection: Collection) -> Iterable[str]:
    return sorted({question.language for question in collection.questions})
