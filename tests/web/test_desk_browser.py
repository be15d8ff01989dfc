"""The desk in a real Chromium: keys, suggestions, undo, calls, clocks, narrow screens, and what axe finds."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from sqlalchemy import select, update

from app.core import clock
from app.core.system import System
from app.flows import bulk
from app.flows.call import take_event
from app.outbox.models import OutboxRow
from app.suggest.models import Suggestion
from app.tickets.bulk import UNDO_FOR, Action, BulkRow, Kind
from tests.factories import Authority
from tests.web.browsing import Open, Site, focused, ticket
from tests.web.conftest import add_tickets, ring

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_backend", ["sqlite"], indirect=True)]


def test_a_known_question_is_answered_by_six_strokes(open_desk: Open, site: Site, system: System) -> None:
    page = open_desk()
    page.keyboard.press("j")
    expect(page.locator(".row").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{ticket(site)}")
    page.keyboard.press("1")
    expect(page.locator("#body-reply")).to_have_value("Du kan resa utan kort. Svar nummer 1.")
    expect(page.locator("#body-reply")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".undo")).to_be_visible()
    expect(page.locator("#body-reply")).to_have_value("")
    with system.db.read() as session:
        assert session.scalars(select(Suggestion).where(Suggestion.inserted_by.is_not(None))).one().rank == 1
        assert session.scalars(select(OutboxRow).where(OutboxRow.is_automatic.is_(False))).one()


def test_undo_brings_the_words_back_and_the_bar_counts_down(open_desk: Open, site: Site) -> None:
    page = open_desk(ticket(site))
    page.fill("#body-reply", "Ja, det kan du.")
    page.click("[data-panel=reply] [data-send]")
    expect(page.locator(".undo [data-count]")).to_have_text("15 s left", timeout=9000)
    page.click(".undo button")
    expect(page.locator("#body-reply")).to_have_value("Ja, det kan du.")
    expect(page.locator(".undo")).to_have_count(0)


def test_g_and_a_key_go_to_a_place_and_u_back_to_the_list(open_desk: Open, site: Site) -> None:
    page = open_desk(ticket(site))
    page.keyboard.press("u")
    expect(page.locator(".row[aria-current]")).to_be_focused()
    for key, place in (("i", r"/desk/\?who=mine$"), ("k", r"/desk/articles/$"), ("u", r"/desk/$")):
        page.keyboard.press("g")
        with page.expect_navigation():
            page.keyboard.press(key)
        expect(page).to_have_url(re.compile(place))
    page.keyboard.press("/")
    page.keyboard.type("gi")
    expect(page.locator("#q")).to_have_value("gi")


def test_what_was_done_can_be_hidden_between_what_was_said(open_desk: Open, site: Site) -> None:
    page = open_desk(ticket(site))
    button, done = page.locator("[data-quiets]"), page.locator(".time > p.sys").first
    expect(done).to_be_visible()
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(done).to_be_hidden()
    expect(page.locator(".time .msg").first).to_be_visible()
    page.reload()
    expect(page.locator(".time > p.sys").first).to_be_hidden()
    page.locator("[data-quiets]").click()
    expect(page.locator(".time > p.sys").first).to_be_visible()


def test_single_keys_reach_every_control_and_stay_out_of_fields(open_desk: Open, site: Site) -> None:
    page = open_desk(ticket(site))
    page.keyboard.press("i")
    expect(page.locator("#body-note")).to_be_focused()
    page.keyboard.type("rmts1? /jk")
    expect(page.locator("#body-note")).to_have_value("rmts1? /jk")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    expect(page.locator("#transfer-unit")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#transfer-unit")).to_be_hidden()
    page.keyboard.press("a")
    expect(page.locator("#assign-assignee")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    expect(page.locator("#offers")).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keys-help")).to_be_visible()
    page.keyboard.press("t")
    page.keyboard.press("Escape")
    expect(page.locator("#keys-help")).to_be_hidden()
    assert page.url.endswith(ticket(site)), "a key pressed over the sheet does nothing"
    page.keyboard.press("t")
    expect(page.locator(".thead")).to_contain_text("yours")


def test_the_button_says_what_will_happen(open_desk: Open, site: Site) -> None:
    page = open_desk(ticket(site))
    button = page.locator("[data-panel=reply] [data-send]")
    expect(button).to_contain_text("Send e-mail to s***@example.se and mark resolved")
    page.select_option("#then", "waiting")
    expect(button).to_contain_text("Send e-mail to s***@example.se and wait for the citizen")


def test_what_is_typed_survives_a_reload_and_is_forgotten_at_log_out(open_desk: Open, site: Site) -> None:
    page = open_desk(ticket(site))
    page.fill("#body-reply", "Halvt svar")
    page.keyboard.press("Escape")
    page.keyboard.press("i")
    page.fill("#body-note", "Halv anteckning")
    page.reload()
    expect(page.locator("#body-reply")).to_have_value("Halvt svar")
    expect(page.locator("#body-note")).to_have_value("Halv anteckning")
    page.click(".me summary")
    page.click("form[data-logout] button")
    page.wait_for_url("**/login")
    assert page.evaluate("sessionStorage.length") == 0


def test_what_was_sent_is_kept_until_it_has_arrived(open_desk: Open, site: Site) -> None:
    page = open_desk(f"/desk/tickets/{site.reference}")
    page.fill("#body-reply", "Ja, det går bra.")
    page.route("**/reply*", lambda route: route.fulfill(status=200, body="the line broke"))
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("the line broke")).to_be_visible()
    page.unroute("**/reply*")
    page.goto(f"{site.url}/desk/tickets/{site.reference}")
    expect(page.locator("#body-reply")).to_have_value("Ja, det går bra.")
    page.locator("#body-reply").press("Control+Enter")
    expect(page.locator("form.undo")).to_be_visible()
    expect(page.locator("#body-reply")).to_have_value("")
    page.goto(f"{site.url}/desk/tickets/{site.reference}")
    expect(page.locator("#body-reply")).to_have_value("")


def test_choosing_a_topic_sends_nothing_until_it_is_kept(open_desk: Open, site: Site) -> None:
    page = open_desk(f"/desk/tickets/{site.reference}")
    keep = page.locator("form[data-choice]", has=page.locator("#language-language")).get_by_role("button")
    expect(keep).to_be_hidden()
    page.locator("#language-language").select_option("fi")
    expect(keep).to_be_visible()
    page.locator("#language-language").select_option("sv")
    expect(keep).to_be_hidden()
    page.locator("#language-language").select_option("fi")
    keep.click()
    expect(page.locator("#language-language")).to_have_value("fi")
    expect(page.get_by_text("finska").or_(page.get_by_text("Finnish")).first).to_be_visible()


def test_a_call_appears_by_itself_and_takes_neither_focus_nor_words(
    open_desk: Open, site: Site, system: System
) -> None:
    page = open_desk(ticket(site))
    page.fill("#body-reply", "Jag skriver")
    take_event(system, ring("call-1", clock.now()))
    expect(page.locator(".call")).to_contain_text("+46 70 174 06 05", timeout=6000)
    assert focused(page) == "body-reply"
    expect(page.locator("#body-reply")).to_have_value("Jag skriver")
    page.click(".call button")
    expect(page.locator("#body-call")).to_be_visible()
    expect(page.locator(".call")).to_have_count(0)


def test_a_call_rings_on_every_page_and_one_key_answers_it(open_desk: Open, system: System) -> None:
    page = open_desk("/desk/articles/")
    take_event(system, ring("call-1", clock.now()))
    expect(page.locator(".call")).to_contain_text("+46 70 174 06 05", timeout=6000)
    page.keyboard.press("c")
    expect(page.locator("#body-call")).to_be_focused()


def test_one_key_takes_an_answer_back_and_a_note_is_said_to_be_kept(open_desk: Open, site: Site) -> None:
    page = open_desk(ticket(site))
    page.fill("#body-reply", "Ja, det går bra.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("form.undo")).to_be_visible()
    page.keyboard.press("0")
    expect(page.locator("#body-reply")).to_have_value("Ja, det går bra.")
    expect(page.locator("#body-reply")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("i")
    page.fill("#body-note", "Ringde och frågade.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".told")).to_be_visible()


def test_a_clock_that_runs_out_says_so_without_a_reload(open_desk: Open, site: Site) -> None:
    page = open_desk("/login")
    page.clock.install()
    page.fill("#email", "nils@migration.example")
    page.fill("#password", "correct horse battery")
    page.click("main button")
    chips = page.locator(".row .chip[data-due]")
    expect(chips).to_have_count(2)
    expect(page.locator("html.js")).to_be_attached()
    page.locator("#live-state").click()  # the server has another clock than this browser
    page.evaluate("document.getElementById('idle').dataset.seconds = 1e9")
    before = chips.first.inner_text()
    page.clock.fast_forward(timedelta(days=9).total_seconds() * 1000)
    expect(page.locator(".row .chip.late")).to_have_count(2)
    assert chips.first.inner_text() != before
    assert "Late by" in chips.first.inner_text()


def test_without_scripts_an_answer_is_put_in_sent_and_undone(open_desk: Open, site: Site) -> None:
    page = open_desk(java_script_enabled=False)
    page.click(f".row[href*='{site.reference}']")
    page.fill("#body-reply", "Hej!")
    page.click(".sug.top button")
    expect(page.locator("#body-reply")).to_have_value("Hej!\n\nDu kan resa utan kort. Svar nummer 1.")
    page.select_option("#then", "open")
    page.click("[data-panel=reply] [data-send]")
    page.click(".undo button")
    expect(page.locator("#body-reply")).to_have_value("Hej!\n\nDu kan resa utan kort. Svar nummer 1.")
    page.click("[data-mode=note]")
    page.fill("#body-note", "Bara för oss")
    page.click("[data-panel=note] [data-send]")
    expect(page.locator(".msg.int")).to_contain_text("Bara för oss")


def test_show_more_adds_to_the_list_in_place(open_desk: Open, site: Site, system: System, authority: Authority) -> None:
    add_tickets(system, authority, 80)
    page = open_desk()
    expect(page.locator(".row")).to_have_count(50)
    page.click(".more a")
    expect(page.locator(".row")).to_have_count(82)
    assert page.url.endswith("/desk/")


def test_the_mail_frame_shows_its_picture_and_runs_nothing(open_desk: Open, site: Site) -> None:
    page = open_desk(ticket(site))
    page.click("text=As the sender formatted it")
    frame = page.frame_locator("iframe.mailview")
    expect(frame.locator("b")).to_have_text("Kan jag resa")
    width = frame.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)")
    assert width == 1


PAGES = (
    "/login",
    "/desk/",
    "{ticket}",
    "{ticket}/why",
    "/desk/search/?q=kort",
    "/desk/articles/",
    "/desk/inbound/",
    "/desk/inbound/?fate=ignored",
    "/desk/inbound/3",
    "/desk/outgoing/",
    "/desk/system/",
)


def reader(path: str) -> str:
    """Who may read a page."""
    return "admin" if path == "/desk/system/" else "nils"


@pytest.mark.parametrize("width", [360, 320])
@pytest.mark.parametrize("path", PAGES)
def test_no_page_scrolls_sideways_on_a_telephone(path: str, width: int, open_desk: Open, site: Site) -> None:
    page = open_desk(path.format(ticket=ticket(site)), width=width, height=740, who=reader(path))
    with suppress(Exception):
        page.wait_for_load_state("networkidle", timeout=1000)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [*PAGES, "/desk/articles/1", "/desk/settings/", "{ticket}?mode=note"])
def test_axe_finds_nothing(
    path: str, scheme: str, open_desk: Open, site: Site, system: System, request: pytest.FixtureRequest
) -> None:
    take_event(system, ring("call-1", clock.now()))
    page = open_desk(path.format(ticket=ticket(site)), color_scheme=scheme, who=reader(path))
    if path == "{ticket}":
        page.fill("#body-reply", "Ja.")
        page.click("[data-panel=reply] [data-send]")
        expect(page.locator(".undo")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_axe_finds_nothing_in_a_form_with_faults_or_an_open_sheet(open_desk: Open, site: Site) -> None:
    page = open_desk(ticket(site))
    page.evaluate("document.querySelectorAll('form').forEach(form => form.noValidate = true)")
    page.keyboard.press("m")
    page.keyboard.press("Escape")
    page.click("[data-panel=reply] [data-send]")
    expect(page.locator("#body-reply-fault")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.locator("h1").first.click()
    page.keyboard.press("?")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_link_to_the_composer_leads_into_its_field(open_desk: Open, site: Site) -> None:
    page = open_desk(f"{ticket(site)}?mode=note#write")
    expect(page.locator("#body-note")).to_be_focused()


def test_the_field_of_an_answer_grows_with_it_but_not_over_the_question(open_desk: Open, site: Site) -> None:
    page = open_desk(ticket(site))
    field = page.locator("#body-reply")
    before = field.evaluate("field => field.offsetHeight")
    field.fill("Rad\n" * 200)
    assert before * 2 < field.evaluate("field => field.offsetHeight") <= 300


@pytest.mark.parametrize("width", [360, 320])
def test_no_menu_of_a_ticket_scrolls_the_page_sideways(width: int, open_desk: Open, site: Site) -> None:
    page = open_desk(ticket(site), width=width, height=740)
    for menu in page.locator(".acts details").all():
        menu.evaluate("menu => { menu.open = true }")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        menu.evaluate("menu => { menu.open = false }")


def test_an_order_is_undone_by_a_key_while_its_page_keeps_the_focus(
    open_desk: Open, site: Site, system: System, authority: Authority
) -> None:
    nils = authority.viewers["nils"]
    job_id = bulk.order(system, nils, [site.reference, site.other], Action(Kind.LABEL, text="kampanj"))
    page = open_desk(f"/desk/bulk/{job_id}")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/desk/bulk/" in request.url else None)
    page.focus(".undo button")
    bulk._run_one(system)
    expect(page.get_by_text("1 of 2 done")).to_be_visible()
    expect(page.locator(".undo button")).to_be_focused()
    bulk.run(system)
    expect(page.get_by_text("It can be undone until")).to_be_visible()
    expect(page.locator(".undo button")).to_be_focused()
    asked.clear()
    page.wait_for_timeout(2500)
    assert asked == [], "what is done is asked for no more"
    page.keyboard.press("0")
    page.wait_for_url(f"**/desk/bulk/{job_id + 1}")
    bulk.run(system)
    expect(page.get_by_text("Done with all 2.")).to_be_visible()
    expect(page.locator(".undo")).to_have_count(0)


def test_the_button_goes_when_the_five_minutes_are_over(
    open_desk: Open, site: Site, system: System, authority: Authority
) -> None:
    job_id = bulk.order(system, authority.viewers["nils"], [site.reference], Action(Kind.LABEL, text="kampanj"))
    page = open_desk(f"/desk/bulk/{job_id}")
    bulk.run(system)
    with system.db.begin() as session:
        session.execute(update(BulkRow).values(done_at=clock.now() - UNDO_FOR + timedelta(seconds=4)))
    expect(page.get_by_text("Done with all 1.")).to_be_visible()
    expect(page.locator(".undo")).to_be_visible()
    expect(page.locator(".undo")).to_have_count(0, timeout=6000)
