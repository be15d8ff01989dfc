"""The whole way of an answer without a mouse, and what the screen reader is told at each step of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from app.core.system import System
from tests.factories import PASSWORD, Authority
from tests.web.browsing import Open, Site, ticket
from tests.web.looking import demand_seen, demand_told, focus_of, small_targets, walk

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_backend", ["sqlite"], indirect=True)]
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def look(page: Page, focus_id: str = "") -> None:
    """The focus is seen where it should be, and the tree is whole."""
    focus = demand_seen(page)
    assert focus.id == focus_id or not focus_id, focus.html
    demand_told(page)


def test_an_answer_from_log_in_to_the_list_again_by_keys_alone(
    open_desk: Open, site: Site, system: System, authority: Authority
) -> None:
    page = open_desk("/login")
    expect(page.locator("#email")).to_be_focused()
    look(page, "email")
    page.keyboard.type("nils@migration.example")
    page.keyboard.press("Tab")
    look(page, "password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/")
    choose_the_first(page)
    page.wait_for_url(f"**{ticket(site)}")
    page.keyboard.press("t")
    expect(page.locator("[data-key=t]")).to_have_count(0)
    demand_told(page)
    answer_and_take_it_back(page)
    send_and_go_on(page, site)
    note_and_label(page)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    focus = demand_seen(page)
    assert "row" in focus.html, "back in the list"


def choose_the_first(page: Page) -> None:
    page.keyboard.press("Tab")
    assert "skip" in demand_seen(page).html
    demand_told(page)
    rows = page.get_by_role("region", name="List of tickets").get_by_role("list").first.get_by_role("listitem")
    assert rows.count() >= 1, "the list is a list"
    for key in ("j", "j", "k"):
        page.keyboard.press(key)
        look(page)
    expect(page.locator(".row").first).to_be_focused()
    page.keyboard.press("Enter")


def answer_and_take_it_back(page: Page) -> None:
    page.keyboard.press("1")
    expect(page.locator("#body-reply")).to_be_focused()
    look(page, "body-reply")
    page.keyboard.press("Control+End")
    page.keyboard.type(" Trevlig resa!")
    send = page.get_by_role("button", name=re.compile(r"Send e-mail to \S+@example\.se"))
    expect(send).to_have_count(1)
    for _ in range(12):
        page.keyboard.press("Tab")
        look(page)
        if page.evaluate("document.activeElement.matches('[data-panel=reply] [data-send]')"):
            break
    else:
        pytest.fail("Tab does not lead from the text to the button that sends it")
    page.keyboard.press("Enter")
    told = page.get_by_role("status").filter(has_text="The answer leaves at")
    expect(told).to_be_visible()
    demand_told(page)
    page.keyboard.press("Escape")
    page.keyboard.press("0")
    expect(page.locator("#body-reply")).to_have_value(re.compile(r"Trevlig resa!$"))
    expect(told).to_have_count(0)
    demand_told(page)


def send_and_go_on(page: Page, site: Site) -> None:
    page.keyboard.press("r")
    look(page, "body-reply")
    page.keyboard.press("Control+Shift+Enter")
    page.wait_for_url(f"**/{site.other}**")
    expect(page.get_by_role("status").filter(has_text="leaves at")).to_be_visible()
    demand_told(page)


def note_and_label(page: Page) -> None:
    if focus_of(page) is not None:
        page.keyboard.press("Escape")
    page.keyboard.press("i")
    look(page, "body-note")
    page.keyboard.type("Ringde registret.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="The note is kept.")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    look(page, "label-label")
    page.keyboard.type("resa")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Take the label resa off")).to_be_visible()
    demand_told(page)


@pytest.mark.parametrize("path", ["/desk/", "ticket", "/desk/settings/"])
def test_tab_reaches_everything_and_nothing_of_it_is_covered(path: str, open_desk: Open, site: Site) -> None:
    page = open_desk(ticket(site) if path == "ticket" else path)
    assert walk(page) == []


def test_at_four_hundred_per_cent_the_ticket_is_whole_and_nothing_scrolls_sideways(open_desk: Open, site: Site) -> None:
    page = open_desk(ticket(site), width=320, height=256)
    assert page.evaluate(SIDEWAYS) <= 0
    assert walk(page) == []
    assert page.evaluate(SIDEWAYS) <= 0
    page.keyboard.press("r")
    demand_seen(page)


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize(
    "path", ["/desk/", "/desk/?columns=due,subject,citizen", "ticket", "/desk/settings/", "/desk/search/?q=kort"]
)
def test_each_target_is_large_enough(path: str, width: int, open_desk: Open, site: Site) -> None:
    page = open_desk(ticket(site) if path == "ticket" else path, width=width)
    assert small_targets(page) == []
