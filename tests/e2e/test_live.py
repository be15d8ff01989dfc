"""Two web servers and a worker on one database: what one does shows at the other, and kill -9 takes no word."""

from __future__ import annotations

import mailbox
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.core import clock
from app.core.demo import DEMO_PASSWORD, DemoPlaces
from tests.e2e.conftest import LUUKKU, RunningDemo, environment, free_port, running_demo, wait_until
from tests.e2e.test_up import answers

pytestmark = [pytest.mark.demo, pytest.mark.browser]

WITHIN = 2.0


@pytest.fixture(scope="module")
def two_desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningDemo, int]]:
    """A demo with its worker, and the port of a second web server on the same database."""
    with running_demo(tmp_path_factory.mktemp("live") / "var") as demo:
        port = free_port()
        second = subprocess.Popen([*LUUKKU, "web", "--port", str(port)], env=environment(demo.var, port))
        try:
            wait_until(lambda: answers(port), 30, "the second desk did not start")
            yield demo, port
        finally:
            second.terminate()
            second.wait(timeout=20)


def colleagues(demo: RunningDemo) -> list[str]:
    """The addresses of two who work in the unit of the first mailbox."""
    query = """SELECT u.email FROM membership m JOIN user_account u ON u.id = m.user_id WHERE m.unit_id = 1
               ORDER BY u.id LIMIT 2"""
    return [email for (email,) in demo.rows(query)]


def entered(browser: Browser, port: int, email: str) -> Page:
    page = browser.new_context(locale="en").new_page()
    page.goto(f"http://127.0.0.1:{port}/login")
    page.fill("#email", email)
    page.fill("#password", DEMO_PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url("**/desk/**")
    expect(page.locator("#live-state")).to_have_attribute("data-state", "live")
    return page


def drop(demo: RunningDemo, subject: str) -> None:
    """A citizen's mail to the first unit's mailbox."""
    ((address,),) = demo.rows("SELECT mailbox FROM unit WHERE id = 1")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Siri Testsson <siri@example.se>", address, subject
    message["Date"], message["Message-ID"] = format_datetime(clock.now()), f"<{subject.replace(' ', '.')}@example.se>"
    message.set_content("Hej! Hur lång tid tar det?")
    mailbox.Maildir(DemoPlaces(demo.var).mail_in).add(message.as_bytes())


def reference_of(demo: RunningDemo, subject: str) -> str:
    query = f"SELECT reference FROM ticket WHERE subject = '{subject}'"
    wait_until(lambda: demo.rows(query), 20, "the mail did not become a ticket")
    return str(demo.rows(query)[0][0])


def test_what_a_worker_and_another_server_do_shows_within_two_seconds(
    two_desks: tuple[RunningDemo, int], browser: Browser
) -> None:
    demo, port = two_desks
    first, second = (entered(browser, at, email) for at, email in zip((demo.port, port), colleagues(demo), strict=True))
    told = {}
    drop(demo, "Live one")
    reference = reference_of(demo, "Live one")
    for name, page in (("first", first), ("second", second)):
        begun = time.monotonic()
        expect(page.locator("#list-rows")).to_contain_text("Live one", timeout=WITHIN * 1000)
        told[f"worker to {name}"] = time.monotonic() - begun
    first.goto(f"http://127.0.0.1:{demo.port}/desk/tickets/{reference}")
    expect(first.locator("#live-state")).to_have_attribute("data-state", "live")
    first.locator("#body-reply").press_sequentially("Ett halvt sv")
    second.goto(f"http://127.0.0.1:{port}/desk/tickets/{reference}")
    expect(second.locator(".company")).to_contain_text("skriver här just nu")
    second.locator("[data-mode=note]").click()
    second.locator("#body-note").fill("Seen by the other server")
    second.keyboard.press("Control+Enter")
    second.wait_for_url("**done=note**")
    begun = time.monotonic()
    expect(first.locator(".time")).to_contain_text("Seen by the other server", timeout=WITHIN * 1000)
    told["server to server"] = time.monotonic() - begun
    expect(first.locator("#body-reply")).to_be_focused()
    expect(first.locator("#body-reply")).to_have_value("Ett halvt sv")
    print({name: f"{seconds:.2f} s" for name, seconds in told.items()})


def test_kill_9_of_the_server_while_typing_loses_no_word(two_desks: tuple[RunningDemo, int], browser: Browser) -> None:
    demo, _ = two_desks
    drop(demo, "Live two")
    reference = reference_of(demo, "Live two")
    page = entered(browser, demo.port, colleagues(demo)[0])
    page.goto(f"http://127.0.0.1:{demo.port}/desk/tickets/{reference}")
    area = page.locator("#body-reply")
    area.click()
    typed: list[tuple[float, str]] = []
    for number in range(40):
        page.keyboard.type(f"ord{number} ", delay=20)
        typed.append((time.monotonic(), area.input_value()))
    killed_at = time.monotonic()
    os.kill(demo.descendants()["gunicorn"], signal.SIGKILL)
    owed = max((text for at, text in typed if at < killed_at - WITHIN), key=len)
    assert len(stored(demo)) >= len(owed)
    page.keyboard.type("och mer medan den är borta")
    everything = area.input_value()
    wait_until(lambda: stored(demo) == everything, 30, "the words that the browser kept did not get to the server")


def stored(demo: RunningDemo) -> str:
    rows = demo.rows("SELECT body FROM draft WHERE mode = 'reply' ORDER BY saved_at DESC LIMIT 1")
    return str(rows[0][0]) if rows else ""


def test_streams_do_not_hold_up_the_end(tmp_path: Path, browser: Browser) -> None:
    with running_demo(tmp_path / "var") as demo:
        entered(browser, demo.port, colleagues(demo)[0])
        begun = time.monotonic()
        assert demo.stop() == 0
        assert time.monotonic() - begun < 5
