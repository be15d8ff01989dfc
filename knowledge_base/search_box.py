"""The search box over articles, on Whoosh: short questions of people, answered in a few milliseconds.

The index is a copy of the database and may be deleted at any time. One process rebuilds it in a new folder and then
switches a file that names the folder in force; readers notice the switch at their next search. What people type never
goes through Whoosh's query parser, to which "kort?" is a wildcard and "NOT" an operator.
"""

from __future__ import annotations

import secrets
import shutil
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whoosh.fields import ID, NUMERIC, STORED, TEXT, Schema
from whoosh.index import EmptyIndexError, create_in, open_dir
from whoosh.query import And, Or, Prefix, Query
from whoosh.query import Term as Exactly

from knowledge_base.article import Article
from knowledge_base.snippets import Piece, snippet
from knowledge_base.tokens import LANGUAGES, exact_words, plain_analyser, stem_analyser

_CURRENT = "current"
_MOST_WORDS = 12
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """One found article; `snippet` is text in pieces, each with whether it is a match to light up."""

    family: int
    language: str
    title: str
    snippet: tuple[Piece, ...]
    score: float


class ArticleSearch:
    """The index below a folder. Safe for many readers in many processes and one process that rebuilds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._name = ""
        self._searcher: Any = None

    def rebuild(self, articles: Iterable[Article]) -> None:
        """Index these articles, and nothing else, and switch to them at once."""
        name = f"index-{secrets.token_hex(6)}"
        before = self._current()
        target = self._folder / name
        target.mkdir(parents=True)
        latest = {(article.family, article.language): article for article in articles}
        with create_in(str(target), _schema()).writer() as writer:
            for article in latest.values():
                writer.add_document(**_fields(article))
        pointer = self._folder / f"{name}.new"
        pointer.write_text(name)
        pointer.replace(self._folder / _CURRENT)
        self._remove_older({name, before})

    def search(self, query: str, *, language: str | None = None, limit: int = 20) -> list[Hit]:
        """The best articles for a few words, the last word taken as a beginning; [] without words or index."""
        asked = exact_words(query)[:_MOST_WORDS]
        searcher = self._refreshed()
        if not asked or searcher is None:
            return []
        wanted = _query(asked, [language] if language in LANGUAGES else list(LANGUAGES))
        within = Exactly("language", language) if language else None
        found = searcher.search(wanted, limit=limit, filter=within)
        return [_hit(row, asked) for row in found]

    def did_you_mean(self, query: str) -> str | None:
        """The words corrected to ones that articles use, or None when all are known or nothing is near."""
        asked = exact_words(query)[:_MOST_WORDS]
        searcher = self._refreshed()
        if not asked or searcher is None:
            return None
        corrector = searcher.corrector("plain")
        reader = searcher.reader()
        corrected = [
            word if ("plain", word) in reader else next(iter(corrector.suggest(word, limit=1)), word) for word in asked
        ]
        return " ".join(corrected) if corrected != asked else None

    def count(self) -> int:
        """How many texts are in the index; 0 without one."""
        searcher = self._refreshed()
        return int(searcher.doc_count()) if searcher is not None else 0

    def _refreshed(self) -> Any:
        """A searcher on the index in force, or None when there is none."""
        with self._lock:
            for _ in range(_TRIES):
                name = self._current()
                if name == self._name:
                    return self._searcher
                try:
                    self._searcher = open_dir(str(self._folder / name)).searcher() if name else None
                except (OSError, EmptyIndexError):
                    continue  # another process has switched meanwhile
                self._name = name
            return self._searcher

    def _current(self) -> str:
        try:
            name = (self._folder / _CURRENT).read_text()
        except OSError:
            return ""
        return name if (self._folder / name).is_dir() else ""

    def _remove_older(self, kept: set[str]) -> None:
        """Drop earlier indexes, but not the last one: somebody may be opening it just now."""
        for old in self._folder.glob("index-*"):
            if old.is_dir() and old.name not in kept:
                shutil.rmtree(old, ignore_errors=True)


def _schema() -> Schema:
    stems = {f"stems_{language}": TEXT(analyzer=stem_analyser(language)) for language in LANGUAGES}
    plain = TEXT(analyzer=plain_analyser())
    return Schema(
        family=NUMERIC(stored=True), language=ID(stored=True), title=STORED, text=STORED, plain=plain, **stems
    )


def _fields(article: Article) -> dict[str, object]:
    """A document: its title counts three times, as people search by what a page is called."""
    words = f"{article.title}\n{article.title}\n{article.title}\n{article.text}"
    fields = {"family": article.family, "language": article.language, "title": article.title, "text": article.text}
    if article.language in LANGUAGES:
        fields[f"stems_{article.language}"] = words
    return {**fields, "plain": words}


def _query(asked: Sequence[str], languages: Sequence[str | None]) -> Query:
    """Each word in any of its forms; articles with all words come before those with some."""
    words = [_word(word, languages, is_last=place == len(asked) - 1) for place, word in enumerate(asked)]
    return Or([And(words, boost=5.0), *words]) if len(words) > 1 else words[0]


def _word(word: str, languages: Sequence[str | None], *, is_last: bool) -> Query:
    forms: list[Query] = [Exactly("plain", word)]
    forms += [
        Exactly(f"stems_{language}", token.text)
        for language in languages
        if language
        for token in stem_analyser(language)(word)
    ]
    return Or([*forms, Prefix("plain", word)] if is_last else forms)


def _hit(row: Any, asked: Sequence[str]) -> Hit:
    language = str(row["language"])
    pieces = snippet(str(row["text"]), asked, language)
    return Hit(int(row["family"]), language, str(row["title"]), pieces, float(row.score))
