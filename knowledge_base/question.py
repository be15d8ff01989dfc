"""An inquiry cut into windows, so that a question is found in the mail around it.

Row 0 of a question is the whole text; each further row is a window: a sentence, or twelve words of a long one, or
all the sentences that ask.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.analysis import normalise, words

WINDOW_WORDS = 12
MOST_WINDOWS = 40
MOST_CHARACTERS = 20_000
QUESTION_FACTOR = 1.5

_SENTENCE_END = re.compile(r"(?<=[.!?…؟։])\s+|\n\s*\n|\n(?!\s*[a-zà-öø-ÿа-яё])")
_QUESTION_MARKS = ("?", "؟")
_QUESTION_WORDS_BY_LANGUAGE = {
    "sv": "hur när vart varifrån vad vilken vilket vilka varför vem vems",
    "fi": "miten milloin missä mistä minne mihin mitä mikä mitkä kuinka miksi kuka kenen kauanko paljonko "
    "voiko voinko saako saanko onko pitääkö täytyykö tarvitseeko tarvitsenko",
    "en": "how when where what which why who whose",
    "de": "wie wann wohin was welche welcher warum wer",
    "ru": "как когда где куда что какой какие почему кто сколько",
    "uk": "як коли де куди що який які чому хто скільки",
    "et": "kuidas millal kus kuhu mida milline miks kes",
    "ar": "كيف متى أين ماذا لماذا هل",
    "fa": "چگونه کی کجا چه چرا آیا",
    "so": "sidee goorma xaggee maxay",
}
_QUESTION_WORDS = frozenset(word for line in _QUESTION_WORDS_BY_LANGUAGE.values() for word in line.split())


@dataclass(frozen=True, slots=True)
class Question:
    """An inquiry as rows of words: the whole text first, then its windows, each with its factor."""

    rows: tuple[tuple[str, ...], ...]
    factors: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TermTable:
    """The terms of a question and in which row each counts how much (three arrays of one length)."""

    terms: tuple[str, ...]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    counts: NDArray[np.float64]
    height: int


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, ended by their mark or by a line break, without empty ones.

    A line that goes on in lower case is a sentence that a mail program or a scan has wrapped.
    """
    pieces = _SENTENCE_END.split(text.replace("\r\n", "\n"))
    return [sentence for sentence in (" ".join(piece.split()) for piece in pieces) if sentence]


def read_question(text: str) -> Question:
    """Return the question of a text; of a very long one only the beginning is read.

    Who asks in several sentences gets a further window that holds all of them.
    """
    kept = normalise(text[:MOST_CHARACTERS])
    windows = [window for sentence in sentences(kept) for window in _windows(sentence)]
    whole = tuple(word for row, _ in windows for word in row)
    windows = sorted(windows, key=lambda window: -window[1])[:MOST_WINDOWS]
    asked = [row for row, factor in windows if factor == QUESTION_FACTOR]
    if len(asked) > 1:
        windows.append((tuple(word for row in asked for word in row), QUESTION_FACTOR))
    return Question((whole, *(row for row, _ in windows)), (1.0, *(f for _, f in windows)))


def tabulate(
    question: Question, terms_of: Callable[[str], Iterable[str]], weight_of: Callable[[str], float]
) -> TermTable:
    """Return the table of a question's terms.

    `terms_of` tells the terms of a word, `weight_of` what each time it stands there counts.
    """
    columns: dict[str, int] = {}
    places = {word: at for at, word in enumerate(dict.fromkeys(question.rows[0]))}
    known = [[columns.setdefault(t, len(columns)) for t in terms_of(word)] for word in places]
    weights = np.array([weight_of(word) for word in places])
    sizes = np.array([len(terms) for terms in known], dtype=np.intp)
    ends = np.array([end for terms in known for end in terms], dtype=np.intp)
    rows = np.repeat(np.arange(len(question.rows)), [len(row) for row in question.rows])
    words_at = np.array([places[word] for row in question.rows for word in row], dtype=np.intp)
    at = ranges((np.cumsum(sizes) - sizes)[words_at], sizes[words_at])
    cells = np.repeat(rows * len(columns), sizes[words_at]) + ends[at]
    met, which = np.unique(cells, return_inverse=True)
    counts = np.bincount(which, np.repeat(weights[words_at], sizes[words_at]), len(met))
    row_of, column_of = np.divmod(met, max(len(columns), 1))
    return TermTable(tuple(columns), row_of, column_of, counts.astype(float), len(question.rows))


def ranges(starts: NDArray[np.intp], sizes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the numbers start, start + 1, … of each range of some size, one range after the other."""
    before = np.cumsum(sizes) - sizes
    numbers: NDArray[np.intp] = np.arange(int(sizes.sum())) + np.repeat(starts - before, sizes)
    return numbers


def _windows(sentence: str) -> list[tuple[tuple[str, ...], float]]:
    found = words(sentence)
    is_question = sentence.endswith(_QUESTION_MARKS) or not _QUESTION_WORDS.isdisjoint(found)
    factor = QUESTION_FACTOR if is_question else 1.0
    return [(tuple(found[at : at + WINDOW_WORDS]), factor) for at in range(0, len(found), WINDOW_WORDS)]
