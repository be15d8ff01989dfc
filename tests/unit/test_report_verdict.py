"""The verdict is given only where chance is ruled out."""

from __future__ import annotations

import pytest

from app.reports.verdict import Verdict, judge, wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0000),
    ],
)
def test_the_interval_agrees_with_published_examples(hits: int, n: int, low: float, high: float) -> None:
    interval = wilson(hits, n)
    assert interval is not None
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_the_interval_holds_the_share_and_never_leaves_nothing_to_all() -> None:
    for n in range(1, 60):
        for hits in range(n + 1):
            interval = wilson(hits, n)
            assert interval is not None
            assert 0 <= interval.low <= hits / n <= interval.high <= 1


@pytest.mark.parametrize(
    ("hits", "n", "verdict"),
    [
        (99, 100, Verdict.KEPT),
        (92, 100, Verdict.UNDECIDED),
        (85, 100, Verdict.UNDECIDED),
        (84, 100, Verdict.MISSED),
        (70, 100, Verdict.MISSED),
        (1, 1, Verdict.UNDECIDED),
        (0, 3, Verdict.MISSED),
        (0, 0, Verdict.NOTHING),
    ],
)
def test_a_goal_of_nine_in_ten_is_judged_by_the_whole_interval(hits: int, n: int, verdict: Verdict) -> None:
    assert judge(wilson(hits, n), 0.9) is verdict


def test_without_a_goal_there_is_nothing_to_judge() -> None:
    assert judge(wilson(5, 10), None) is Verdict.NOTHING


def test_an_interval_that_just_touches_the_goal_is_decided_for_the_unit() -> None:
    interval = wilson(50, 60)
    assert interval is not None
    assert judge(interval, interval.low) is Verdict.KEPT
    assert judge(interval, interval.high) is Verdict.UNDECIDED
