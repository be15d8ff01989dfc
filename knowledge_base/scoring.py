"""BM25 of one channel, as the share that each text reaches of what the question could reach at best.

The whole question is scored against every text, its windows only against the texts that come near by the whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.postings import MOST_COUNTED, SLOT_SHIFT, Reading
from knowledge_base.question import TermTable, ranges

K1 = 1.5
B = 0.8
CROWD = 2_000
CROWDED_SHARE = 0.25

Floats = NDArray[np.float32]


def longest_posting(population: int) -> int:
    """Return how many postings a term may have: in a crowd, what stands everywhere tells nothing and costs most."""
    return int(population * CROWDED_SHARE) if population > CROWD else population


def rarity(spread: NDArray[np.intp], population: int) -> NDArray[np.float64]:
    """Return the idf of terms that stand in `spread` of `population` texts; never negative."""
    return np.log1p((np.maximum(population - spread, 0) + 0.5) / (spread + 0.5))


@dataclass(frozen=True, slots=True)
class Match:
    """A question laid beside one channel: the slot of each posting and its saturated count.

    `weights` holds, for each cell of the table, the term's count in the row times its idf; `ideals` their sum a row.
    """

    table: TermTable
    slots: NDArray[np.intp]
    saturations: Floats
    frequencies: NDArray[np.intp]
    weights: Floats
    ideals: Floats
    width: int

    def whole(self) -> Floats:
        """Return the share of its ideal that the whole question reaches in each slot."""
        of_term = np.zeros(len(self.frequencies), dtype=np.float32)
        first = self.table.rows == 0
        of_term[self.table.columns[first]] = self.weights[first]
        worth = self.saturations * np.repeat(of_term, self.frequencies)
        shares: Floats = _summed(self.slots, worth, self.width) / self.ideals[0]
        return shares

    def windows(self, slots: NDArray[np.intp]) -> Floats:
        """Return the share of its ideal that each window reaches in some slots (windows x slots)."""
        near = self._within(slots)
        cells = np.flatnonzero(self.table.rows > 0)
        sizes = near.frequencies[self.table.columns[cells]]
        at = ranges(near.starts[self.table.columns[cells]], sizes)
        places = np.repeat((self.table.rows[cells] - 1) * len(slots), sizes) + near.columns[at]
        worth = near.saturations[at] * np.repeat(self.weights[cells], sizes)
        height = self.table.height - 1
        totals = _summed(places, worth, height * len(slots)).reshape(height, len(slots))
        shares: Floats = totals / self.ideals[1:, None]
        return shares

    def _within(self, slots: NDArray[np.intp]) -> _Near:
        column_of = np.full(self.width, -1, dtype=np.intp)
        column_of[slots] = np.arange(len(slots))
        columns = column_of[self.slots]
        kept = np.flatnonzero(columns >= 0)
        ends = np.searchsorted(kept, np.cumsum(self.frequencies))
        frequencies = np.diff(ends, prepend=0)
        return _Near(columns[kept], self.saturations[kept], frequencies, ends - frequencies)


@dataclass(frozen=True, slots=True)
class _Near:
    """The postings of the nearest texts only: the i-th term's begin at `starts[i]`."""

    columns: NDArray[np.intp]
    saturations: Floats
    frequencies: NDArray[np.intp]
    starts: NDArray[np.intp]


def match(table: TermTable, reading: Reading, lengths: Floats, *, population: int, allowance: float) -> Match:
    """Lay a question beside what was read of a channel with these text lengths, one a slot.

    The ideal of a window carries an allowance, in units of idf, or two common words would be matched in full.
    """
    kept = reading.spread == reading.frequencies
    idf = np.where(kept, rarity(reading.spread, population), 0)
    weights = (table.counts * idf[table.columns]).astype(np.float32)
    ideals = _summed(table.rows, weights, table.height)
    ideals[1:] += allowance
    packed = reading.packed.astype(np.intp)
    slots, saturations = packed >> SLOT_SHIFT, _saturations(lengths)[packed]
    ideals = np.maximum(ideals, np.float32(1e-6))
    return Match(table, slots, saturations, reading.frequencies, weights, ideals, len(lengths))


def _summed(places: NDArray[np.intp], values: Floats, size: int) -> Floats:
    return np.bincount(places, values, minlength=size).astype(np.float32)


def _saturations(lengths: Floats) -> Floats:
    """Return what a posting is worth, by its packed number: BM25's damped count, for each slot and count.

    The mean length is that of the texts which have this channel.
    """
    mean = float(lengths.sum()) / max(int(np.count_nonzero(lengths)), 1)
    damping = K1 * (1 - B + B * lengths / max(mean, 1.0))
    counts = np.arange(MOST_COUNTED + 1, dtype=np.float32)
    table: Floats = ((K1 + 1) * counts / (counts + damping[:, None])).astype(np.float32)
    return table.ravel()
