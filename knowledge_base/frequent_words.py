"""The words that every text of a language is full of. They are never left out, only trusted less by a small index."""

from __future__ import annotations

from functools import cache

from whoosh.lang.stopwords import stoplists

from knowledge_base.analysis import fold


@cache
def frequent_words(language: str) -> frozenset[str]:
    """Return a language's most frequent words, folded; none for a language without a list."""
    return frozenset(fold(word) for word in stoplists.get(language, ()))
