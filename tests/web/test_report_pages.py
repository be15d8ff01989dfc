"""The page of the report: who sees it, what its numbers open, and what it costs."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from io import StringIO

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import sessions
from app.accounts.models import Membership, Unit
from app.core import clock
from app.core.system import System
from app.web.factory import create_app
from tests.factories import Authority, arrives, mail
from tests.queries import count_queries

WEDNESDAY = datetime(2026, 11, 18, 8, 30, tzinfo=UTC)
LogIn = Callable[[str], FlaskClient]


@pytest.fixture
def log_in(system: System, authority: Authority) -> Iterator[LogIn]:
    """A client of a person by first name; it is Wednesday of week 47."""
    app = create_app(system)

    def client(name: str) -> FlaskClient:
        with system.db.begin() as session:
            key = sessions.start(session, authority.viewers[name].user_id, at=clock.now(), hours=8)
        found = app.test_client()
        found.set_cookie("luukku", key)
        return found

    with time_machine.travel(WEDNESDAY, tick=False):
        yield client


def arrive(system: System, count: int, *, unit: str = "north", start: int = 0) -> None:
    """So many mails came on Monday, one a minute from 9 o'clock on, and nobody answered them."""
    monday = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
    for n in range(start, start + count):
        raw = mail(to=f"{unit}@migration.example", message_id=f"{unit}-{n}@example.se", subject=f"Question {n}")
        with time_machine.travel(monday + timedelta(minutes=n), tick=False):
            arrives(system, raw, item_id=f"{unit}:{n}", at=monday + timedelta(minutes=n))


def links(page: str) -> dict[str, int]:
    """The cells that a page links, with the number that each shows."""
    found = re.findall(r'href="(/desk/\?cell=[^"]+)">([\d ,.\u00a0]+)</a>', page)
    return {unescape(url): int(re.sub(r"\D", "", number)) for url, number in found}


def test_each_number_opens_a_list_of_just_so_many_tickets(log_in: LogIn, system: System) -> None:
    arrive(system, 7)
    client = log_in("nora")
    numbers = links(client.get("/reports/").text)
    assert numbers == {
        "/desk/?cell=received.1.email.2026-W47": 7,
        "/desk/?cell=open.1.email.2026-W47": 7,
        "/desk/?cell=counted.1.email.2026-W47": 7,
    }
    for url, number in numbers.items():
        page = client.get(url)
        assert page.status_code == 200
        assert len(re.findall(r'<a class="row', page.text)) == number


def test_the_page_says_what_was_missed_and_that_the_week_still_runs(log_in: LogIn, system: System) -> None:
    arrive(system, 12)
    page = log_in("nora").get("/reports/").text
    assert "Week 47, 16–22 November 2026" in page
    assert "The target was not kept: E-mail, Unit north." in page
    assert "these are the figures so far" in page
    assert "12 late" in page


def test_a_week_that_is_over_keeps_its_figures_and_says_nothing_of_running(log_in: LogIn, system: System) -> None:
    arrive(system, 3)
    client = log_in("nora")
    page = client.get("/reports/?week=2026-W46").text
    assert "so far" not in page
    assert links(page) == {}
    assert "No first response has been counted in this week." in page


@pytest.mark.parametrize("name", ["nils", "nora"])
def test_agents_and_heads_see_their_unit_alone(log_in: LogIn, system: System, name: str) -> None:
    arrive(system, 2, unit="southern")
    client = log_in(name)
    page = client.get("/reports/").text
    assert "Unit north" in page
    assert "Unit southern" not in page
    assert links(page) == {}
    assert client.get("/reports/?unit=2").status_code == 404
    assert client.get("/reports/service-level.csv?unit=2").status_code == 404
    assert client.get("/desk/?cell=received.2.email.2026-W47").status_code == 404


def test_anonymous_people_are_sent_to_the_log_in(log_in: LogIn, system: System) -> None:
    anonymous = create_app(system).test_client()
    for url in ("/reports/", "/reports/service-level.csv"):
        answer = anonymous.get(url)
        assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/login")


def test_an_administrator_without_a_unit_sees_no_figures(log_in: LogIn, system: System) -> None:
    arrive(system, 2)
    client = log_in("admin")
    page = client.get("/reports/")
    assert page.status_code == 200
    assert "You belong to no unit" in page.text
    assert len(client.get("/reports/service-level.csv").text.splitlines()) == 1


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("week=2026-W47", 200),
        ("week=2026-W48", 404),
        ("week=2026-W60", 422),
        ("week=yesterday", 422),
        ("unit=1", 200),
        ("unit=", 200),
        ("unit=0", 404),
        ("unit=x", 404),
    ],
)
def test_nonsense_in_the_address_is_refused_kindly(log_in: LogIn, query: str, status: int) -> None:
    assert log_in("nora").get(f"/reports/?{query}").status_code == status


def test_the_file_has_a_line_for_each_unit_channel_and_week(log_in: LogIn, system: System) -> None:
    arrive(system, 4)
    answer = log_in("nora").get("/reports/service-level.csv?weeks=2")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "service-level-2026-W47.csv" in answer.headers["Content-Disposition"]
    lines = list(csv.DictReader(StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert len(lines) == 3 * 2
    assert {(line["unit_key"], line["timezone"]) for line in lines} == {("north", "Europe/Stockholm")}
    (mails,) = [line for line in lines if (line["channel"], line["week"]) == ("email", "2026-W47")]
    assert (mails["received"], mails["first_response_counted"], mails["first_response_verdict"]) == ("4", "4", "missed")


@pytest.mark.parametrize("weeks", ["0", "54", "x", "-1", "999"])
def test_a_file_of_no_or_too_many_weeks_is_not_there(log_in: LogIn, weeks: str) -> None:
    assert log_in("nora").get(f"/reports/service-level.csv?weeks={weeks}").status_code == 404


def test_the_page_asks_the_database_as_often_for_many_tickets_as_for_few(log_in: LogIn, system: System) -> None:
    arrive(system, 5)
    client = log_in("nora")
    few = queries(client, system)
    arrive(system, 60, start=5)
    with system.db.begin() as session:
        session.add(Membership(user_id=_user(session), unit_id=2, role="head"))
    arrive(system, 5, unit="southern")
    assert queries(client, system) == few <= 16


def _user(session: object) -> int:
    from app.accounts.models import User

    found = session.scalar(select(User.id).where(User.email == "nora@migration.example"))  # type: ignore[attr-defined]
    return int(found)


def queries(client: FlaskClient, system: System) -> int:
    with count_queries(system.db.engine) as counted:
        assert client.get("/reports/").status_code == 200
    return counted.count


def test_the_definitions_stand_on_the_page_and_the_charts_carry_no_style(log_in: LogIn, system: System) -> None:
    arrive(system, 3)
    page = log_in("nora").get("/reports/").text
    for word in ("How we count", "Each clock counts once", "95 % confidence", "nearest rank"):
        assert word in page
    assert "style=" not in page
    assert page.count('role="img"') == 1
    assert "%%" not in page


def test_a_name_with_markup_stays_text_everywhere(log_in: LogIn, system: System) -> None:
    arrive(system, 3)
    with system.db.begin() as session:
        unit = session.get_one(Unit, 1)
        unit.names = {"en": "<script>&\"'"}
    page = log_in("nora").get("/reports/").text
    assert "<script>&" not in page
    assert "&lt;script&gt;&amp;" in page
