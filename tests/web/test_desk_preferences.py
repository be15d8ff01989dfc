"""What people set for themselves."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.models import AuditEntry, LoginSession
from app.core.system import System
from app.web.desk.browsers import browser_name
from tests.web.conftest import NOW, Enter


def test_the_desk_speaks_the_language_that_a_person_chose(enter: Enter) -> None:
    nils = enter("nils")
    assert nils.send("/desk/settings/", language="fi", density="compact").status_code == 303
    assert '<html lang="fi">' in nils.get("/desk/").text
    assert '<html lang="fi">' in enter("nils").get("/desk/").text, "another browser knows it too"
    assert '<html lang="en">' in enter("nora").get("/desk/").text


def test_a_language_that_there_is_not_is_told_beside_the_field(enter: Enter) -> None:
    answer = enter("nils").send("/desk/settings/", language="xx", density="compact")
    assert answer.status_code == 422
    assert 'id="language-fault"' in answer.text


def test_the_density_stays_with_the_browser(enter: Enter) -> None:
    nils = enter("nils")
    nils.send("/desk/settings/", language="en", density="comfortable")
    assert 'data-density="comfortable"' in nils.get("/desk/").text
    assert "data-density" not in enter("nils").get("/desk/").text


def logins(page: str) -> list[str]:
    return re.findall(r'name="login" value="(\d+)"', page)


def test_a_person_sees_where_they_are_logged_in_and_ends_it_there(enter: Enter, system: System) -> None:
    here, there, elsewhere = enter("nils"), enter("nils"), enter("nils")
    nora = enter("nora")
    listed = logins(here.get("/desk/settings/").text)
    assert len(listed) == 2, "all but the own one can be ended"
    assert here.send("/desk/settings/logins", login=listed[0]).status_code == 303
    assert sorted(client.get("/desk/").status_code for client in (there, elsewhere)) == [200, 303]
    here.send("/desk/settings/logins", login="others")
    assert {client.get("/desk/").status_code for client in (there, elsewhere)} == {303}
    assert (here.get("/desk/").status_code, nora.get("/desk/").status_code) == (200, 200)
    with system.db.read() as session:
        assert len(session.scalars(select(AuditEntry).where(AuditEntry.action == "logins_ended")).all()) == 2


def test_nobody_ends_the_log_in_of_another(enter: Enter, system: System) -> None:
    nils, nora = enter("nils"), enter("nora")
    with system.db.read() as session:
        everything = session.scalars(select(LoginSession.id)).all()
    for number in everything:
        nora.send("/desk/settings/logins", login=str(number))
    assert nils.get("/desk/").status_code == 200


def test_staying_keeps_a_log_in_alive(enter: Enter, system: System) -> None:
    nils = enter("nils")
    nils.get("/desk/")
    with time_machine.travel(NOW + timedelta(minutes=50), tick=False):
        assert nils.send("/desk/settings/stay").status_code == 204
    with time_machine.travel(NOW + timedelta(minutes=100), tick=False):
        assert nils.get("/desk/").status_code == 200
    with time_machine.travel(NOW + timedelta(minutes=161), tick=False):
        assert nils.get("/desk/").status_code == 303


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
            "Edge, Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.5", ""),
    ],
)
def test_browsers_are_called_as_people_call_them(line: str, name: str) -> None:
    assert browser_name(line) == name
