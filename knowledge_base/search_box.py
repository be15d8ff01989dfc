"""The search box over the articles, for the desk and the public help pages.

The database is the truth and this index a copy: with its directory deleted every search is empty, and `rebuild`
makes it whole again. Writers wait for one another; any number read.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge_base.article import Article
from knowledge_base.correction import corrected
from knowledge_base.generations import Generations
from knowledge_base.search_fields import document, key_of
from knowledge_base.search_query import Sought, build_query, read_search
from knowledge_base.search_reader import SearchReader
from knowledge_base.snippet import Pieces, snippet

SPARE = 4


@dataclass(frozen=True, slots=True)
class Removal:
    """An article that must no longer be found, in one language or in all."""

    family: int
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One family that was found, by its best variant.

    `snippet` is a sentence of the text as (text, is it a match) pieces, not escaped. `score` compares only within one
    search.
    """

    family: int
    language: str
    title: str
    snippet: Pieces
    score: float


Change = Article | Removal


class ArticleSearch:
    """The search index in a directory, which need not exist; safe for threads."""

    def __init__(self, directory: Path) -> None:
        self._generations = Generations(Path(directory))
        self._reader = SearchReader(self._generations)

    def rebuild(self, articles: Iterable[Article]) -> None:
        """Write all articles into a new index and put it in use in one step; readers see the old one until then.

        Raises whoosh.index.LockError after 30 s behind another writer.
        """
        latest = {article.key: article for article in articles}
        with self._generations.writing():
            self._replace(latest.values())

    def update(self, changes: Iterable[Change]) -> None:
        """Apply changes in one commit, of each variant only the last; without an index they make one.

        Raises whoosh.index.LockError after 30 s behind another writer.
        """
        last = _collapsed(changes)
        with self._generations.writing():
            index = self._generations.open()
            if index is None:
                self._replace(last)
            else:
                _write(index, last)

    def search(self, query: str, *, language: str | None = None, limit: int = 20) -> list[Hit]:
        """Return the families found for what a person typed, best first, in one language or in all."""
        sought = read_search(query)
        with self._reader.searcher() as searcher:
            if searcher is None:
                return []
            languages = [language] if language else _languages(searcher)
            query_tree = build_query(sought, languages, searcher.reader())
            found = searcher.search(query_tree, limit=limit * SPARE)
            return [_hit(one, sought) for one in _first_of_families(found)[:limit]]

    def suggest(self, query: str, *, language: str | None = None) -> str | None:
        """Return the search with unknown words put right ("did you mean"), or None when there is nothing better."""
        with self._reader.searcher() as searcher:
            if searcher is None:
                return None
            languages = [language] if language else _languages(searcher)
            return corrected(query, languages, searcher.reader())

    def count(self) -> int:
        """Return how many variants the index holds; 0 without an index."""
        with self._reader.searcher() as searcher:
            return int(searcher.doc_count()) if searcher else 0

    def _replace(self, changes: Iterable[Change]) -> None:
        folder, index = self._generations.begin()
        _write(index, changes)
        self._generations.switch(folder)

    def close(self) -> None:
        """Let go of the index's files; the next search opens them again."""
        self._reader.close()


def _collapsed(changes: Iterable[Change]) -> list[Change]:
    """Return the last word on each variant: Whoosh would keep both of two updates in one commit."""
    last: dict[tuple[int, str | None], Change] = {}
    for change in changes:
        if change.language is None:
            last = {key: one for key, one in last.items() if key[0] != change.family}
        last.pop((change.family, change.language), None)
        last[change.family, change.language] = change
    return list(last.values())


def _write(index: Any, changes: Iterable[Change]) -> None:
    with closing(index), index.writer() as writer:
        for change in changes:
            if change.language is None:
                writer.delete_by_term("family", str(change.family))
                continue
            writer.delete_by_term("key", key_of(change.family, change.language))
            if isinstance(change, Article):
                writer.add_document(**document(change))


def _languages(searcher: Any) -> list[str]:
    return [term.decode() for term in searcher.lexicon("language")]


def _first_of_families(found: Iterable[Any]) -> list[Any]:
    first: dict[str, Any] = {}
    for one in found:
        first.setdefault(one["family"], one)
    return list(first.values())


def _hit(one: Any, sought: Sought) -> Hit:
    language = one["language"]
    pieces = snippet(one["text"], lambda word: sought.is_match(word, language))
    return Hit(int(one["family"]), language, one["title"], pieces, float(one.score))
