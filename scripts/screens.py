"""Makes the pictures in `docs/screens`: starts a demo of its own, walks its screens in a browser, and stops it again.

    scripts/screens              all of them
    scripts/screens ticket rules only those

Each is taken 1280 x 800 and 360 x 740, light and dark, with few colours so that the folder stays small.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from app.core.demo import DEMO_PASSWORD

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screens"
SIZES = ((1280, 800), (360, 740))
SCHEMES = ("light", "dark")
COLOURS = 64
STARTS_WITHIN = 180.0
AGENT, HEAD, ADMIN = "elin@migration.example", "gunilla@migration.example", "admin@migration.example"


@dataclass(frozen=True)
class Screen:
    """A picture: its name, what it shows, who looks (empty = nobody logged in), where, and what is done there first."""

    name: str
    shows: str
    who: str
    path: str
    act: Callable[[Page], object] = lambda page: None


def keys(*pressed: str) -> Callable[[Page], object]:
    """Press keys one after the other."""

    def act(page: Page) -> None:
        for key in pressed:
            page.keyboard.press(key)
            page.wait_for_timeout(150)

    return act


def typed(text: str, *before: str) -> Callable[[Page], object]:
    """Press keys, then type."""

    def act(page: Page) -> None:
        keys(*before)(page)
        page.keyboard.type(text)
        page.wait_for_timeout(500)

    return act


def opened(selector: str) -> Callable[[Page], object]:
    """Follow the first link or button that fits."""

    def act(page: Page) -> None:
        page.locator(selector).first.click()
        page.wait_for_load_state("networkidle")

    return act


FIRST = "#list-rows .row"
TRIAL = "/desk/admin/routing/try?subject=Hej&text=Mitt+kort+%C3%A4r+borta"
TICKET = "/desk/?first"
"""the first ticket of the list"""
SCREENS = (
    Screen("login", "Log in", "", "/login"),
    Screen("password", "A lost password", "", "/password"),
    Screen("list", "The list by the hour it is due", AGENT, "/desk/"),
    Screen("ticket", "A ticket with a suggestion put into the answer", AGENT, TICKET, keys("1")),
    Screen("note", "An internal note that names a colleague", AGENT, TICKET, typed("Hej @", "i", "Control+A")),
    Screen("merge", "Merge or link", AGENT, TICKET, keys("d")),
    Screen("aside", "Put aside", AGENT, TICKET, keys("z")),
    Screen("palette", "Every command by its name", AGENT, TICKET, typed("svar", ".")),
    Screen("keys", "All keys", AGENT, "/desk/", keys("?")),
    Screen("why", "Why the clock stands as it does", AGENT, TICKET, opened(".clock a")),
    Screen("citizen", "The citizen's card", AGENT, TICKET, keys("p")),
    Screen("table", "The list as a table, two picked", HEAD, "/desk/", keys("v", "x", "j", "x")),
    Screen("new", "A new ticket by phone", AGENT, "/desk/new"),
    Screen("news", "Since one last looked", HEAD, "/desk/news"),
    Screen("search", "Search", AGENT, "/desk/search/?q=kort"),
    Screen("articles", "The knowledge base", AGENT, "/desk/articles/"),
    Screen("incoming", "Incoming: what became no ticket", HEAD, "/desk/inbound/"),
    Screen("outgoing", "Outgoing mail", HEAD, "/desk/outgoing/"),
    Screen("reports", "The report of a week", HEAD, "/reports/"),
    Screen("settings", "My settings", AGENT, "/desk/settings/"),
    Screen("factor", "The second factor is set up", AGENT, "/desk/settings/second-factor/"),
    Screen("admin", "Administration", ADMIN, "/desk/admin/"),
    Screen("people", "People", ADMIN, "/desk/admin/people/"),
    Screen("person", "A person, and their open tickets", ADMIN, "/desk/admin/people/2"),
    Screen("units", "Units", ADMIN, "/desk/admin/units/"),
    Screen("unit", "A unit and its topics", ADMIN, "/desk/admin/units/1"),
    Screen("hours", "Opening hours", ADMIN, "/desk/admin/opening-hours/"),
    Screen("hours-unit", "Opening hours of a unit", ADMIN, "/desk/admin/opening-hours/1"),
    Screen("mailboxes", "Mailboxes and folders", ADMIN, "/desk/admin/mailboxes/"),
    Screen("mailbox", "A new mailbox", ADMIN, "/desk/admin/mailboxes/new"),
    Screen("routing", "Routing, tried on a text", ADMIN, TRIAL),
    Screen("texts", "Text templates", HEAD, "/desk/templates/"),
    Screen("limits", "Settings of the authority", ADMIN, "/desk/admin/settings/"),
    Screen("trail", "The audit trail", ADMIN, "/desk/admin/trail/"),
    Screen("system", "System", ADMIN, "/desk/system/"),
    Screen("console", "The demo console: be the citizen", "", "/demo/"),
    Screen("proof", "The demo console: the proof", "", "/demo/proof"),
    Screen("missing", "A page that is not there", AGENT, "/desk/nothing"),
)


def main(wanted: Sequence[str]) -> int:
    """Take the pictures named, else all of them, and write the page that lists them; 1 for a name that is none."""
    unknown = set(wanted) - {screen.name for screen in SCREENS}
    if unknown:
        sys.stderr.write(f"There is no screen {', '.join(sorted(unknown))}.\n")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    chosen = [screen for screen in SCREENS if not wanted or screen.name in wanted]
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder)) as url, chromium() as browser:
        prepare(browser, url)
        for size in SIZES:
            for scheme in SCHEMES:
                take_all(browser, url, chosen, size, scheme)
    (FOLDER / "README.md").write_text(index(), encoding="utf-8")
    return 0


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def demo(folder: Path) -> Iterator[str]:
    """The address of a demo that runs in a folder of its own, with its six weeks of invented past."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "LUUKKU_DATA_DIR": str(folder / "var"), "LUUKKU_PORT": str(port)}
    command = [sys.executable, "-m", "app.cli", "up", "--demo"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        wait_for(f"http://localhost:{port}", process)
        yield f"http://localhost:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until everything is up. Raises RuntimeError when it does not come."""
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/ready", timeout=5):
                time.sleep(5)  # the first suggestions are made meanwhile
                return
        except OSError:
            time.sleep(0.3)
    raise RuntimeError("The demo did not start.")


def prepare(browser: Browser, url: str) -> None:
    """Let something happen that there is news of: a note names the head of the unit."""
    page = log_in(browser, url, AGENT, SIZES[0], SCHEMES[0])
    visit(page, url, Screen("", "", AGENT, TICKET, keys("w", "i")))
    page.keyboard.type("Kan du titta på det här, @Gunilla Nordqvist? Jag är osäker på vilka intyg som behövs.")
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(1000)
    page.context.close()


def take_all(browser: Browser, url: str, screens: Sequence[Screen], size: tuple[int, int], scheme: str) -> None:
    """Take the pictures of one size and scheme, one window for each person."""
    windows: dict[str, Page] = {}
    for screen in screens:
        if screen.who not in windows:
            windows[screen.who] = log_in(browser, url, screen.who, size, scheme)
        page = windows[screen.who]
        visit(page, url, screen)
        save(page.screenshot(), FOLDER / f"{screen.name}-{size[0]}-{scheme}.png")
        sys.stdout.write(f"{screen.name} {size[0]} {scheme}\n")
    for page in windows.values():
        page.context.close()


def log_in(browser: Browser, url: str, who: str, size: tuple[int, int], scheme: str) -> Page:
    """A window in which the person is logged in, or nobody."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale="sv-SE",
        timezone_id="Europe/Stockholm",
        reduced_motion="reduce",
    )
    page = context.new_page()
    if who:
        page.goto(f"{url}/login")
        page.fill("#email", who)
        page.fill("#password", DEMO_PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/**")
    return page


def visit(page: Page, url: str, screen: Screen) -> None:
    """Go there and do what is to be done first."""
    page.goto(url + screen.path.partition("?first")[0])
    if screen.path == TICKET:
        page.goto(page.locator(FIRST).first.evaluate("row => row.href"))
    page.wait_for_load_state("networkidle" if not screen.who else "load")
    page.wait_for_timeout(300)
    screen.act(page)
    page.wait_for_timeout(300)


def save(picture: bytes, path: Path) -> None:
    """Write a picture with few colours."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)


def index() -> str:
    """The page that lists all pictures."""
    lines = ["# Screens", "", "Made by `scripts/screens` from the demo authority; every name in them is invented.", ""]
    for screen in SCREENS:
        names = [f"{screen.name}-{width}-{scheme}.png" for width, _ in SIZES for scheme in SCHEMES]
        wide, narrow = (f"![{screen.shows}, {name}]({name})" for name in (names[0], names[2]))
        dark = f"[dark]({names[1]}), [dark and narrow]({names[3]})"
        lines += [f"## {screen.shows}", "", wide, "", narrow, "", dark, ""]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
