"""Ways to log in as people use them, in a real Chromium: passkeys by a virtual device, codes by an app."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, CDPSession, Page, expect
from sqlalchemy import select, update

from app.accounts.login_models import Passkey
from app.accounts.models import User
from app.core import clock
from app.core.system import System
from tests.factories import PASSWORD
from tests.web.browsing import Site
from tests.web.test_admin import link_of
from tests.web.test_every_screen_browser import LONGER, OVERFLOWING

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_backend", ["sqlite"], indirect=True),  # devices do not know of databases
]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass
class Person:
    """Somebody before a browser with a device for passkeys; the desk has a name there, as passkeys need one."""

    page: Page
    url: str
    devices: CDPSession
    device: str

    def log_in(self) -> None:
        self.page.goto(f"{self.url}/login")
        self.page.fill("#email", "nils@migration.example")
        self.page.fill("#password", PASSWORD)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def log_out(self) -> None:
        self.page.goto(f"{self.url}/desk/settings/")
        self.page.click("details.me summary")
        self.page.click("[data-logout] button")
        expect(self.page).to_have_url(f"{self.url}/login")

    def keys(self) -> list[Any]:
        found: list[Any] = self.devices.send("WebAuthn.getCredentials", {"authenticatorId": self.device})["credentials"]
        return found


@pytest.fixture
def nils(browser: Browser, site: Site) -> Iterator[Person]:
    context = browser.new_context(locale="en")
    page = context.new_page()
    page.set_default_timeout(8000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    device = devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]
    yield Person(page, site.url.replace("127.0.0.1", "localhost"), devices, device)
    context.close()
    assert faults == []


def add_passkey(nils: Person, name: str) -> None:
    nils.page.goto(f"{nils.url}/desk/settings/")
    nils.page.get_by_label("Name of the new passkey").fill(name)
    nils.page.get_by_role("button", name="Add a passkey").click()


def test_a_passkey_is_made_in_the_settings_and_opens_the_desk_from_then_on(nils: Person, system: System) -> None:
    nils.log_in()
    add_passkey(nils, "My laptop")
    expect(nils.page.locator("[aria-labelledby=passkeys] li b")).to_have_text("My laptop")
    nils.log_out()
    nils.page.goto(f"{nils.url}/login?next=/desk/settings/")
    nils.page.get_by_role("button", name="Use a passkey").click()
    expect(nils.page).to_have_url(f"{nils.url}/desk/settings/")
    expect(nils.page.locator("[aria-labelledby=passkeys] li")).to_contain_text("last used")
    with system.db.read() as session:
        kept = session.scalars(select(Passkey)).one()
    assert kept.sign_count == nils.keys()[0]["signCount"] > 0
    nils.page.get_by_role("button", name="Remove My laptop").click()
    expect(nils.page.locator("[aria-labelledby=passkeys] li")).to_have_count(0)
    nils.log_out()
    nils.page.get_by_role("button", name="Use a passkey").click()
    expect(nils.page.locator("[data-passkey-fault]")).to_have_text(
        "This passkey does not open this desk. Log in with your password."
    )


def test_a_device_that_does_not_know_its_owner_opens_nothing_and_it_is_said(nils: Person) -> None:
    nils.log_in()
    add_passkey(nils, "My laptop")
    expect(nils.page.locator("[aria-labelledby=passkeys] li")).to_have_count(1)
    nils.log_out()
    nils.devices.send("WebAuthn.setUserVerified", {"authenticatorId": nils.device, "isUserVerified": False})
    nils.page.get_by_role("button", name="Use a passkey").click()
    expect(nils.page.locator("[data-passkey-fault]")).to_contain_text("No passkey was used")
    expect(nils.page).to_have_url(f"{nils.url}/login")


def test_an_app_is_set_up_by_keyboard_and_its_code_pasted_at_the_log_in(nils: Person, system: System) -> None:
    nils.log_in()
    nils.page.goto(f"{nils.url}/desk/settings/")
    nils.page.get_by_role("link", name="Set up the second factor").press("Enter")
    nils.page.get_by_role("button", name="Set up").press("Enter")
    secret = nils.page.locator("[data-secret]").inner_text().replace(" ", "")
    nils.page.get_by_label("Type the code").fill(pyotp.TOTP(secret).now())
    nils.page.keyboard.press("Enter")
    expect(nils.page.locator("[data-recovery-codes] code")).to_have_count(10)
    codes = nils.page.locator("[data-recovery-codes] code").all_inner_texts()
    nils.page.goto(f"{nils.url}/desk/settings/")
    nils.log_out()
    nils.log_in()
    field = nils.page.get_by_label("Code from your app")
    expect(field).to_be_focused()
    field.evaluate(
        """(field, text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
          if (field.dispatchEvent(event)) document.execCommand("insertText", false, text);
        }""",
        codes[0],
    )
    expect(field).to_have_value(codes[0])
    nils.page.keyboard.press("Enter")
    expect(nils.page).to_have_url(f"{nils.url}/desk/")


@pytest.mark.parametrize("language", ["sv", "fi", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_way_in_and_nothing_scrolls_sideways(
    scheme: str, language: str, nils: Person, system: System
) -> None:
    page, url = nils.page, nils.url
    with system.db.begin() as session:
        session.execute(update(User).values(language=language))
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": 320, "height": 740})
    page.goto(f"{url}/login?lang={language}")
    look(page)
    page.goto(f"{url}/password?lang={language}")
    look(page)
    page.fill("#email", "nils@migration.example")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_visible()
    look(page)
    page.goto(url + link_of(system, "nils") + f"?lang={language}")
    look(page)
    page.goto(f"{url}/welcome/1-0?lang={language}")
    look(page)
    nils.log_in()
    page.goto(f"{url}/desk/settings/second-factor/")
    look(page)
    page.click("section.sheet .btn.go")
    secret = page.locator("[data-secret]").inner_text().replace(" ", "")
    look(page)
    page.fill("#code", "000000")
    page.keyboard.press("Enter")
    expect(page.locator("#code-fault")).to_be_visible()
    look(page)
    step = int(clock.now().timestamp()) // 30
    page.fill("#code", pyotp.TOTP(secret).generate_otp(step))
    page.keyboard.press("Enter")
    expect(page.locator("[data-recovery-codes]")).to_be_visible()
    look(page)
    page.goto(f"{url}/desk/settings/second-factor/")
    look(page)
    page.fill("#off-password", "wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#off-fault")).to_be_visible()
    look(page)
    page.goto(f"{url}/desk/settings/")
    look(page)
    page.context.clear_cookies()
    for path in ("/help/", "/help/accessibility", "/password"):
        page.goto(f"{url}{path}")
        look(page)
    nils.log_in()
    look(page)
    page.fill("#code", "000000")
    page.keyboard.press("Enter")
    expect(page.locator("#fault")).to_be_visible()
    look(page)


def look(page: Page) -> None:
    """What axe finds, and whether longer words still fit."""
    faults = [(one["id"], one["nodes"][0]["html"][:160]) for one in Axe().run(page).response["violations"]]
    assert faults == [], page.url
    page.evaluate(LONGER)
    assert page.evaluate(OVERFLOWING) <= 0, page.url
