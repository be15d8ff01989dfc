"""The part of an article that shows why it was found."""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge_base.tokens import LANGUAGES, exact_words, stem_analyser

LENGTH = 220
Piece = tuple[str, bool]
"""some text, and whether it is a match"""
_WORD = re.compile(r"\w+")


def snippet(text: str, asked: Sequence[str], language: str) -> tuple[Piece, ...]:
    """About 220 characters of the text round its first match, in pieces; its beginning when nothing matches."""
    line = " ".join(text.split())
    wanted = {stem for word in asked for stem in _stems(word, language)}
    spans = [found.span() for found in _WORD.finditer(line) if _is_match(found.group(), asked, wanted, language)]
    start = _sentence_start(line, spans[0][0]) if spans else 0
    end = _word_end(line, start + LENGTH)
    pieces = list(_cut(line, start, end, spans))
    opening: list[Piece] = [("… ", False)] if start else []
    closing: list[Piece] = [(" …", False)] if end < len(line) else []
    return (*opening, *pieces, *closing)


def _cut(line: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> list[Piece]:
    pieces: list[Piece] = []
    at = start
    for first, last in spans:
        if first >= at and last <= end:
            pieces += [(line[at:first], False), (line[first:last], True)]
            at = last
    return [piece for piece in (*pieces, (line[at:end], False)) if piece[0]]


def _is_match(word: str, asked: Sequence[str], wanted: set[str], language: str) -> bool:
    folded = "".join(exact_words(word))
    is_beginning = len(asked[-1]) > 2 and folded.startswith(asked[-1])
    return folded in asked or is_beginning or not wanted.isdisjoint(_stems(word, language))


def _stems(word: str, language: str) -> list[str]:
    return [token.text for token in stem_analyser(language)(word)] if language in LANGUAGES else []


def _sentence_start(line: str, match: int) -> int:
    """Where the sentence of a match begins, unless that is too far back to show the match."""
    before = max(line.rfind(mark, 0, match) for mark in (". ", "? ", "! "))
    start = before + 2 if before >= 0 else 0
    return start if match - start < LENGTH // 2 else line.rfind(" ", 0, match - LENGTH // 3) + 1


def _word_end(line: str, end: int) -> int:
    if end >= len(line):
        return len(line)
    space = line.rfind(" ", 0, end)
    return space if space > 0 else end
