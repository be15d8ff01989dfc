"""One channel of an index: for each term, where it stands and how often.

A posting is one unsigned 32-bit number, slot * 16 + count: a word that stands more than
15 times tells nothing more. Readers take views of the arrays; growing an array
under a view raises BufferError, and then the writer grows a copy and leaves the old one to its readers.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SLOT_SHIFT = 4
MOST_COUNTED = (1 << SLOT_SHIFT) - 1


@dataclass(frozen=True, slots=True)
class Reading:
    """The postings of some terms, laid end to end: `frequencies[i]` of them belong to the i-th term.

    `spread` tells in how many texts each term stands, also of the terms whose postings were skipped.
    """

    packed: NDArray[np.uint32]
    frequencies: NDArray[np.int64]
    spread: NDArray[np.int64]


class Postings:
    """The inverted index of one channel, each posting list in the order of slots; not guarded against two writers."""

    def __init__(self) -> None:
        self._rows: dict[str, array[int]] = {}

    def add(self, slot: int, counts: Mapping[str, int]) -> None:
        """Add the terms of a text in a slot higher than all before."""
        rows, base = self._rows, slot << SLOT_SHIFT
        for term, count in counts.items():
            posting = base | count if count < MOST_COUNTED else base | MOST_COUNTED
            row = rows.get(term)
            if row is None:
                rows[term] = array("I", (posting,))
                continue
            try:
                row.append(posting)
            except BufferError:
                rows[term] = row + array("I", (posting,))

    def remove(self, slot: int, terms: Iterable[str]) -> None:
        """Take the terms of a text out again."""
        for term in terms:
            row = self._rows[term]
            at = bisect_left(row, slot << SLOT_SHIFT)
            if len(row) == 1:
                del self._rows[term]
                continue
            try:
                del row[at]
            except BufferError:
                self._rows[term] = row[:at] + row[at + 1 :]

    def read(self, terms: Sequence[str], *, longest: int) -> Reading:
        """Return the postings of the terms, without those that stand in more than `longest` texts."""
        found = [self._rows.get(term, _NONE) for term in terms]
        spread = np.array([len(row) for row in found], dtype=np.int64)
        kept = [row if len(row) <= longest else _NONE for row in found]
        packed = np.frombuffer(b"".join(kept), dtype=np.uint32)
        return Reading(packed, np.where(spread <= longest, spread, 0), spread)


_NONE: array[int] = array("I")
