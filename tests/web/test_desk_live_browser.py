"""What others do shows by itself and disturbs nobody, and no word is lost: in a real Chromium."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.accounts.models import LoginSession
from app.core import clock
from app.core.system import System
from app.flows import assign, draft, note, own_settings, reply, templates
from app.flows.reply import Answer
from app.flows.templates import Wording
from app.outbox.models import OutboxRow
from app.tickets.drafts import Draft, Mode, Written
from app.tickets.models import Message
from app.web.live.stream import streams
from channels.contract import ChannelName
from tests.factories import Authority, arrives, mail
from tests.web.browsing import Open, Site, ticket

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_backend", ["sqlite"], indirect=True)]
SOON = 2000 + 1000
"""ms: two seconds, and one for this machine to be busy"""


def is_live(page: Page) -> None:
    expect(page.locator("#live-state")).to_have_attribute("data-state", "live")


def drafts_of(system: System) -> list[str]:
    with system.db.read() as session:
        return list(session.scalars(select(Draft.body)))


def test_the_open_ticket_changes_and_the_caret_stays(
    open_desk: Open, site: Site, system: System, authority: Authority
) -> None:
    page = open_desk(ticket(site))
    is_live(page)
    area = page.locator("#body-reply")
    area.click()
    page.keyboard.type("Ja, det går bra att resa")
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    note.note(system, authority.viewers["nora"], site.reference, "Jag har ringt henne.")
    expect(page.locator(".time")).to_contain_text("Jag har ringt henne.", timeout=SOON)
    expect(area).to_be_focused()
    assert page.evaluate("document.activeElement.selectionStart") == len("Ja, det går bra att ")
    page.keyboard.type("nu ")
    expect(area).to_have_value("Ja, det går bra att nu resa")


def test_a_new_ticket_shows_in_list_and_counts_and_its_row_moves_nothing_that_is_looked_at(
    open_desk: Open, site: Site, system: System
) -> None:
    page = open_desk()
    is_live(page)
    expect(page.locator("#list-rows li")).to_have_count(2)
    arrives(system, mail("Ny fråga", subject="Nummer tre", message_id="c@example.se"), item_id="1:9", at=clock.now())
    expect(page.locator("#list-rows")).to_contain_text("Nummer tre", timeout=SOON)
    expect(page.locator("[data-live=total]")).to_contain_text("3")
    page.keyboard.press("j")
    focused = page.evaluate("document.activeElement.getAttribute('href')")
    arrives(system, mail("Ny fråga", subject="Nummer fyra", message_id="d@example.se"), item_id="1:10", at=clock.now())
    expect(page.locator("#list-news")).to_be_visible(timeout=SOON)
    expect(page.locator("#list-news")).to_contain_text("1 new")
    assert page.evaluate("document.activeElement.getAttribute('href')") == focused
    expect(page.locator("#list-rows li")).to_have_count(3)
    page.locator("#list-news").click()
    expect(page.locator("#list-rows li")).to_have_count(4)
    expect(page.locator("#list-news")).to_be_hidden()


def test_who_else_is_there_shows_in_the_list_and_in_the_ticket(open_desk: Open, site: Site, system: System) -> None:
    nora = open_desk(ticket(site), who="nora")
    nils = open_desk()
    is_live(nils)
    expect(nils.locator(".tag.here")).to_contain_text("Nora looks", timeout=SOON)
    nora.locator("#body-reply").fill("Hej Siri, du kan")
    expect(nils.locator(".tag.here")).to_contain_text("Nora writes", timeout=SOON + 1000)
    nils.goto(site.url + ticket(site))
    expect(nils.locator(".company")).to_contain_text("Nora is writing here just now.")
    nils.locator(".company summary").click()
    expect(nils.locator(".company details")).to_contain_text("Hej Siri, du kan")
    nora.close()
    expect(nils.locator(".company")).not_to_contain_text("is writing", timeout=SOON)
    expect(nils.locator(".company details")).to_contain_text("Hej Siri, du kan")
    assert drafts_of(system) == ["Hej Siri, du kan"]


def test_a_draft_is_there_in_the_next_window_and_after_a_log_out(open_desk: Open, site: Site, system: System) -> None:
    page = open_desk(ticket(site))
    page.locator("#body-reply").fill("Halvfärdigt sva")
    expect(page.locator("#form-reply [data-state]")).to_have_text("Draft kept")
    assert drafts_of(system) == ["Halvfärdigt sva"]
    page.locator("#body-reply").fill("Halvfärdigt svar, sista orden")
    page.locator("details.me summary").click()
    page.locator("form[data-logout] button").click()
    page.wait_for_url("**/login")
    assert drafts_of(system) == ["Halvfärdigt svar, sista orden"]
    assert page.evaluate("sessionStorage.length") == 0
    again = open_desk(ticket(site))
    expect(again.locator("#body-reply")).to_have_value("Halvfärdigt svar, sista orden")


def test_two_windows_of_one_person_show_both_texts(open_desk: Open, site: Site, system: System) -> None:
    one, two = open_desk(ticket(site)), open_desk(ticket(site))
    one.locator("#body-reply").fill("from the first window")
    expect(one.locator("#form-reply [data-state]")).to_have_text("Draft kept")
    two.locator("#body-reply").fill("from the second window")
    box = two.locator("#form-reply [data-conflict]")
    expect(box).to_be_visible()
    expect(box).to_contain_text("from the first window")
    expect(two.locator("#body-reply")).to_have_value("from the second window")
    assert drafts_of(system) == ["from the first window"]
    two.locator("#form-reply [data-mine]").click()
    expect(two.locator("#form-reply [data-state]")).to_have_text("Draft kept")
    assert drafts_of(system) == ["from the second window"]


def test_a_message_that_came_while_writing_is_shown_and_must_be_confirmed(
    open_desk: Open, site: Site, system: System, authority: Authority
) -> None:
    page = open_desk(ticket(site))
    is_live(page)
    page.locator("#body-reply").fill("Mitt svar")
    with system.db.read() as session:
        seen = max(session.scalars(select(Message.id)))
    answer = Answer("Noras svar kom först.", ChannelName.EMAIL, seen_id=seen)
    reply.reply(system, authority.viewers["nora"], site.reference, answer)
    expect(page.locator("#arrived")).to_contain_text("Noras svar kom först.", timeout=SOON)
    expect(page.locator("#body-reply")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#body-reply")).to_have_value("Mitt svar")
    assert len(sent(system)) == 1
    page.locator("#arrived input").check()
    page.locator("#form-reply [data-send]").click()
    page.wait_for_url("**done=reply**")
    assert len(sent(system)) == 2
    assert drafts_of(system) == []


def sent(system: System) -> list[int]:
    with system.db.read() as session:
        return list(session.scalars(select(OutboxRow.id).where(OutboxRow.is_automatic.is_(False))))


def test_without_the_stream_the_page_asks_by_itself_and_says_so(
    open_desk: Open, site: Site, system: System, desk_app: Flask
) -> None:
    streams(desk_app).feed.close()
    page = open_desk(ticket(site))
    expect(page.locator("#live-state")).to_have_attribute("data-state", "asking")
    page.evaluate("sessionStorage.length")
    arrives(system, mail("Ny fråga", subject="Nummer tre", message_id="c@example.se"), item_id="1:9", at=clock.now())
    expect(page.locator("#list-rows")).to_contain_text("Nummer tre", timeout=20_000)


def test_a_pause_on_request_stands_still(open_desk: Open, site: Site, system: System) -> None:
    page = open_desk()
    is_live(page)
    page.locator("#live-state").click()
    expect(page.locator("#live-state")).to_have_text("Paused")
    arrives(system, mail("Ny fråga", subject="Nummer tre", message_id="c@example.se"), item_id="1:9", at=clock.now())
    page.wait_for_timeout(2500)
    expect(page.locator("#list-rows")).not_to_contain_text("Nummer tre")
    page.locator("#live-state").click()
    expect(page.locator("#list-rows")).to_contain_text("Nummer tre", timeout=SOON)


def test_an_own_page_that_asks_does_not_keep_its_person_logged_in(
    open_desk: Open, site: Site, system: System, authority: Authority
) -> None:
    page = open_desk()
    is_live(page)
    with system.db.begin() as session:
        for row in session.scalars(select(LoginSession)):
            row.seen_at = row.created_at = clock.now().replace(year=2025)
    draft.save(system, authority.viewers["nora"], site.reference, Mode.NOTE, Written("x"), revision=0)
    page.wait_for_timeout(1500)
    with system.db.read() as session:
        assert {row.seen_at.year for row in session.scalars(select(LoginSession))} == {2025}


def test_send_and_next_goes_on_and_the_answer_can_be_taken_back_from_there(
    open_desk: Open, site: Site, system: System
) -> None:
    page = open_desk(ticket(site))
    page.keyboard.press("r")
    page.keyboard.type("Ja, det går bra.")
    page.keyboard.press("Control+Shift+Enter")
    page.wait_for_url(f"**/{site.other}?sent={site.reference}")
    expect(page.locator(".undo")).to_contain_text("The answer to")
    expect(page.locator("#body-reply")).to_have_value("")
    page.keyboard.press("0")
    page.wait_for_url(f"**/{site.reference}?restore=**")
    expect(page.locator("#body-reply")).to_have_value("Ja, det går bra.")
    with system.db.read() as session:
        assert session.scalars(select(OutboxRow.state).where(OutboxRow.is_automatic.is_(False))).all() == ["undone"]


def test_the_palette_finds_commands_by_words_of_any_language(open_desk: Open, site: Site) -> None:
    page = open_desk(ticket(site))
    page.locator("#body-reply").fill("half")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-words")).to_be_focused()
    for word, name in (
        ("siirrä", "Move it to another unit"),
        ("anteckn", "Write an internal note"),
        ("late", "Overdue"),
    ):
        page.locator("#palette-words").fill(word)
        expect(page.locator("#palette-list [aria-selected=true]")).to_contain_text(name)
    page.locator("#palette-words").fill("no such thing")
    expect(page.locator("#palette-none")).to_have_text("No command has such a name.")
    page.locator("#palette-words").fill("muistiin")
    page.keyboard.press("Enter")
    expect(page.locator("#body-note")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press(".")
    page.locator("#palette-words").fill("sena")
    page.keyboard.press("Enter")
    page.wait_for_url("**due=overdue")


def test_single_keys_can_be_switched_off(open_desk: Open, site: Site) -> None:
    page = open_desk("/desk/settings/")
    page.locator("[name=keys][value=off]").check()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/settings/")
    page.goto(site.url + ticket(site))
    page.keyboard.press("i")
    page.wait_for_timeout(200)
    expect(page.locator("#body-note")).to_be_hidden()
    page.keyboard.press("Control+k")
    page.locator("#palette-words").fill("note")
    page.keyboard.press("Enter")
    expect(page.locator("#body-note")).to_be_focused()


def test_before_a_log_in_ends_it_asks_and_any_tab_can_say_that_somebody_is_there(
    open_desk: Open, site: Site, system: System
) -> None:
    page = open_desk(ticket(site))
    expect(page.locator("html.js")).to_be_attached()
    page.evaluate("localStorage.setItem('luukku:worked', Date.now() - 59 * 60 * 1000)")
    expect(page.locator("#idle")).to_be_visible()
    expect(page.locator("#idle [data-rest]")).to_contain_text("0:5")
    page.get_by_role("button", name="I am still here").click()
    expect(page.locator("#idle")).to_be_hidden()


def test_a_text_template_is_put_in_by_keys_alone(
    open_desk: Open, site: Site, system: System, authority: Authority
) -> None:
    wording = Wording(authority.units["north"].id, "sv", "Kort svar", "Hej {citizen}, det går bra.")
    templates.save(system, authority.viewers["nora"], wording)
    page = open_desk(ticket(site))
    page.keyboard.press("e")
    expect(page.get_by_role("button", name="Kort svar")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#body-reply")).to_have_value("Hej Siri Testsson, det går bra.")
    expect(page.locator("#body-reply")).to_be_focused()
    expect(page.locator("details.texts")).not_to_have_attribute("open", "")
    expect(page.locator("#form-reply [data-state]")).to_have_text("Draft kept")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["sv", "fi", "en"])
def test_axe_finds_nothing_in_what_is_new(
    locale: str, scheme: str, open_desk: Open, site: Site, system: System, authority: Authority
) -> None:
    nora = authority.viewers["nora"]
    own_settings.choose(system, authority.viewers["nils"], locale, single_keys=True)
    own_settings.choose(system, nora, locale, single_keys=True)
    templates.save(system, nora, Wording(authority.units["north"].id, "sv", "Kort svar", "Hej {citizen}."))
    draft.save(system, nora, site.reference, Mode.REPLY, Written("Noras utkast"), revision=0)
    pages = [open_desk(path, who="nora", color_scheme=scheme) for path in ("/desk/templates/", "/desk/templates/1")]
    own = open_desk(ticket(site), color_scheme=scheme)
    own.locator("#body-reply").fill("Mitt svar")
    with system.db.read() as session:
        seen = max(session.scalars(select(Message.id)))
    reply.reply(system, nora, site.reference, Answer("Noras svar.", ChannelName.EMAIL, seen_id=seen))
    expect(own.locator("#arrived input")).to_be_visible(timeout=SOON)
    sheet = open_desk("/desk/", color_scheme=scheme)
    sheet.keyboard.press("Control+k")
    settings = open_desk("/desk/settings/", color_scheme=scheme)
    for page in (*pages, own, sheet, settings):
        found = Axe().run(page)
        assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def test_nothing_new_scrolls_sideways_at_320_px(
    open_desk: Open, site: Site, system: System, authority: Authority
) -> None:
    nora = authority.viewers["nora"]
    templates.save(system, nora, Wording(authority.units["north"].id, "sv", "Kort svar", "Hej {citizen}."))
    draft.save(system, nora, site.reference, Mode.REPLY, Written("Noras utkast"), revision=0)
    for path, who in (
        (ticket(site), "nils"),
        ("/desk/settings/", "nils"),
        ("/desk/templates/", "nora"),
        ("/desk/templates/1", "nora"),
    ):
        page = open_desk(path, who=who, width=320, height=640)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_the_table_changes_too_and_what_is_picked_stays_picked(
    open_desk: Open, site: Site, system: System, authority: Authority
) -> None:
    page = open_desk("/desk/?columns=due,subject,assignee&sort=subject")
    is_live(page)
    rows = page.locator("#list-rows tbody tr")
    expect(rows).to_have_count(2)
    boxes = page.locator("[data-pick]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    assign.take(system, authority.viewers["nora"], site.reference)
    expect(page.locator("#list-rows")).to_contain_text("Nora", timeout=SOON)
    expect(page.locator("[data-pick]:checked")).to_have_count(2)
    boxes.nth(0).hover()
    arrives(system, mail("Ny fråga", subject="AAA", message_id="c@example.se"), item_id="1:9", at=clock.now())
    expect(page.locator("#list-news")).to_be_visible(timeout=SOON)
    expect(rows).to_have_count(2)
    page.locator("#list-news").click()
    expect(rows).to_have_count(3)
    expect(page.locator("[data-pick]:checked")).to_have_count(2)
    assert [box.is_checked() for box in boxes.all()] == [False, True, True]


def test_a_colleague_is_named_by_keys_alone_and_told(
    open_desk: Open, site: Site, system: System, authority: Authority
) -> None:
    page = open_desk(ticket(site))
    page.keyboard.press("i")
    page.keyboard.type("Vad säger du, @no")
    expect(page.locator("#names-note li")).to_have_text(["Nora"])
    area = page.locator("#body-note")
    assert area.get_attribute("aria-activedescendant") == "names-note-0"
    expect(page.locator("#names-note + [role=status]")).to_have_text("Colleagues to choose from: 1")
    assert Axe().run(page).violations_count == 0
    page.keyboard.press("Enter")
    expect(area).to_have_value("Vad säger du, @Nora ")
    expect(page.locator("#names-note")).to_be_hidden()
    nora = open_desk("/desk/", who="nora")
    is_live(nora)
    page.keyboard.press("Control+Enter")
    expect(nora.get_by_role("link", name="News 1 ticket with news")).to_be_visible(timeout=SOON)
    nora.keyboard.press("h")
    expect(nora.locator(".news")).to_contain_text("You are mentioned")
    nora.locator(".news a").click()
    expect(nora.locator(".fresh")).to_have_count(0)
    nora.wait_for_timeout(300)
    nora.goto(site.url + "/desk/news")
    expect(nora.locator("main")).to_contain_text("Nothing: you have seen all that happened.")
