"""The administration's pages, as administrators and unit heads use them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from app.accounts.links import AccessLink, token_of
from app.accounts.models import User
from app.core.system import System
from app.sources.models import Source
from tests.factories import Authority
from tests.web.conftest import DeskClient, Enter, World


@pytest.fixture
def admin(enter: Enter) -> DeskClient:
    return enter("admin")


def link_of(system: System, name: str) -> str:
    with system.db.read() as session:
        theirs = select(AccessLink).join(User, User.id == AccessLink.user_id).where(User.email.startswith(name))
        link = session.scalars(theirs.order_by(AccessLink.id.desc()).limit(1)).one()
        return f"/welcome/{token_of(system.settings.secret_key, link)}"


def test_somebody_is_invited_and_logs_in(admin: DeskClient, system: System, authority: Authority) -> None:
    north = authority.units["north"].id
    told = admin.send("/desk/admin/people/new", name="Åsa", email="asa", language="sv")
    assert told.status_code == 422
    assert 'href="#person-email"' in told.text
    assert 'value="Åsa"' in told.text
    form = {"name": "Åsa", "email": "asa@migration.example", "language": "sv", f"unit-{north}": "head"}
    told = admin.send("/desk/admin/people/new", **form)
    assert told.status_code == 303
    assert "the link is on its way" in admin.get(told.location).text
    assert "Åsa" in admin.get("/desk/admin/people/").text
    browser = admin.http.application.test_client()
    url = link_of(system, "asa")
    page = browser.get(url).text
    assert "asa@migration.example" in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    short = browser.post(url, data={"csrf_token": token[1], "password": "short"})
    assert short.status_code == 422
    assert 'href="#password"' in short.text
    kept = browser.post(url, data={"csrf_token": token[1], "password": "en lång väg till byn"})
    assert kept.status_code == 303
    login = browser.get(kept.location).text
    assert 'value="asa@migration.example"' in login
    assert 'role="status"' in login
    assert browser.get(url).status_code == 404


def test_a_lost_password_tells_nothing_about_who_is_there(admin: DeskClient, system: System) -> None:
    browser = admin.http.application.test_client()
    page = browser.get("/password").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    answers = [
        browser.post("/password", data={"csrf_token": token[1], "email": email})
        for email in ("nils@migration.example", "nobody@migration.example")
    ]
    shown = {answer.text.replace("nils@", "nobody@") for answer in answers}
    assert {answer.status_code for answer in answers} == {200}
    assert len({re.sub(r'value="[^"]*"', "", text) for text in shown}) == 1
    assert "/welcome/" in link_of(system, "nils")


def test_tickets_are_handed_over_and_the_account_closed(
    admin: DeskClient, enter: Enter, world: World, authority: Authority
) -> None:
    nils, nora = (authority.viewers[name].user_id for name in ("nils", "nora"))
    north = authority.units["north"].id
    enter("nils").send(f"/desk/tickets/{world.reference}/take")
    page = f"/desk/admin/people/{nils}"
    assert f'name="unit-{north}"' in admin.get(page).text
    assert admin.send(f"{page}/tickets", **{f"unit-{north}": str(nora)}).status_code == 303
    assert "Hand over" not in admin.get(page).text
    assert admin.send(f"{page}/account").status_code == 303
    assert "has left" in admin.get(page).text
    assert enter("nils").get("/desk/").status_code == 303
    own = authority.viewers["admin"].user_id
    told = admin.send(f"/desk/admin/people/{own}/account")
    assert told.status_code == 422
    assert "You cannot close your own account." in told.text


def test_a_unit_is_added_and_its_topics_kept(admin: DeskClient, authority: Authority) -> None:
    form = {"name-sv": "Väst", "name-fi": "Länsi", "name-en": "West", "language": "sv", "timezone": "Europe/Stockholm"}
    form |= {"mailbox": "west@migration.example", "phone": "", "postal_address": "Gatan 1", "like": "1"}
    told = admin.send("/desk/admin/units/new", **{**form, "mailbox": "x"})
    assert told.status_code == 422
    assert 'href="#unit-mailbox"' in told.text
    told = admin.send("/desk/admin/units/new", **form)
    assert told.status_code == 303
    names = {"name-sv": "Pass", "name-fi": "Passi", "name-en": "Passport"}
    assert admin.send(f"{told.location}/topics", **names).status_code == 303
    page = admin.get(told.location).text
    assert "Passport" in page
    assert admin.send(f"{told.location}/topics", **{**names, "name-sv": ""}).status_code == 422
    north = authority.units["north"].id
    conflict = admin.send(f"/desk/admin/units/{north}/closing")
    assert conflict.status_code == 409
    assert "People work in the unit" in conflict.text


def test_settings_apply_and_the_trail_tells_who_changed_them(admin: DeskClient) -> None:
    form = {"name-sv": "Verket", "name-fi": "Virasto", "name-en": "Office", "domain": "office.example"}
    told = admin.send("/desk/admin/settings/", **form, undo_seconds="9999")
    assert told.status_code == 422
    assert 'href="#tuning-undo_seconds"' in told.text
    assert admin.send("/desk/admin/settings/", **form, undo_seconds="30").status_code == 303
    assert 'value="30"' in admin.get("/desk/admin/settings/").text
    trail = admin.get("/desk/admin/trail/").text
    assert "Changed settings" in trail
    assert "undo_seconds" in trail
    assert "Changed settings" not in admin.get("/desk/admin/trail/?action=unit_added").text.partition("<table")[2]


@pytest.mark.parametrize("name", ["nils", "nora"])
def test_what_is_not_theirs_does_not_exist(name: str, enter: Enter) -> None:
    somebody = enter(name)
    of_people, of_units = "people/ people/new people/1", "units/ units/1 settings/ trail/"
    of_doors = "routing/ routing/try routing/1 mailboxes/ mailboxes/1"
    for room in f"{of_people} {of_units} {of_doors}".split():
        assert somebody.get(f"/desk/admin/{room}").status_code == 404, room
    assert somebody.get("/desk/admin/").status_code == (200 if name == "nora" else 404)


def test_a_rule_is_made_tried_and_moved(admin: DeskClient, authority: Authority) -> None:
    southern = authority.units["southern"].id
    page = admin.get("/desk/admin/routing/").text
    assert "One of the words is in it: kort, kortti, card" in page
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    form = {"kind": "words", "value": "", "unit": str(southern), "seen": seen[1]}
    told = admin.send("/desk/admin/routing/new", **form)
    assert told.status_code == 422
    assert 'href="#rule-value"' in told.text
    assert admin.send("/desk/admin/routing/new", **{**form, "value": "pass, passi"}).status_code == 303
    tried = admin.get("/desk/admin/routing/try?to=x@y.example&subject=Hej&text=Mitt+pass+%C3%A4r+borta+i+dag").text
    assert "Unit southern" in tried.partition('class="verdict"')[2].partition("</p>")[0]
    assert "<mark>pass</mark>" in tried
    late = admin.send("/desk/admin/routing/1/order", wish="down", seen=seen[1])
    assert late.status_code == 409
    assert "Somebody else has changed the rules meanwhile." in late.text
    assert admin.send("/desk/admin/routing/1", **{**form, "value": "x"}).status_code == 409


def test_a_head_changes_the_hours_of_their_unit_and_of_no_other(enter: Enter, authority: Authority) -> None:
    nora, north, southern = enter("nora"), authority.units["north"].id, authority.units["southern"].id
    listed = nora.get("/desk/admin/opening-hours/").text
    assert "Unit north" in listed
    assert "Unit southern" not in listed
    url = f"/desk/admin/opening-hours/{north}"
    assert nora.get(f"/desk/admin/opening-hours/{southern}").status_code == 404
    page = nora.get(f"{url}?propose=FI-2031").text
    assert page.count(">proposed<") > 10
    fields = dict(re.findall(r'name="((?:week|closed|special|seen)[^"]*)"[^>]*? value="([^"]*)"', page))
    told = nora.send(url, **{**fields, "week-mon": "noon"})
    assert told.status_code == 422
    assert 'href="#calendar-week-mon"' in told.text
    assert 'value="noon"' in told.text
    assert nora.send(url, **{**fields, "week-mon": "9:00-12:00"}).status_code == 303
    assert 'value="09:00–12:00"' in nora.get(url).text
    assert ">proposed<" not in nora.get(url).text
    late = nora.send(url, **fields)
    assert late.status_code == 409
    assert "Kept now, where yours differs:" in late.text
    assert "<dt>Monday</dt><dd>09:00–12:00</dd>" in late.text


def test_a_mailbox_that_does_not_open_is_told_in_the_readers_words(admin: DeskClient, system: System) -> None:
    form = {"kind": "imap", "name": "box", "host": "127.0.0.1", "port": "1", "tls": "none", "user": "x"}
    told = admin.send("/desk/admin/mailboxes/new", **form, password="hemligt", wish="try")
    assert told.status_code == 422
    assert "No connection to the mail server" in told.text
    assert 'value="127.0.0.1"' in told.text
    assert "hemligt" not in told.text
    with system.db.begin() as session:
        session.add(Source(name="box", channel="email", kind="imap", settings={"host": "h", "user": "u"}))
    assert ">box</a>" in admin.get("/desk/admin/mailboxes/").text
    assert admin.send("/desk/admin/mailboxes/1", wish="off").status_code == 303
    assert "switched off" in admin.get("/desk/admin/mailboxes/1").text


FORMS = {
    "people/1": ("name", {"language": "en", "email": "nils@migration.example"}),
    "units/1": ("name-en", {}),
    "settings/": ("name-en", {}),
    "opening-hours/1": ("week-mon", {}),
    "mailboxes/1": ("path", {}),
}
"""address -> the field that somebody else changes, and what selects hold"""


@pytest.mark.parametrize("room", FORMS)
def test_nobody_is_overwritten_unseen_not_even_after_a_fault(
    room: str, admin: DeskClient, system: System, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("a", "b")]
    for folder in folders:
        folder.mkdir()
    with system.db.begin() as session:
        session.add(Source(name="scans", channel="letter", kind="folder", settings={"path": str(folders[0])}))
    object.__setattr__(system, "settings", replace(system.settings, folder_roots=str(tmp_path)))
    url, (field, extra) = f"/desk/admin/{room}", FORMS[room]
    values = {"week-mon": ("10:00-11:00", "never"), "path": (str(folders[1]), "/nowhere")}
    others, wrong = values.get(field, ("Somebody", ""))
    fields = {**form_of(admin.get(url).text, url), **extra}
    assert admin.send(url, **{**fields, field: others}).status_code == 303
    refused = admin.send(url, **{**fields, field: wrong})
    assert refused.status_code in {409, 422}
    if refused.status_code == 422:
        fields["seen"] = form_of(refused.text, url)["seen"]
    late = admin.send(url, **fields)
    assert late.status_code == 409
    assert "Kept now" in late.text
    again = {**fields, "seen": form_of(late.text, url)["seen"]}
    assert admin.send(url, **again).status_code == 303


def form_of(page: str, url: str) -> dict[str, str]:
    """The fields of the form that a page sends to `url`."""
    form = next(text for text in page.split("<form")[1:] if f'action="{url}"' in text).partition("</form>")[0]
    found = dict(re.findall(r'<input [^>]*?name="([^"]+)"[^>]*? value="([^"]*)"', form))
    areas = re.findall(r'<textarea [^>]*?name="([^"]+)"[^>]*>([^<]*)', form)
    found |= {name: text.removeprefix("\n") for name, text in areas}
    for name, options in re.findall(r'<select [^>]*?name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    unchecked = re.findall(r'<input type="checkbox"[^>]*?name="([^"]+)"[^>]*?value="1"(?! checked)', form)
    return {name: value for name, value in found.items() if name not in {*unchecked, "csrf_token"}}


def test_what_is_no_number_is_refused_and_breaks_nothing(admin: DeskClient, authority: Authority) -> None:
    seen = re.search(r'name="seen" value="(\w+)"', admin.get("/desk/admin/routing/").text)
    assert seen
    wrong = {"kind": "always", "unit": "x", "topic": "card", "seen": seen[1]}
    assert admin.send("/desk/admin/routing/new", **{**wrong, "topic": ""}).status_code == 422
    before = admin.get("/desk/admin/routing/").text.partition("<ol")[2].partition("</ol>")[0]
    assert admin.send("/desk/admin/routing/1/order", wish="burn", seen=seen[1]).status_code == 303
    assert admin.get("/desk/admin/routing/").text.partition("<ol")[2].partition("</ol>")[0].count(
        "<li"
    ) == before.count("<li")
    nils, north = authority.viewers["nils"].user_id, authority.units["north"].id
    for form in ({f"unit-{north}": "x"}, {"unit-x": "1"}, {"unit-": "nobody"}, {f"unit-{north}": "9" * 30}):
        assert admin.send(f"/desk/admin/people/{nils}/tickets", **form).status_code in {303, 422}
    for url in ("trail/?user=x&before=-1", "opening-hours/1?propose=SE-", "people/new", "mailboxes/new?kind=x"):
        assert admin.get(f"/desk/admin/{url}").status_code == 200
