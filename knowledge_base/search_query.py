"""From what a person types to a Whoosh query, without a query language: no character means anything but quotes.

Words are sought in all their forms, the last one also as a beginning, and words in quotes stand side by side.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from whoosh.query import And, AndMaybe, DisjunctionMax, NullQuery, Or, Phrase, Term

from knowledge_base.analysis import fold, stem, stems, words
from knowledge_base.search_fields import text_field, title_field, words_field

TITLE_BOOST = 2.0
BEGINNING_BOOST = 0.25
MOST_WORDS = 32
LEAST_BEGINNING = 2
MOST_LONGER = 50

_QUOTED = re.compile(r"[\"”“»«]([^\"”“»«]+)[\"”“»«]")


@dataclass(frozen=True, slots=True)
class Sought:
    """The words of a search, the beginning that the last of them may be, and the quoted phrases."""

    words: tuple[str, ...]
    beginning: str
    phrases: tuple[str, ...]

    def is_match(self, word: str, language: str) -> bool:
        """Return whether a lower-case word of an article is one that was sought."""
        own = stem(word, language)
        if self.beginning and fold(word).startswith(fold(self.beginning)):
            return True
        return any(own == stem(sought, language) for sought in self.words)


def read_search(text: str) -> Sought:
    """Return what a person seeks; of a very long text only the first words."""
    phrases = tuple(phrase for phrase in _QUOTED.findall(text) if words(phrase))
    found = tuple(words(text)[:MOST_WORDS])
    last = found[-1] if found and not text.rstrip().endswith(('"', "”", "»")) else ""
    return Sought(found, last if len(last) >= LEAST_BEGINNING else "", phrases)


def build_query(sought: Sought, languages: Sequence[str], reader: Any) -> Any:
    """Return the Whoosh query over the articles of some languages; it finds nothing when nothing is sought."""
    if not sought.words:
        return NullQuery
    return Or([_in_language(sought, language, reader) for language in languages])


def _in_language(sought: Sought, language: str, reader: Any) -> Any:
    """Any word will do; all of them, or what stood in quotes, counts for more."""
    forms = [_forms(word, sought, language, reader) for word in sought.words]
    anything = Or([Or(forms), And(forms)]) if len(forms) > 1 else forms[0]
    phrases = [_phrase(phrase, language) for phrase in sought.phrases]
    return AndMaybe(And(phrases), anything) if phrases else anything


def _forms(word: str, sought: Sought, language: str, reader: Any) -> Any:
    term = stem(word, language)
    forms = [Term(title_field(language), term, boost=TITLE_BOOST), Term(text_field(language), term)]
    if word == sought.beginning:
        forms += _beginnings(word, language, reader)
    return Or(forms)


def _beginnings(word: str, language: str, reader: Any) -> list[Any]:
    """Of all the longer words only the best counts, once in title and once in text, below the word itself."""
    titles = _longer(title_field(language), fold(word), TITLE_BOOST * BEGINNING_BOOST, reader)
    texts = _longer(text_field(language), fold(word), BEGINNING_BOOST, reader)
    whole_words = _longer(words_field(language), word, BEGINNING_BOOST, reader)
    return [DisjunctionMax(found) for found in (titles, texts + whole_words) if found]


def _longer(field: str, beginning: str, boost: float, reader: Any) -> list[Any]:
    """Return the terms with a beginning, spelt out: Whoosh's own prefix query forgets its boost."""
    found = islice(reader.expand_prefix(field, beginning), MOST_LONGER)
    return [Term(field, term.decode(), boost=boost) for term in found]


def _phrase(phrase: str, language: str) -> Any:
    terms = stems(phrase, language)
    return Or([Phrase(field(language), terms) for field in (title_field, text_field)])
