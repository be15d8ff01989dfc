"""The drawings of the report."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from app.reports.charts import axis_floor, course_chart, finding, interval_strip
from app.reports.figures import Judged
from app.reports.period import Week, last_weeks
from app.reports.service_level import Course, Level
from app.texts.catalogue import translator
from channels.contract import ChannelName

SVG = "{http://www.w3.org/2000/svg}"
ENGLISH = translator("en")


def level(within: int, n: int, goal: float | None = 0.9) -> Level:
    return Level(Judged(n, within), goal)


def course(*shares: tuple[int, int], goal: float | None = 0.9) -> Course:
    weeks = last_weeks(len(shares), until=Week(2026, 46))
    levels = tuple((week, level(*share, goal)) for week, share in zip(weeks, shares, strict=True))
    return Course(3, ChannelName.EMAIL, levels)


def drawn(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(str(svg).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


@pytest.mark.parametrize("svg", [course_chart(course((9, 10), (0, 0), (400, 412)), caption="A <b>&", words=ENGLISH)])
def test_a_chart_needs_no_style_attribute_and_lets_no_markup_in(svg: str) -> None:
    assert "style" not in svg
    assert "<b>" not in svg
    assert "A <b>&" in (drawn(svg).findtext(f"{SVG}title") or "")


def test_a_chart_is_an_image_named_by_its_finding() -> None:
    root = drawn(course_chart(course((95, 100), (60, 100), (92, 100)), caption="North, e-mail", words=ENGLISH))
    title = root.find(f"{SVG}title")
    assert root.get("role") == "img"
    assert title is not None
    assert root.get("aria-labelledby") == title.get("id")
    assert title.text == (
        "First responses within target, North, e-mail, weeks 44 to 46. Last week shown: 92% of 100. "
        "Target 90% missed in week 45."
    )


def test_the_finding_says_when_no_week_was_missed_and_keeps_silent_without_a_goal() -> None:
    kept = finding(course((95, 100), (92, 100)), caption="North", words=ENGLISH)
    assert kept.endswith("Target 90% missed in no week beyond chance.")
    assert "arget 90" not in finding(course((95, 100), (0, 0), goal=None), caption="North", words=ENGLISH)


def test_missed_weeks_are_squares_and_a_week_without_figures_breaks_the_line() -> None:
    svg = course_chart(course((95, 100), (96, 100), (0, 0), (20, 100)), caption="North", words=ENGLISH)
    assert svg.count('class="ln"') == 2
    assert svg.count('class="b4"') == 1
    assert svg.count('class="b1"') == 2
    assert re.findall(r">(n [^<]+)<", svg) == ["n 100", "n 100", "n 0", "n 100"]


def test_everything_is_drawn_on_the_paper() -> None:
    svg = course_chart(course((0, 50), (50, 50), (1, 3)), caption="North", words=ENGLISH)
    heights = [float(y) for y in re.findall(r'cy="([\d.-]+)"', svg)]
    heights += [float(y) for y in re.findall(r'"wk" d="M[\d.]+ ([\d.-]+)V', svg)]
    assert heights
    assert all(15 <= height <= 167 for height in heights)


@pytest.mark.parametrize(
    ("levels", "begin"),
    [
        ([], 0.9),
        ([level(412, 412)], 0.8),
        ([level(69, 100)], 0.5),
        ([level(0, 10)], 0.0),
        ([level(0, 0, goal=0.8)], 0.7),
        ([level(1000, 1000, goal=None)], 0.9),
    ],
)
def test_the_axis_begins_at_a_tenth_below_all_that_is_on_it(levels: list[Level], begin: float) -> None:
    assert axis_floor(levels) == begin


def test_a_strip_shows_point_interval_and_goal_where_they_belong() -> None:
    strip = interval_strip(level(90, 100, goal=0.8), axis_from=0.6)
    assert 'cx="112.5"' in strip
    assert 'class="tgl" d="M75.0 0v18"' in strip
    assert 'aria-hidden="true"' in strip


def test_a_strip_of_nothing_is_an_empty_axis() -> None:
    strip = interval_strip(level(0, 0, goal=None), axis_from=0.6)
    assert "circle" not in strip
    assert "tgl" not in strip
