"""What Whoosh's own language analysers make of whole inquiries: the mark that our ranking has to beat."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from whoosh.analysis import LanguageAnalyzer, StandardAnalyzer
from whoosh.fields import NUMERIC, TEXT, Schema
from whoosh.filedb.filestore import RamStorage
from whoosh.lang import has_stemmer, has_stopwords
from whoosh.query import Or, Term

from knowledge_base.article import Article


@dataclass(frozen=True, slots=True)
class BaselineHit:
    """A family that Whoosh found."""

    family: int
    score: float


class WhooshBaseline:
    """Articles of one language in memory, ranked by BM25F with the language's stemmer and stop list."""

    def __init__(self, articles: Iterable[Article], *, language: str) -> None:
        known = has_stemmer(language) and has_stopwords(language)
        self._analyser: Any = LanguageAnalyzer(language) if known else StandardAnalyzer()
        text = TEXT(analyzer=self._analyser)
        schema = Schema(family=NUMERIC(stored=True), title=text, text=text)
        self._index: Any = RamStorage().create_index(schema)
        with self._index.writer() as writer:
            for one in articles:
                if one.language == language:
                    writer.add_document(family=one.family, title=one.title, text=one.text)

    def rank(self, text: str, *, language: str | None, limit: int) -> list[BaselineHit]:
        """Return the best families for a text, whose language is that of the index."""
        terms = sorted({token.text for token in self._analyser(text)})
        query = Or([Term(field, term) for term in terms for field in ("title", "text")])
        with self._index.searcher() as searcher:
            return [BaselineHit(hit["family"], hit.score) for hit in searcher.search(query, limit=limit)]
