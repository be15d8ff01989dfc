"""Passkeys: made, listed, removed, logged in with; and what answers open nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.accounts.login_models import LoginStep, Passkey
from app.accounts.models import AuditEntry, LoginSession, User, Way
from app.accounts.passkeys import site_of
from app.core.system import System
from app.web.factory import create_app
from tests.factories import Authority
from tests.web.authenticator import Device
from tests.web.conftest import NOW, DeskClient, Enter
from tests.web.test_web_login import key_of

URL = "/desk/settings/passkeys"


def ask(http: FlaskClient, url: str, token: str) -> dict[str, Any]:
    options = http.post(url, json={}, headers={"X-CSRFToken": token}).get_json()
    assert isinstance(options, dict)
    return options


def token_of(client: DeskClient) -> str:
    return re.search(r'"X-CSRFToken": "([^"]+)"', client.get("/desk/").text)[1]  # type: ignore[index]


def add(client: DeskClient, device: Device, name: str = "Telephone") -> TestResponse:
    token = token_of(client)
    answer = device.make(ask(client.http, f"{URL}/options", token))
    return client.http.post(f"{URL}/", json={"answer": answer, "name": name}, headers={"X-CSRFToken": token})


def form_token(http: FlaskClient) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', http.get("/login").text)[1]  # type: ignore[index]


def bring(http: FlaskClient, answer: dict[str, Any], token: str, wanted: str = "") -> TestResponse:
    query = {"next": wanted} if wanted else {}
    headers = {"X-CSRFToken": token}
    return http.post("/login/passkey", json={"answer": answer}, headers=headers, query_string=query)


def log_in(http: FlaskClient, device: Device, wanted: str = "") -> TestResponse:
    token = form_token(http)
    return bring(http, device.use(ask(http, "/login/passkey/options", token)), token, wanted)


@pytest.fixture
def device(enter: Enter) -> Device:
    """A device of Nils that is known."""
    made = Device()
    assert add(enter("nils"), made).status_code == 200
    return made


def test_the_device_must_know_its_owner_and_find_the_key_by_itself(enter: Enter, desk_app: Flask) -> None:
    nils = enter("nils")
    made = ask(nils.http, f"{URL}/options", token_of(nils))
    assert made["authenticatorSelection"]["userVerification"] == "required"
    assert made["authenticatorSelection"]["residentKey"] == "required"
    assert made["rp"]["id"] == "localhost"
    http = desk_app.test_client()
    used = ask(http, "/login/passkey/options", form_token(http))
    assert (used["userVerification"], used.get("allowCredentials", [])) == ("required", [])


def test_a_passkey_opens_the_desk_without_password_and_code(device: Device, desk_app: Flask, system: System) -> None:
    http = desk_app.test_client()
    answer = log_in(http, device, wanted="/desk/?who=mine")
    assert answer.get_json() == {"next": "/desk/?who=mine"}
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert http.get("/desk/").status_code == 200
    with system.db.read() as session:
        key = session.scalars(select(Passkey)).one()
        assert (key.sign_count, key.used_at) == (1, NOW)
        assert session.scalars(select(LoginSession.way).order_by(LoginSession.id.desc())).first() == Way.PASSKEY
        assert session.scalars(select(LoginStep)).all() == []


def test_passkeys_are_named_listed_and_removed(device: Device, enter: Enter, desk_app: Flask, system: System) -> None:
    nils = enter("nils")
    assert add(nils, Device(), name=" Key in the drawer ").status_code == 200
    page = nils.get("/desk/settings/").text
    assert "<b>Key in the drawer</b>" in page
    assert page.count("/remove") == 2
    with system.db.read() as session:
        first, second = session.scalars(select(Passkey).order_by(Passkey.id)).all()
    assert first.handle == second.handle, "one person, whatever the key"
    assert enter("nora").send(f"{URL}/{first.id}/remove").status_code == 404
    assert nils.send(f"{URL}/{first.id}/remove").status_code == 303
    assert log_in(desk_app.test_client(), device).status_code == 422
    with system.db.read() as session:
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[-3:] == ["passkey_added", "passkey_added", "passkey_removed"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_passkey_needs_a_name(name: str, enter: Enter) -> None:
    answer = add(enter("nils"), Device(), name=name)
    assert answer.status_code == 422
    assert "name of at most 60" in answer.get_json()["message"]  # type: ignore[index]


def test_a_device_is_told_which_keys_it_has_already_and_the_same_is_not_added_twice(
    device: Device, enter: Enter
) -> None:
    nora = enter("nora")
    assert add(nora, device).status_code == 409
    nils = enter("nils")
    known = ask(nils.http, f"{URL}/options", token_of(nils))["excludeCredentials"]
    assert len(known) == 1


WRONG = {
    "another site's": {"origin": "http://localhost.evil.example"},
    "another host's": {"host": "evil.example"},
    "one whose owner did not show": {"knows_owner": False},
    "a stranger's": {"handle": "c3RyYW5nZXI"},
    "one that counts backwards, as a copy does": {"count": 0},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=list(WRONG))
def test_answers_that_open_nothing(wrong: dict[str, Any], device: Device, desk_app: Flask) -> None:
    device.count = 5
    assert log_in(desk_app.test_client(), device).status_code == 200
    for name, value in wrong.items():
        setattr(device, name, value)
    http = desk_app.test_client()
    answer = log_in(http, device)
    assert answer.status_code == 422
    assert answer.get_json() == {"message": "This passkey does not open this desk. Log in with your password."}
    assert not key_of(http)


@pytest.mark.parametrize("wrong", [{"knows_owner": False}, {"origin": "http://x.example"}, {"host": "x.example"}])
def test_keys_that_are_not_added(wrong: dict[str, Any], enter: Enter, system: System) -> None:
    assert add(enter("nils"), Device(**wrong)).status_code == 422
    with system.db.read() as session:
        assert session.scalars(select(Passkey)).all() == []


def test_another_key_with_a_known_name_opens_nothing(device: Device, desk_app: Flask) -> None:
    forged = Device(credential_id=device.credential_id, handle=device.handle)
    assert log_in(desk_app.test_client(), forged).status_code == 422


def test_a_challenge_is_good_for_one_answer(device: Device, desk_app: Flask) -> None:
    http, other = desk_app.test_client(), desk_app.test_client()
    token = form_token(http)
    answer = device.use(ask(http, "/login/passkey/options", token))
    assert bring(other, answer, form_token(other)).status_code == 422, "nor in another browser"
    assert bring(http, {**answer, "id": "wrong"}, token).status_code == 422
    assert bring(http, answer, token).status_code == 422, "used up by the wrong one"


def test_a_challenge_ends_after_ten_minutes(device: Device, desk_app: Flask) -> None:
    http = desk_app.test_client()
    with time_machine.travel(NOW, tick=False) as time:
        token = form_token(http)
        answer = device.use(ask(http, "/login/passkey/options", token))
        time.shift(timedelta(minutes=10))
        late = bring(http, answer, token)
    assert late.get_json() == {"message": "It took too long. Try again."}


def test_a_challenge_to_add_a_key_is_for_the_person_who_asked(enter: Enter) -> None:
    nils, nora, device = enter("nils"), enter("nora"), Device()
    answer = device.make(ask(nils.http, f"{URL}/options", token_of(nils)))
    token = token_of(nora)
    with nils.http.session_transaction() as kept:
        key = kept["new-passkey"]
    with nora.http.session_transaction() as kept:
        kept["new-passkey"] = key
    sent = nora.http.post(f"{URL}/", json={"answer": answer, "name": "x"}, headers={"X-CSRFToken": token})
    assert sent.status_code == 422


def test_who_has_left_opens_nothing(device: Device, desk_app: Flask, system: System) -> None:
    with system.db.begin() as session:
        session.execute(update(User).values(is_active=False))
    assert log_in(desk_app.test_client(), device).status_code == 422


@pytest.mark.parametrize("body", [None, [], {}, {"answer": "x"}, {"answer": {}}, {"answer": {"id": "x" * 30_000}}])
def test_what_is_no_answer_is_refused(body: object, desk_app: Flask, authority: Authority) -> None:
    http = desk_app.test_client()
    token = form_token(http)
    ask(http, "/login/passkey/options", token)
    assert http.post("/login/passkey", json=body, headers={"X-CSRFToken": token}).status_code == 422


@pytest.mark.parametrize(
    "response", [{}, {"clientDataJSON": "x"}, {"clientDataJSON": 5, "authenticatorData": [], "signature": {}}]
)
def test_known_keys_with_nonsense_are_refused(response: object, device: Device, desk_app: Flask) -> None:
    http = desk_app.test_client()
    token = form_token(http)
    answer = device.use(ask(http, "/login/passkey/options", token))
    assert bring(http, {**answer, "response": response}, token).status_code == 422


def test_without_the_page_s_token_nothing_is_asked(desk_app: Flask, authority: Authority) -> None:
    assert desk_app.test_client().post("/login/passkey/options", json={}).status_code == 400


def test_challenges_are_limited_for_an_address(desk_app: Flask, authority: Authority) -> None:
    http = desk_app.test_client()
    with time_machine.travel(NOW, tick=False):
        token = form_token(http)
        answers = [http.post("/login/passkey/options", headers={"X-CSRFToken": token}) for _ in range(301)]
    assert [answer.status_code for answer in answers] == [200] * 300 + [429]
    assert answers[-1].headers["Retry-After"] == "900"
    assert answers[-1].get_json() == {"message": "Too many requests came from your network. Try again from 09:45."}


def test_where_the_address_is_a_number_there_are_no_passkeys(desk_app: Flask, authority: Authority) -> None:
    page = desk_app.test_client().get("/login", base_url="http://127.0.0.1:8080").text
    assert "data-passkey-login" not in page


def test_the_public_address_says_whom_passkeys_are_for(authority: Authority, system: System, enter: Enter) -> None:
    public = replace(system.settings, base_url="http://desk.migration.example:8000")
    nils = enter("nils")
    http = create_app(System(public, system.db)).test_client()
    http.set_cookie("luukku", key_of(nils.http))
    device = Device(origin="http://desk.migration.example:8000", host="desk.migration.example")
    assert add(DeskClient(http), device).status_code == 200
    assert add(DeskClient(http), Device()).status_code == 422


@pytest.mark.parametrize(
    ("base_url", "request_origin", "host"),
    [
        ("https://desk.example.org", "https://other.example.org", "desk.example.org"),
        ("http://127.0.0.1:8080", "http://localhost:8080", "localhost"),
        ("http://[::1]:8080", "http://127.0.0.1:8080", None),
    ],
)
def test_numbers_own_no_passkeys(base_url: str, request_origin: str, host: str | None) -> None:
    found = site_of(base_url, request_origin)
    assert (found.host if found else None) == host
