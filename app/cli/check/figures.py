"""What a unit head reads of it: the report's figures before and after."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from app.cli.check.browser import Browser
from app.cli.check.steps import demand
from app.cli.check.world import World, staff, unit
from app.web.demo.cast import LogIn

COUNTED = ("received", "first_response_finished")


@dataclass(frozen=True)
class Cell:
    """A unit and channel of the report, and its figures named in COUNTED."""

    unit_key: str
    channel: str


Figures = dict[Cell, tuple[int, ...]]


def head_of(unit_key: str) -> LogIn:
    """The unit's head."""
    return staff(unit(unit_key).name("en"), "head")


def read_figures(world: World, unit_key: str) -> Figures:
    """This week's figures of a unit, as its head downloads them. Raises MissingError."""
    browser = world.logged_in(head_of(unit_key).email)
    answer = browser.get("/reports/service-level.csv")
    demand(answer.content_type.startswith("text/csv"), f"The figures as CSV answered {answer.status}.")
    lines = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    return {Cell(line["unit_key"], line["channel"]): tuple(int(line[name] or 0) for name in COUNTED) for line in lines}


def check_report(world: World, unit_keys: set[str]) -> None:
    """The report's page answers to each head."""
    for key in sorted(unit_keys):
        browser: Browser = world.logged_in(head_of(key).email)
        page = browser.get("/reports/")
        demand(page.status == 200, f"The report answered {page.status}.")
        names = unit(key).names.values()  # the page speaks its reader's language
        demand(any(name in page.text for name in names), f"The report does not show {unit(key).name('en')}.")


def check_growth(before: Figures, after: Figures, cells: list[Cell]) -> None:
    """Each cell has one inquiry received and one first response more, or several where others work as well."""
    for cell in cells:
        was, now = before.get(cell, (0,) * len(COUNTED)), after.get(cell, (0,) * len(COUNTED))
        grown = all(new > old for old, new in zip(was, now, strict=True))
        demand(grown, f"{cell.channel} of {cell.unit_key} does not count it: {was} before, {now} after.")
