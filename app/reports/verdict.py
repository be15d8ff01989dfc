"""Whether a target was kept, said only where chance can be ruled out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

_Z95 = 1.959963984540054
"""the normal distribution's quantile that leaves 2.5 % on either side"""


class Verdict(StrEnum):
    """What a share says of its goal."""

    KEPT = "kept"
    """the whole interval reaches the goal"""
    MISSED = "missed"
    """no part of the interval reaches the goal"""
    UNDECIDED = "undecided"
    """the goal lies inside the interval: it may be chance"""
    NOTHING = "nothing"
    """nothing was counted, or no goal is set"""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the true share lies with 95 % confidence; both ends from 0 to 1."""

    low: float
    high: float


def wilson(hits: int, n: int) -> Interval | None:
    """The 95 % score interval of `hits` out of `n`; None when n is 0.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927): honest for
    small n and for shares near 0 and 1, where the textbook interval is not.
    """
    if n == 0:
        return None
    share, z2 = hits / n, _Z95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z95 * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return Interval(0.0 if hits == 0 else centre - half, 1.0 if hits == n else centre + half)


def judge(interval: Interval | None, goal: float | None) -> Verdict:
    """Kept when the whole interval reaches the goal, missed when none of it does, otherwise it cannot be told."""
    if interval is None or goal is None:
        return Verdict.NOTHING
    if interval.low >= goal:
        return Verdict.KEPT
    return Verdict.MISSED if interval.high < goal else Verdict.UNDECIDED
