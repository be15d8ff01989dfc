""" "Did you mean": unknown words of a search put right from the words of the articles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from knowledge_base.analysis import fold, normalise, stem
from knowledge_base.search_fields import text_field, title_field, words_field

LEAST_LENGTH = 4
LONG_WORD = 7

_WORD = re.compile(r"[^\W\d_]+")


def corrected(query: str, languages: Sequence[str], reader: Any) -> str | None:
    """Return the query with the unknown words replaced by the nearest known ones, or None when none was."""
    text = normalise(query)
    better = _WORD.sub(lambda match: _nearest(match.group(), languages, reader), text)
    return better if better != text else None


def _nearest(word: str, languages: Sequence[str], reader: Any) -> str:
    lower = word.lower()
    if len(lower) < LEAST_LENGTH or any(_is_known(lower, one, reader) for one in languages):
        return word
    distance = 2 if len(lower) >= LONG_WORD else 1
    found = [
        near
        for language in languages
        for near in reader.corrector(words_field(language)).suggest(lower, limit=1, maxdist=distance, prefix=1)
    ]
    return found[0] if found else word


def _is_known(word: str, language: str, reader: Any) -> bool:
    if any((field(language), stem(word, language)) in reader for field in (title_field, text_field)):
        return True
    return any(True for _ in reader.expand_prefix(words_field(language), word)) or any(
        True for _ in reader.expand_prefix(text_field(language), fold(word))
    )
