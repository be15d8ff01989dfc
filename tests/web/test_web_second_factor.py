"""The second factor: an app is set up, asked for, and done without; codes on paper open once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.accounts import sessions
from app.accounts.login_models import LoginStep, Passkey, RecoveryCode, SecondFactor
from app.accounts.models import AuditEntry, LoginSession, User, Way
from app.core import clock
from app.core.system import System
from app.flows.staff import forget_factors
from app.web.factory import create_app
from tests.factories import PASSWORD, Authority
from tests.web.conftest import NOW, DeskClient, Enter
from tests.web.test_web_login import key_of, log_in

URL = "/desk/settings/second-factor"
NILS = "nils@migration.example"


@pytest.fixture
def time(authority: Authority) -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def nils(desk_app: Flask, time: time_machine.Coordinates) -> DeskClient:
    client = desk_app.test_client()
    log_in(client)
    return DeskClient(client)


def set_up(client: DeskClient) -> tuple[pyotp.TOTP, list[str]]:
    """The app that was set up, and the recovery codes that were shown."""
    client.send(f"{URL}/begin")
    app = app_of(client.get(f"{URL}/").text)
    shown = client.send(f"{URL}/confirm", code=code_of(app))
    assert shown.status_code == 200
    return app, re.findall(r"<code>([\d ]+)</code>", shown.text)


def app_of(page: str) -> pyotp.TOTP:
    """The app after it was given the key that stands in the page."""
    secret = re.search(r"data-secret>([A-Z2-7 ]+)<", page)[1]  # type: ignore[index]
    return pyotp.TOTP(secret.replace(" ", ""))


def code_of(app: pyotp.TOTP, later: int = 0) -> str:
    """What the app shows, so many periods later than now."""
    return app.generate_otp(int(clock.now().timestamp()) // 30 + later)


def send_code(client: FlaskClient, code: str) -> TestResponse:
    page = client.get("/login/code")
    assert page.status_code == 200
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]  # type: ignore[index]
    return client.post("/login/code", data={"csrf_token": token, "code": code})


def audited(system: System) -> list[str]:
    with system.db.read() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_the_page_shows_a_picture_and_the_same_key_as_text(nils: DeskClient, system: System) -> None:
    assert 'class="qr"' not in nils.get(f"{URL}/").text
    nils.send(f"{URL}/begin")
    page = nils.get(f"{URL}/").text
    assert '<div class="qr" role="img"' in page
    assert "style=" not in page
    with system.db.read() as session:
        kept = session.scalars(select(SecondFactor)).one()
    assert app_of(page).secret not in kept.secret, "encrypted at rest"
    assert kept.confirmed_at is None


def test_without_the_first_code_nothing_is_on(nils: DeskClient, desk_app: Flask, system: System) -> None:
    nils.send(f"{URL}/begin")
    wrong = nils.send(f"{URL}/confirm", code="000000")
    assert wrong.status_code == 422
    assert 'aria-describedby="code-fault"' in wrong.text
    assert log_in(desk_app.test_client()).headers["Location"] == "/"
    assert "second_factor_on" not in audited(system)


def test_once_it_is_on_a_password_alone_opens_nothing(nils: DeskClient, desk_app: Flask, system: System) -> None:
    set_up(nils)
    client = desk_app.test_client()
    answer = log_in(client, wanted="/desk/?who=mine")
    assert answer.headers["Location"] == "/login/code"
    assert not key_of(client), "half a log-in is no session"
    for url in ("/desk/", "/desk/settings/", "/desk/live/stream", "/desk/calls/ringing"):
        assert client.get(url).status_code in {303, 401}
    page = client.get("/login/code").text
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    assert "second_factor_on" in audited(system)


def test_setting_it_up_ends_the_person_s_log_ins_by_password_alone(nils: DeskClient, enter: Enter) -> None:
    elsewhere, nora = enter("nils"), enter("nora")
    set_up(nils)
    assert nils.get("/desk/").status_code == 200
    assert elsewhere.get("/desk/").status_code == 303
    assert nora.get("/desk/").status_code == 200


def test_the_code_of_the_app_opens_and_leads_on_to_where_one_wanted(
    nils: DeskClient, desk_app: Flask, system: System, time: time_machine.Coordinates
) -> None:
    app, _ = set_up(nils)
    time.shift(timedelta(seconds=30))
    client = desk_app.test_client()
    log_in(client, wanted="/desk/?who=mine")
    code = code_of(app)
    assert send_code(client, f" {code[:3]} {code[3:]} ").headers["Location"] == "/desk/?who=mine"
    assert client.get("/desk/").status_code == 200
    with system.db.read() as session:
        assert session.scalars(select(LoginSession.way).order_by(LoginSession.id)).all() == [Way.CODE, Way.CODE]
        assert session.scalars(select(LoginStep)).all() == []


def test_a_code_opens_once_and_older_ones_never(
    nils: DeskClient, desk_app: Flask, time: time_machine.Coordinates
) -> None:
    app, _ = set_up(nils)
    client = desk_app.test_client()
    log_in(client)
    assert send_code(client, code_of(app)).status_code == 422, "the code that set it up is used"
    assert send_code(client, code_of(app, later=-1)).status_code == 422
    assert send_code(client, code_of(app, later=1)).status_code == 303, "a clock may go half a minute wrong"
    other = desk_app.test_client()
    log_in(other)
    time.shift(timedelta(seconds=30))
    assert send_code(other, code_of(app)).status_code == 422


def test_wrong_codes_are_limited_for_a_person_from_wherever_they_come(
    nils: DeskClient, desk_app: Flask, time: time_machine.Coordinates
) -> None:
    app, _ = set_up(nils)
    for place in range(5):
        client = desk_app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"127.0.2.{place}"
        log_in(client)
        assert send_code(client, "123456").status_code == 422
    held = send_code(client, code_of(app, later=1))
    assert held.status_code == 429
    assert int(held.headers["Retry-After"]) == 900
    assert "Too many wrong codes. Try again from 09:45." in held.text
    time.shift(timedelta(minutes=15))
    log_in(client)
    assert send_code(client, code_of(app)).status_code == 303


def test_a_day_has_thirty_wrong_codes(nils: DeskClient, desk_app: Flask, time: time_machine.Coordinates) -> None:
    app, _ = set_up(nils)
    client = desk_app.test_client()
    answers = []
    for _ in range(7):
        log_in(client)
        answers += [send_code(client, "123456").status_code for _ in range(5)]
        time.shift(timedelta(minutes=15))
    assert answers == [422] * 30 + [429] * 5
    time.shift(timedelta(days=1))
    log_in(client)
    assert send_code(client, code_of(app)).status_code == 303


def test_half_a_log_in_is_over_after_ten_minutes(
    nils: DeskClient, desk_app: Flask, time: time_machine.Coordinates
) -> None:
    set_up(nils)
    client = desk_app.test_client()
    log_in(client)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login/code").text)[1]  # type: ignore[index]
    time.shift(timedelta(minutes=10))
    late = client.post("/login/code", data={"csrf_token": token, "code": "1"})
    assert late.status_code == 422
    assert "It took too long" in late.text
    assert client.get("/login/code").headers["Location"] == "/login"


def test_a_recovery_code_opens_once_however_it_is_typed(nils: DeskClient, desk_app: Flask, system: System) -> None:
    _, codes = set_up(nils)
    assert len(set(codes)) == 10
    with system.db.read() as session:
        assert not set(codes) & set(session.scalars(select(RecoveryCode.code_hash)))
    for code, status in ((codes[0].replace(" ", "-"), 303), (codes[0], 422), (codes[1].replace(" ", ""), 303)):
        client = desk_app.test_client()
        log_in(client)
        assert send_code(client, code).status_code == status
    assert audited(system).count("recovery_code_used") == 2
    assert "8 recovery codes are left" in nils.get(f"{URL}/").text


def test_nobody_elses_recovery_code_opens(nils: DeskClient, desk_app: Flask, enter: Enter) -> None:
    _, codes = set_up(enter("nora"))
    set_up(nils)
    client = desk_app.test_client()
    log_in(client)
    assert send_code(client, codes[0]).status_code == 422


def test_new_recovery_codes_need_the_password_and_end_the_old_ones(
    nils: DeskClient, desk_app: Flask, system: System
) -> None:
    _, old = set_up(nils)
    assert nils.send(f"{URL}/codes", password="guess").status_code == 422
    shown = nils.send(f"{URL}/codes", password=PASSWORD).text
    new = re.findall(r"<code>([\d ]+)</code>", shown)
    client = desk_app.test_client()
    log_in(client)
    assert send_code(client, old[0]).status_code == 422
    assert send_code(client, new[0]).status_code == 303
    assert "recovery_codes_made" in audited(system)


def test_it_is_turned_off_by_the_password_alone(nils: DeskClient, desk_app: Flask, system: System) -> None:
    set_up(nils)
    wrong = nils.send(f"{URL}/off", password="guess")
    assert wrong.status_code == 422
    assert 'aria-describedby="off-fault"' in wrong.text
    assert nils.send(f"{URL}/off", password=PASSWORD).status_code == 303
    assert log_in(desk_app.test_client()).headers["Location"] == "/"
    assert "second_factor_off" in audited(system)
    with system.db.read() as session:
        assert session.scalars(select(RecoveryCode)).all() == []


def test_guessing_the_password_in_the_settings_is_limited(nils: DeskClient) -> None:
    set_up(nils)
    answers = [nils.send(f"{URL}/off", password="guess").status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
    held = nils.send(f"{URL}/off", password=PASSWORD)
    assert held.status_code == 429
    assert held.headers["Retry-After"] == "900"


def test_what_is_on_is_not_set_up_again_by_whoever_sits_there(nils: DeskClient) -> None:
    set_up(nils)
    assert nils.send(f"{URL}/begin").status_code == 409
    assert nils.send(f"{URL}/confirm", code="1").status_code == 409


def test_a_secret_of_another_key_asks_for_codes_and_takes_none(
    nils: DeskClient, authority: Authority, system: System
) -> None:
    app, codes = set_up(nils)
    moved = System(replace(system.settings, secret_key="another key of sixteen signs"), system.db)
    client = create_app(moved).test_client()
    log_in(client)
    assert send_code(client, code_of(app, later=1)).status_code == 422
    assert send_code(client, codes[0]).status_code == 422


def test_an_administrator_helps_who_lost_the_telephone(nils: DeskClient, desk_app: Flask, system: System) -> None:
    set_up(nils)
    forget_factors(system, NILS)
    assert nils.get("/desk/").status_code == 303, "their log-ins end"
    assert log_in(desk_app.test_client()).headers["Location"] == "/"
    assert audited(system)[-1] == "factors_forgotten"


def test_the_code_page_speaks_the_language_of_the_person(nils: DeskClient, desk_app: Flask, system: System) -> None:
    set_up(nils)
    with system.db.begin() as session:
        session.execute(update(User).values(language="fi"))
    client = desk_app.test_client()
    log_in(client)
    page = client.get("/login/code").text
    assert '<html lang="fi">' in page
    assert "kuusi numeroa" in page


def demanding(system: System, whom: str) -> Flask:
    return create_app(System(replace(system.settings, second_factor=whom), system.db))


def test_where_all_need_one_nothing_else_opens_before_it_is_set_up(
    authority: Authority, system: System, time: time_machine.Coordinates
) -> None:
    http = demanding(system, "all").test_client()
    log_in(http)
    assert http.get("/desk/").headers["Location"] == f"{URL}/"
    assert http.get("/desk/settings/").headers["Location"] == f"{URL}/"
    assert http.get("/desk/calls/ringing", headers={"HX-Request": "true"}).status_code == 403
    assert http.get("/desk/live/stream").headers["Location"] == f"{URL}/"
    page = http.get(f"{URL}/").text
    assert "Your authority wants a second factor" in page
    assert "/desk/calls/ringing" not in page
    client = DeskClient(http, re.search(r'name="csrf_token" value="([^"]+)"', page)[1])  # type: ignore[index]
    assert client.send("/desk/tickets/1/note", body="x").status_code == 403
    assert client.send("/desk/settings/passkeys/options").status_code == 403
    set_up(client)
    assert http.get("/desk/").status_code == 200
    assert client.send(f"{URL}/off", password=PASSWORD).status_code == 409


def test_where_administrators_need_one_others_do_not(authority: Authority, system: System) -> None:
    app = demanding(system, "administrators")
    nils, admin = app.test_client(), app.test_client()
    log_in(nils)
    log_in(admin, "admin@migration.example")
    assert nils.get("/desk/").status_code == 200
    assert admin.get("/desk/").headers["Location"] == f"{URL}/"


def test_where_one_is_needed_a_password_does_not_get_around_a_passkey(authority: Authority, system: System) -> None:
    """Otherwise who knows the password alone could set up an app of their own."""
    with system.db.begin() as session:
        values = {"credential_id": "x", "handle": "x", "public_key": b"", "sign_count": 0, "name": "x"}
        session.add(Passkey(user_id=authority.viewers["nils"].user_id, created_at=clock.now(), **values))
    answer = log_in(demanding(system, "all").test_client())
    assert answer.status_code == 403
    assert "log in with your passkey" in answer.text
    assert log_in(create_app(system).test_client()).status_code == 303


@pytest.mark.parametrize("way", [Way.CODE, Way.PASSKEY, Way.SERVICE])
def test_a_log_in_of_two_factors_is_led_nowhere(way: Way, authority: Authority, system: System) -> None:
    with system.db.begin() as session:
        key = sessions.start(session, authority.viewers["nils"].user_id, at=clock.now(), hours=1, way=way)
    client = demanding(system, "all").test_client()
    client.set_cookie("luukku", key)
    assert client.get("/desk/").status_code == 200
