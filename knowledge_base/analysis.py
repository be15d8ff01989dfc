"""From text to what an index knows: words as they stand, their stems, and the grams inside them.

Nothing is left out as a stop word: "när", "hur" and "milloin" tell questions about one subject apart.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Protocol

import snowballstemmer

GRAM_SIZES = (4, 5)
ALGORITHMS = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "no": "norwegian",
    "pl": "polish",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}

_WORD = re.compile(r"[^\W_]+")
_HYPHENATED = re.compile(r"(?<=[^\W\d_])(?:-[ \t]*\r?\n[ \t]*|\u00ad)(?=[^\W\d_])")
_LOOSE_MARKS = re.compile("[\u0300-\u036f\u0640\u064b-\u065f\u0670]")
_UNDECOMPOSED = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "đ": "d", "ł": "l", "ı": "i"})
_stemmers = threading.local()


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - the library's name


def normalise(text: str) -> str:
    """Return the text in NFC with words joined that a line break or a soft hyphen had cut, and loose marks gone."""
    return _LOOSE_MARKS.sub("", unicodedata.normalize("NFC", _HYPHENATED.sub("", text)))


def words(text: str) -> list[str]:
    """Return the words of a text in order, in lower case, with their diacritics."""
    return _WORD.findall(normalise(text).lower())


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each word of a normalised text begins and ends, in characters."""
    return (match.span() for match in _WORD.finditer(text))


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """Return the word without diacritics, as a hurried writer or a poor scan leaves it."""
    if word.isascii():
        return word
    apart = unicodedata.normalize("NFD", word)
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", bare).translate(_UNDECOMPOSED)


@lru_cache(maxsize=100_000)
def stem(word: str, language: str) -> str:
    """Return the folded Snowball stem of a lower-case word, or the folded word where the language has no stemmer."""
    stemmer = _stemmer(language)
    return fold(stemmer.stemWord(word) if stemmer else word)


@lru_cache(maxsize=8_000)
def grams(word: str) -> tuple[str, ...]:
    """Return the 4- and 5-grams of the folded word with its edges marked, so that none reaches over two words.

    Words of less than four letters have none: they are told well enough by themselves.
    """
    folded = fold(word)
    if len(folded) < GRAM_SIZES[0]:
        return ()
    marked = f" {folded} "
    return tuple(marked[at : at + n] for n in GRAM_SIZES for at in range(len(marked) - n + 1))


def stems(text: str, language: str) -> list[str]:
    """Return the stems of a text in order."""
    return [stem(word, language) for word in words(text)]


def _stemmer(language: str) -> _Stemmer | None:
    """Return this thread's own stemmer: they keep the word they work on, so threads cannot share one."""
    if language not in ALGORITHMS:
        return None
    found: _Stemmer | None = getattr(_stemmers, language, None)
    if found is None:
        found = snowballstemmer.stemmer(ALGORITHMS[language])
        setattr(_stemmers, language, found)
    return found
