"""The demo console in a real Chromium: it follows what happens by itself, fits a telephone, and axe finds nothing."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from app.core import clock
from app.core.demo import DemoPlaces
from app.core.system import System
from app.flows.sources import NewSource, add_source
from app.web.factory import create_app
from tests.factories import Authority, poll_all

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_backend", ["sqlite"], indirect=True)]
TABS = ("email", "phone", "letter")


@pytest.fixture
def demo_there(system: System, authority: Authority) -> Iterator[System]:
    """A demo that answers on loopback."""
    server = make_server("127.0.0.1", 0, None, threaded=True)  # type: ignore[arg-type]
    there = replace(system, settings=replace(system.settings, demo=True, port=server.server_port))
    places = DemoPlaces(there.settings.data_dir)
    places.make()
    add_source(there, NewSource("demo-mail", "email", "maildir", {"path": str(places.mail_in)}), password="")
    server.app = create_app(there)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield there
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    heard: list[str] = []
    yield heard
    assert heard == []


def opened(browser: Browser, system: System, complaints: list[str], path: str = "", **options: object) -> Page:
    context = browser.new_context(locale="en-GB", **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"http://127.0.0.1:{system.settings.port}/demo/{path}")
    return page


def test_the_page_follows_by_itself_and_keeps_what_is_typed(
    browser: Browser, demo_there: System, complaints: list[str]
) -> None:
    page = opened(browser, demo_there, complaints)
    page.click("text=Send the mail")
    expect(page.get_by_text("It lies at the door")).to_be_visible()
    page.fill("#body", "half a word")
    poll_all(demo_there)
    expect(page.get_by_text("Matched: a new ticket")).to_be_visible(timeout=5000)
    assert page.input_value("#body") == "half a word"
    page.context.close()


def test_it_works_without_scripts(browser: Browser, demo_there: System, complaints: list[str]) -> None:
    page = opened(browser, demo_there, complaints, java_script_enabled=False)
    page.select_option("#example", "address-sv")
    page.click("text=Use it")
    assert page.input_value("#subject") == "Ny adress"
    page.click("text=Send the mail")
    poll_all(demo_there)
    page.click("text=Refresh")
    expect(page.get_by_text("Matched: a new ticket")).to_be_visible()
    page.context.close()


def test_a_call_is_answered_beside_the_console(
    browser: Browser, demo_there: System, authority: Authority, complaints: list[str]
) -> None:
    from app.flows.call import answer
    from app.screens.ringing import read_ringing

    page = opened(browser, demo_there, complaints, "?tab=phone")
    page.click("button:has-text('Dial')")
    expect(page.get_by_text(re.compile("Nobody has answered yet"))).to_be_visible()
    nils = authority.viewers["nils"]
    with demo_there.db.read() as session:
        (ringing,) = read_ringing(session, nils, now=clock.now() + timedelta(seconds=1))
    answer(demo_there, nils, ringing.call_id)
    expect(page.get_by_text("Nils answers you.")).to_be_visible(timeout=5000)
    page.click("text=Hang up")
    expect(page.locator("article").get_by_text("The call is over.")).to_be_visible(timeout=5000)
    page.context.close()


@pytest.mark.parametrize("path", [*(f"?tab={tab}" for tab in TABS), "break", "proof"])
@pytest.mark.parametrize("width", [360, 320])
def test_no_page_scrolls_sideways_on_a_telephone(
    path: str, width: int, browser: Browser, demo_there: System, complaints: list[str]
) -> None:
    page = opened(browser, demo_there, complaints, viewport={"width": width, "height": 740})
    page.click("text=Send the mail")
    poll_all(demo_there)
    page.goto(f"http://127.0.0.1:{demo_there.settings.port}/demo/{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["?tab=email", "?tab=phone", "?tab=letter", "?who=new", "break", "proof"])
def test_axe_finds_nothing(path: str, scheme: str, browser: Browser, demo_there: System, complaints: list[str]) -> None:
    page = opened(browser, demo_there, complaints, color_scheme=scheme)
    page.click("text=Send the mail")
    poll_all(demo_there)
    page.goto(f"http://127.0.0.1:{demo_there.settings.port}/demo/{path}")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.context.close()
