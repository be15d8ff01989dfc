"""Logging in and out: what a session is, when it ends, and what nobody learns."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.accounts.login_models import DoorCount
from app.accounts.models import FailedLogin, LoginSession, User
from app.core.config import Settings, complete
from app.core.system import System
from app.web.factory import create_app
from tests.factories import PASSWORD, Authority


@pytest.fixture
def browser_less(desk_app: Flask) -> FlaskClient:
    return desk_app.test_client()


def log_in(
    client: FlaskClient, email: str = "nils@migration.example", password: str = PASSWORD, wanted: str = ""
) -> TestResponse:
    page = client.get("/login").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]  # type: ignore[index]
    return client.post("/login", data={"csrf_token": token, "email": email, "password": password, "next": wanted})


def key_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("luukku")
    return cookie.value if cookie else ""


def test_a_right_password_opens_the_desk(browser_less: FlaskClient) -> None:
    answer = log_in(browser_less)
    assert answer.status_code == 303
    assert browser_less.get("/desk/").status_code == 200


def test_the_name_may_be_written_in_any_case(browser_less: FlaskClient) -> None:
    assert log_in(browser_less, "NILS@Migration.example").status_code == 303


@pytest.mark.parametrize("email", ["nils@migration.example", "nobody@migration.example"])
def test_a_wrong_pair_says_the_same_whoever_it_is_and_keeps_the_address(browser_less: FlaskClient, email: str) -> None:
    answer = log_in(browser_less, email, "wrong")
    assert answer.status_code == 422
    assert f'value="{email}"' in answer.text
    assert "do not belong together" in answer.text
    assert 'aria-describedby="fault"' in answer.text
    assert not key_of(browser_less)


def test_somebody_who_has_left_cannot_log_in_and_is_out_at_once(browser_less: FlaskClient, system: System) -> None:
    log_in(browser_less)
    with system.db.begin() as session:
        session.execute(update(User).where(User.email == "nils@migration.example").values(is_active=False))
    assert browser_less.get("/desk/").status_code == 303
    assert log_in(browser_less).status_code == 422


def test_a_log_in_never_takes_over_a_key_that_was_there_before(browser_less: FlaskClient) -> None:
    browser_less.set_cookie("luukku", "a key that somebody planted")
    log_in(browser_less)
    assert key_of(browser_less) != "a key that somebody planted"


def test_logging_in_again_ends_the_earlier_session_of_the_browser(browser_less: FlaskClient, desk_app: Flask) -> None:
    log_in(browser_less)
    earlier = key_of(browser_less)
    other = desk_app.test_client()
    log_in(other)
    browser_less.post("/logout", data={"csrf_token": token_of(browser_less)})
    thief = desk_app.test_client()
    thief.set_cookie("luukku", earlier)
    assert thief.get("/desk/").status_code == 303
    assert other.get("/desk/").status_code == 200


def token_of(client: FlaskClient) -> str:
    return re.search(r'"X-CSRFToken": "([^"]+)"', client.get("/desk/").text)[1]  # type: ignore[index]


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser_less: FlaskClient) -> None:
    cookie = log_in(browser_less).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_with_https_the_cookies_are_secure_and_the_host_is_pinned(settings: Settings, authority: Authority) -> None:
    safe = complete(Settings(**{**vars(settings), "base_url": "https://desk.migration.example"}))
    client = create_app(System(safe, authority.system.db)).test_client()
    page = client.get("/login", base_url="https://desk.migration.example")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]  # type: ignore[index]
    data = {"csrf_token": token, "email": "nils@migration.example", "password": PASSWORD}
    answer = client.post(
        "/login",
        data=data,
        base_url="https://desk.migration.example",
        headers={"Referer": "https://desk.migration.example/login"},
    )
    cookies = answer.headers.getlist("Set-Cookie") + page.headers.getlist("Set-Cookie")
    assert all("Secure" in cookie for cookie in cookies)
    assert any(cookie.startswith("__Host-luukku=") for cookie in cookies)
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_only_the_hash_of_the_key_is_kept(browser_less: FlaskClient, system: System) -> None:
    log_in(browser_less)
    with system.db.read() as session:
        kept = session.scalars(select(LoginSession.key_hash)).all()
    assert key_of(browser_less) not in kept


def test_a_session_ends_when_nobody_is_there_for_an_hour(browser_less: FlaskClient) -> None:
    with time_machine.travel("2026-11-16T08:00:00Z", tick=False) as time:
        log_in(browser_less)
        time.shift(timedelta(minutes=59))
        assert browser_less.get("/desk/").status_code == 200
        time.shift(timedelta(minutes=59))
        assert browser_less.get("/desk/").status_code == 200
        time.shift(timedelta(minutes=61))
        assert browser_less.get("/desk/").status_code == 303


def test_a_page_that_asks_for_calls_by_itself_keeps_nobody_logged_in(browser_less: FlaskClient) -> None:
    with time_machine.travel("2026-11-16T08:00:00Z", tick=False) as time:
        log_in(browser_less)
        for _ in range(7):
            time.shift(timedelta(minutes=10))
            browser_less.get("/desk/calls/ringing", headers={"HX-Request": "true"})
        assert browser_less.get("/desk/").status_code == 303


def test_a_session_ends_after_a_working_day_whatever_happens(browser_less: FlaskClient) -> None:
    with time_machine.travel("2026-11-16T08:00:00Z", tick=False) as time:
        log_in(browser_less)
        for _ in range(20):
            time.shift(timedelta(minutes=29))
            assert browser_less.get("/desk/").status_code == 200
        time.shift(timedelta(minutes=29))
        assert browser_less.get("/desk/").status_code == 303


def test_being_there_is_written_down_at_most_once_a_minute(browser_less: FlaskClient, system: System) -> None:
    def seen_at() -> object:
        with system.db.read() as session:
            return session.scalar(select(LoginSession.seen_at))

    with time_machine.travel("2026-11-16T08:00:00Z", tick=False) as time:
        log_in(browser_less)
        at_first = seen_at()
        time.shift(timedelta(seconds=59))
        browser_less.get("/desk/")
        assert seen_at() == at_first
        time.shift(timedelta(seconds=2))
        browser_less.get("/desk/")
        assert seen_at() != at_first


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "desk"])
def test_a_log_in_leads_nowhere_else(browser_less: FlaskClient, wanted: str) -> None:
    assert log_in(browser_less, wanted=wanted).headers["Location"] == "/"


def test_a_log_in_leads_to_the_page_that_was_asked_for(browser_less: FlaskClient) -> None:
    asked = browser_less.get("/desk/?who=mine").headers["Location"]
    assert asked == "/login?next=/desk/?who%3Dmine"
    assert log_in(browser_less, wanted="/desk/?who=mine").headers["Location"] == "/desk/?who=mine"


def test_the_log_in_page_speaks_the_language_that_is_asked_for(browser_less: FlaskClient) -> None:
    assert '<html lang="fi">' in browser_less.get("/login?lang=fi").text
    assert '<html lang="sv">' in browser_less.get("/login", headers={"Accept-Language": "sv-FI,sv;q=0.9"}).text
    assert '<html lang="en">' in browser_less.get("/login", headers={"Accept-Language": "de"}).text


def test_a_log_in_without_its_token_is_refused(browser_less: FlaskClient) -> None:
    answer = browser_less.post("/login", data={"email": "nils@migration.example", "password": PASSWORD})
    assert answer.status_code == 400
    assert not key_of(browser_less)


def test_a_name_has_ten_tries_in_a_quarter_of_an_hour_and_then_not_even_the_right_one_helps(
    browser_less: FlaskClient, desk_app: Flask
) -> None:
    with time_machine.travel("2026-11-16T08:00:00Z", tick=False) as time:
        assert [log_in(browser_less, password=f"guess {turn}").status_code for turn in range(10)] == [422] * 10
        held = log_in(browser_less, "NILS@migration.example")
        assert held.status_code == 429
        assert "Too many wrong passwords. Try again from 09:15." in held.text
        assert held.headers["Retry-After"] == "900"
        assert log_in(desk_app.test_client(), "nora@migration.example").status_code == 303
        time.shift(timedelta(minutes=15))
        assert log_in(browser_less).status_code == 303


def test_a_right_password_forgets_the_wrong_ones(desk_app: Flask, system: System) -> None:
    for _ in range(3):
        browser = desk_app.test_client()
        assert [log_in(browser, password="guess").status_code for _ in range(9)] == [422] * 9
        assert log_in(browser).status_code == 303
    with system.db.read() as session:
        assert session.scalars(select(FailedLogin)).all() == []


def test_tries_from_many_places_are_counted_together(browser_less: FlaskClient) -> None:
    answers = []
    for place in range(12):
        browser_less.environ_base["REMOTE_ADDR"] = f"127.0.1.{place}"
        answers += [log_in(browser_less, password="guess").status_code for _ in range(9)]
    assert answers == [422] * 100 + [429] * 8


def test_an_address_has_a_hundred_tries_whatever_the_names_are(desk_app: Flask, system: System) -> None:
    with time_machine.travel("2026-11-16T08:00:00Z", tick=False) as time:
        browsers = [desk_app.test_client(), desk_app.test_client()]
        answers = [log_in(browsers[n % 2], f"name{n}@example.org", "guess").status_code for n in range(101)]
        assert answers == [422] * 100 + [429]
        assert log_in(desk_app.test_client()).status_code == 429, "from there nobody gets in for a while"
        elsewhere = desk_app.test_client()
        elsewhere.environ_base["REMOTE_ADDR"] = "127.0.1.1"
        assert log_in(elsewhere).status_code == 303
        with system.db.read() as session:
            (kept,) = session.scalars(select(DoorCount)).all()
            assert "127.0.0.1" not in kept.who_hash
        time.shift(timedelta(minutes=15))
        assert log_in(browsers[0]).status_code == 303


def test_tries_that_count_no_more_are_not_kept(browser_less: FlaskClient, system: System) -> None:
    with time_machine.travel("2026-11-16T08:00:00Z", tick=False) as time:
        log_in(browser_less, password="guess")
        time.shift(timedelta(minutes=16))
        log_in(browser_less, "nora@migration.example", "guess")
        with system.db.read() as session:
            assert len(session.scalars(select(FailedLogin)).all()) == 2
