"""The report's drawings as inline SVG: classes only, so that the strict content policy and dark mode hold.

A chart's title states what it shows in words; the numbers stand in a table beside it. Words are looked up by the
translator passed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import floor

from markupsafe import Markup

from app.reports.period import Week
from app.reports.service_level import Course, Level
from app.reports.verdict import Verdict
from app.texts.catalogue import Translator
from app.texts.figures import number, percent

_STRIP_WIDTH, _STRIP_HEIGHT = 150, 18
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 660, 19, 163
_NOTHING = Markup()
Point = tuple[float, Week, Level]


def axis_floor(levels: Iterable[Level]) -> float:
    """Where an axis of shares begins so that every interval and goal fits: a tenth, from 0 to 0.9; it ends at 1."""
    lows = [0.95]
    for level in levels:
        lows += [level.interval.low] if level.interval else []
        lows += [level.goal] if level.goal is not None else []
    return max(0.0, floor(round(min(lows) * 10, 9) - 0.1) / 10)


def interval_strip(level: Level, *, axis_from: float) -> Markup:
    """A row's share as a point, its interval as a line, its goal as a stroke; hidden from screen readers.

    The same figures stand as text in the row.
    """

    def x(share: float) -> float:
        return round((share - axis_from) / (1 - axis_from) * _STRIP_WIDTH, 1)

    goal = interval = _NOTHING
    if level.goal is not None:
        goal = Markup('<path class="tgl" d="M{} 0v18"/>').format(x(level.goal))
    if level.interval and level.share is not None:
        interval = Markup('<path class="wk" d="M{} 9H{}"/><circle class="pt2" cx="{}" cy="9" r="4"/>').format(
            x(level.interval.low), x(level.interval.high), x(level.share)
        )
    return Markup(
        '<svg class="ci" viewBox="0 0 {} {}" aria-hidden="true"><path class="gr" d="M0 9h{}"/>{}{}</svg>'
    ).format(_STRIP_WIDTH, _STRIP_HEIGHT, _STRIP_WIDTH, goal, interval)


def course_chart(course: Course, *, caption: str, words: Translator) -> Markup:
    """The share within target week by week with its intervals and n, the goal dashed, missed weeks as red squares.

    `caption` names unit and channel. A week without anything counted leaves a gap.
    """
    scale = _Scale(axis_floor(level for _, level in course.weeks), len(course.weeks))
    points = [(scale.x(place), week, level) for place, (week, level) in enumerate(course.weeks)]
    parts = (
        *_grid(scale, words),
        _goal(scale, course.goal, words),
        *_lines(scale, points),
        *(_mark(scale, point, words) for point in points),
    )
    key = f"course-{course.unit_id}-{course.channel}"
    return Markup(
        '<svg viewBox="0 0 760 206" role="img" aria-labelledby="{}"><title id="{}">{}</title>{}</svg>'
    ).format(key, key, finding(course, caption=caption, words=words), _NOTHING.join(parts))


def finding(course: Course, *, caption: str, words: Translator) -> str:
    """What the chart shows, in sentences: the last week's share and the weeks that missed the goal beyond chance."""
    (first, _), (last, level) = course.weeks[0], course.weeks[-1]
    sentences = [
        words.gettext(
            "First responses within target, %(caption)s, weeks %(first)s to %(last)s.",
            caption=caption,
            first=first.number,
            last=last.number,
        )
    ]
    if level.share is not None:
        share = percent(level.share, words.language)
        sentences.append(words.gettext("Last week shown: %(share)s of %(n)s.", share=share, n=level.judged.n))
    if course.goal is not None:
        sentences.append(_missed(course, percent(course.goal, words.language), words))
    return " ".join(sentences)


def _missed(course: Course, goal: str, words: Translator) -> str:
    weeks = [str(week.number) for week, level in course.weeks if level.verdict is Verdict.MISSED]
    if not weeks:
        return words.gettext("Target %(goal)s missed in no week beyond chance.", goal=goal)
    return words.ngettext(
        "Target %(goal)s missed in week %(weeks)s.",
        "Target %(goal)s missed in weeks %(weeks)s.",
        len(weeks),
        goal=goal,
        weeks=", ".join(weeks),
    )


class _Scale:
    """Where shares and weeks lie on the paper."""

    def __init__(self, axis_from: float, weeks: int) -> None:
        self.axis_from, self._step = axis_from, (_RIGHT - _LEFT - 24) / max(1, weeks - 1)

    def x(self, place: int) -> float:
        return round(_LEFT + 12 + place * self._step, 1)

    def y(self, share: float) -> float:
        return round(_TOP + (1 - share) / (1 - self.axis_from) * (_BOTTOM - _TOP), 1)


def _grid(scale: _Scale, words: Translator) -> Iterator[Markup]:
    tenths = range(10, round(scale.axis_from * 10) - 1, -1)
    for tenth in tenths if len(tenths) <= 6 else tenths[::2]:
        y = scale.y(tenth / 10)
        text = percent(tenth / 10, words.language)
        yield Markup('<path class="gr" d="M{} {}H{}"/><text x="40" y="{}" text-anchor="end">{}</text>').format(
            _LEFT, y, _RIGHT, y + 4, text
        )


def _goal(scale: _Scale, goal: float | None, words: Translator) -> Markup:
    if goal is None:
        return _NOTHING
    text = words.gettext("target %(goal)s", goal=percent(goal, words.language))
    y = scale.y(goal)
    return Markup('<path class="tg" d="M{} {}H{}"/><text class="hd" x="668" y="{}">{}</text>').format(
        _LEFT, y, _RIGHT, y + 4, text
    )


def _lines(scale: _Scale, points: Iterable[Point]) -> Iterator[Markup]:
    """One line for each run of weeks that have a share."""
    run: list[str] = []
    for x, _, level in points:
        if level.share is not None:
            run.append(f"{x} {scale.y(level.share)}")
        elif run:
            yield Markup('<path class="ln" d="M{}"/>').format("L".join(run))
            run = []
    if run:
        yield Markup('<path class="ln" d="M{}"/>').format("L".join(run))


def _mark(scale: _Scale, point: Point, words: Translator) -> Markup:
    x, week, level = point
    foot = Markup(
        '<text x="{}" y="182" text-anchor="middle">{}</text><text x="{}" y="198" text-anchor="middle">{}</text>'
    )
    label = words.gettext("w %(number)s", number=week.number)
    count = words.gettext("n %(count)s", count=number(level.judged.n, words.language))
    drawn = foot.format(x, label, x, count)
    if level.interval is None or level.share is None:
        return drawn
    whisker = Markup('<path class="wk" d="M{} {}V{}"/>').format(
        x, scale.y(level.interval.low), scale.y(level.interval.high)
    )
    y = scale.y(level.share)
    if level.verdict is Verdict.MISSED:
        return drawn + whisker + Markup('<path class="b4" d="M{} {}h12v12h-12z"/>').format(round(x - 6, 1), y - 6)
    return drawn + whisker + Markup('<circle class="b1" cx="{}" cy="{}" r="4"/>').format(x, y)
