"""The lines of an article that a search result shows, in pieces so that a page can mark the matches itself."""

from __future__ import annotations

from collections.abc import Callable

from knowledge_base.analysis import normalise, spans
from knowledge_base.question import sentences

LONGEST = 240
BEFORE_MATCH = 60

Pieces = tuple[tuple[str, bool], ...]


def snippet(text: str, is_match: Callable[[str], bool]) -> Pieces:
    """Return the sentence with most matches as (text, is it a match) pieces, unescaped; the first one without any."""
    parts = [normalise(part) for part in sentences(text)]
    if not parts:
        return ()
    best = max(parts, key=lambda part: _distinct(part, is_match))
    return _pieces(_cropped(best, is_match), is_match)


def _distinct(part: str, is_match: Callable[[str], bool]) -> int:
    return len({word for start, end in spans(part) if is_match(word := part[start:end].lower())})


def _cropped(part: str, is_match: Callable[[str], bool]) -> str:
    """Return at most the longest snippet, beginning shortly before the first match."""
    if len(part) <= LONGEST:
        return part
    first = next((start for start, end in spans(part) if is_match(part[start:end].lower())), 0)
    start = max(first - BEFORE_MATCH, 0)
    start = part.find(" ", start) + 1 if start else 0
    kept = part[start : start + LONGEST]
    tail = kept.rsplit(" ", 1)[0] + " …" if start + LONGEST < len(part) else kept
    return f"… {tail}" if start else tail


def _pieces(part: str, is_match: Callable[[str], bool]) -> Pieces:
    pieces: list[tuple[str, bool]] = []
    done = 0
    for start, end in spans(part):
        if is_match(part[start:end].lower()):
            pieces += [(part[done:start], False), (part[start:end], True)]
            done = end
    pieces.append((part[done:], False))
    return tuple(piece for piece in pieces if piece[0])
