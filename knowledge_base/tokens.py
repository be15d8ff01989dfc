"""How the search box takes texts apart: words in lower case without diacritics, and their stems by language."""

from __future__ import annotations

from functools import cache
from typing import Any

from whoosh.analysis import CharsetFilter, LowercaseFilter, RegexTokenizer, StemFilter
from whoosh.support.charset import accent_map

LANGUAGES = ("sv", "fi", "en")
WORD = r"\w+"
"""Whoosh's own pattern keeps asterisks in words"""


@cache
def plain_analyser() -> Any:
    """Words in lower case, without diacritics; no word is left out."""
    return RegexTokenizer(WORD) | LowercaseFilter() | CharsetFilter(accent_map)


@cache
def stem_analyser(language: str) -> Any:
    """Stems of a language, without diacritics; no word is left out, as question words matter."""
    return RegexTokenizer(WORD) | LowercaseFilter() | StemFilter(lang=language) | CharsetFilter(accent_map)


def exact_words(text: str) -> list[str]:
    """The words of a text as `plain_analyser` gives them, in order."""
    return [token.text for token in plain_analyser()(text)]
