"""The report on service levels: a week of the person's units, its last twelve weeks, and the same as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request, url_for
from markupsafe import Markup

from app.accounts.policy import may_report
from app.core.errors import NotFoundError
from app.reports.charts import axis_floor, course_chart, finding, interval_strip
from app.reports.export import Labels, service_level_csv
from app.reports.measures import Measure
from app.reports.period import Week, last_weeks
from app.reports.service_level import Course, Row, courses, service_level
from app.reports.verdict import Interval, Verdict
from app.texts import figures, instants
from app.web.context import language, reading, request_at, viewer
from app.web.desk.labels import CHANNELS
from app.web.desk.surroundings import directory, zone
from app.web.desk.words_for_lists import my_units, unit_name
from app.web.language import gettext, words

reports = Blueprint("reports", __name__, url_prefix="/reports")
CHARTED, OFFERED, MOST_WEEKS = 12, 26, 53
SHOWN_OPEN = 3
"""so many charts are in sight from the start, and printed"""


@dataclass(frozen=True)
class Asked:
    """What the address asks for: a week, and one unit or all of the person's, by name."""

    week: Week
    running: Week
    unit: int | None
    unit_ids: tuple[int, ...]

    @property
    def is_running(self) -> bool:
        """Whether the week is not over, so that its figures still change."""
        return self.week == self.running

    def params(self) -> dict[str, str]:
        """The same as parameters of an address."""
        return {"week": str(self.week)} | ({"unit": str(self.unit)} if self.unit else {})

    def offered(self) -> list[Week]:
        """The weeks to choose from, the newest first, with the one asked for."""
        return sorted({*last_weeks(OFFERED, until=self.running), self.week}, reverse=True)


@reports.get("/")
def index() -> str:
    """The report of a week."""
    asked = read_address(request_at())
    with reading() as session:
        rows = service_level(session, unit_ids=asked.unit_ids, weeks=[asked.week], now=request_at())
        weeks = last_weeks(CHARTED, until=asked.week)
        charted = courses(session, unit_ids=asked.unit_ids, weeks=weeks, now=request_at())
    return render_template(
        "desk/report.html",
        asked=asked,
        title=instants.week_title(asked.week.year, asked.week.number, language()),
        units=[(unit_id, list(group)) for unit_id, group in groupby(rows, key=lambda row: row.unit_id)],
        missed=[place_name(row) for row in rows if row.first_response.verdict is Verdict.MISSED],
        has_counted=any(row.first_response.judged.n for row in rows),
        charts=[drawing(course) for course in sorted(charted, key=is_quiet)],
        shown_open=SHOWN_OPEN,
        axes={
            "first": axis_floor(row.first_response for row in rows),
            "last": axis_floor(row.resolution for row in rows),
        },
        percent=percent,
        span=span,
        place_name=place_name,
        cell_url=cell_url,
        strip=interval_strip,
        Measure=Measure,
    )


@reports.get("/service-level.csv")
def service_level_file() -> Response:
    """The same figures as a file, `weeks` of them (1 to 53) up to the one asked for."""
    asked = read_address(request_at())
    weeks = last_weeks(_count(request.args.get("weeks", "1")), until=asked.week)
    with reading() as session:
        rows = service_level(session, unit_ids=asked.unit_ids, weeks=weeks, now=request_at())
    data = service_level_csv(rows, Labels(directory().units, language()))
    name = f"service-level-{asked.week}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, mimetype="text/csv", headers=headers)


def read_address(now: datetime) -> Asked:
    """What is asked for. Raises NotFoundError for a unit that is not theirs or a week to come, InvalidInputError."""
    mine = [unit_id for unit_id, _ in my_units() if may_report(viewer(), unit_id)]
    zones = [ZoneInfo(directory().units[unit_id].timezone) for unit_id in mine] or [zone()]
    running = max(Week.at(now, wall) for wall in zones)
    week = Week.parse(request.args["week"]) if request.args.get("week") else running
    if week > running:
        raise NotFoundError("This week has not begun yet.")
    unit = request.args.get("unit", "")
    if not unit:
        return Asked(week, running, None, tuple(mine))
    if unit not in map(str, mine):
        raise NotFoundError("There is no such unit.")
    return Asked(week, running, int(unit), (int(unit),))


def place_name(place: Row | Course) -> str:
    """Channel and unit of a row or chart in words."""
    channel = gettext(CHANNELS[place.channel])
    return gettext("%(channel)s, %(unit)s", channel=channel, unit=unit_name(place.unit_id))


def is_quiet(course: Course) -> bool:
    """Whether the last week of a course missed no goal; the others come first."""
    return course.weeks[-1][1].verdict is not Verdict.MISSED


def drawing(course: Course) -> tuple[Course, Markup, str]:
    """A course with its chart and what the chart shows, in the page's language."""
    caption = place_name(course)
    chart = course_chart(course, caption=caption, words=words())
    return course, chart, finding(course, caption=caption, words=words())


def percent(share: float) -> str:
    """A share as the page's language writes it."""
    return figures.percent(share, language())


def span(interval: Interval) -> str:
    """An interval of shares in words: "90–95 %"."""
    low = percent(interval.low).rstrip("%\N{NO-BREAK SPACE}")
    return f"{low}–{percent(interval.high)}"


def cell_url(row: Row, measure: Measure) -> str:
    """Where the tickets behind a number stand."""
    return url_for("desk.tickets", cell=str(row.cell(measure)))


def _count(text: str) -> int:
    is_count = text.isascii() and text.isdigit() and len(text) <= 2
    if not is_count or not 1 <= int(text) <= MOST_WEEKS:
        raise NotFoundError("There is no file of so many weeks.")
    return int(text)
