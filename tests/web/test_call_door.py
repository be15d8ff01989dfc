from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.calls.models import Call
from app.core.system import System
from app.intake.models import Inbound
from app.web.factory import create_app
from tests.factories import MONDAY, Authority

DOOR = "/api/v1/calls/events"


@pytest.fixture
def client(system: System, authority: Authority) -> Iterator[FlaskClient]:
    with time_machine.travel(MONDAY, tick=False):
        yield create_app(system).test_client()


def event(**changed: Any) -> dict[str, Any]:
    told = {"call_id": "c1", "kind": "ringing", "at": MONDAY.isoformat(), "number": "0701740605"}
    return {**told, "dialled": "+46846500415", **changed}


def post(client: FlaskClient, body: object, *, token: str | None = "a token that only the tests know") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    return client.post(DOOR, data=body if isinstance(body, bytes) else json.dumps(body), headers=headers)


def count(system: System, model: type) -> int:
    with system.db.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_an_event_with_the_token_is_on_the_ledger_before_the_answer(client: FlaskClient, system: System) -> None:
    answer = post(client, event())
    assert answer.status_code == 202
    with system.db.read() as session:
        assert session.get_one(Inbound, answer.json["inbound_id"]).channel == "phone"
        assert session.scalars(select(Call)).one().number == "+46701740605"


@pytest.mark.parametrize("token", [None, "", "another token that nobody knows", "a token that only the tests knoẅ"])
def test_without_the_right_token_nothing_is_taken(client: FlaskClient, system: System, token: str | None) -> None:
    headers = {} if token is None else {"Authorization": b"Bearer " + token.encode("latin-1", "ignore")}
    answer = client.post(DOOR, data=json.dumps(event()), headers=headers)
    assert answer.status_code == 401
    assert "Bearer" in answer.headers["WWW-Authenticate"]
    assert count(system, Inbound) == 0


def test_the_token_as_a_password_is_no_bearer(client: FlaskClient) -> None:
    answer = client.post(DOOR, data="{}", headers={"Authorization": "Basic a token that only the tests know"})
    assert answer.status_code == 401


def test_no_token_in_the_settings_shuts_the_door(system: System, authority: Authority) -> None:
    import dataclasses

    without = System(dataclasses.replace(system.settings, call_token=""), system.db, system.nudge)
    answer = create_app(without).test_client().post(DOOR, data="{}", headers={"Authorization": "Bearer "})
    assert answer.status_code == 401


def test_the_same_event_twice_is_taken_once_and_accepted_twice(client: FlaskClient, system: System) -> None:
    first, second = post(client, event()), post(client, event())
    assert (first.status_code, second.status_code) == (202, 202)
    assert (first.json["is_repeated"], second.json["is_repeated"]) == (False, True)
    assert (count(system, Inbound), count(system, Call)) == (1, 1)


def test_a_faulty_event_names_each_field_and_waits_in_quarantine(client: FlaskClient, system: System) -> None:
    answer = post(client, {"call_id": "c1", "kind": "fell over", "colour": "red"})
    assert answer.status_code == 422
    assert answer.json["fields"] == {
        "kind": "must be ringing, answered or ended",
        "at": "is missing",
        "colour": "is not a known field",
    }
    with system.db.read() as session:
        assert session.scalars(select(Inbound)).one().fate == "quarantined"


def test_what_is_no_json_is_told_so(client: FlaskClient) -> None:
    answer = post(client, b"call me")
    assert (answer.status_code, answer.json["fields"]) == (422, {})
    assert "not JSON" in answer.json["message"]


def test_a_body_above_the_limit_is_refused_unread(client: FlaskClient, system: System) -> None:
    assert post(client, b"x" * 70_000).status_code == 413
    assert count(system, Inbound) == 0


def test_the_door_takes_events_only_by_post(client: FlaskClient) -> None:
    assert client.get(DOOR).status_code == 405


def test_health_says_yes_while_the_database_answers(client: FlaskClient) -> None:
    assert (client.get("/health").status_code, client.get("/health").text) == (200, "ok\n")


def test_health_says_no_when_the_database_is_away(system: System, tmp_path: Any) -> None:
    from app.core.db import Database

    away = System(system.settings, Database(f"sqlite:///{tmp_path}/no/such/folder.db"), system.nudge)
    answer = create_app(away).test_client().get("/health")
    assert answer.status_code == 503
    assert "folder" not in answer.text
