"""Starts a demo of its own and takes pictures of its screens: `scripts/screens [NAME …]`, of all without a name."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from app.core.demo import DEMO_PASSWORD
from scripts.screen_list import AGENT, SCREENS, Screen
from tests.servers.chromium import running_chromium

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screens"
SIZES = ((1280, 800), (360, 740))
SCHEMES = ("light", "dark")
COLOURS = 64
START_WITHIN = 300.0
"""seconds; the demo makes up six weeks of its past first"""


def main(names: Sequence[str]) -> None:
    """Take the pictures of these screens, or of all, and write the index of all there are."""
    wanted = [screen for screen in SCREENS if not names or screen.name in names]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with running_demo() as url, running_chromium() as browser:
        _let_something_happen(browser, url)
        for width, height in SIZES:
            for scheme in SCHEMES:
                _take_all(browser, url, wanted, width, height, scheme)
    (FOLDER / "README.md").write_text(index(), encoding="utf-8")


@contextmanager
def running_demo() -> Iterator[str]:
    """The address of a demo with its past, in a folder of its own; gone afterwards with everything it has started."""
    with tempfile.TemporaryDirectory(prefix="luukku-screens-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        places = {"LUUKKU_DATA_DIR": folder, "LUUKKU_PORT": str(port), "LUUKKU_UNDO_SECONDS": "20"}
        log = Path(folder, "screens.log").open("wb")  # noqa: SIM115 - open as long as the demo is
        demo = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "up", "--demo"],
            env={**os.environ, **places},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}", demo)
            yield f"http://127.0.0.1:{port}"
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait(timeout=60)
            log.close()


def _wait_for(url: str, demo: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_WITHIN
    while time.monotonic() < until and demo.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/ready", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise SystemExit("The demo did not start.")


def _take_all(browser: Browser, url: str, wanted: Sequence[Screen], width: int, height: int, scheme: str) -> None:
    """One window a person, so that nobody logs in twice."""
    windows: dict[str, Page] = {}
    for screen in wanted:
        who = "" if screen.is_public else screen.who
        if who not in windows:
            size = {"width": width, "height": height}
            context = browser.new_context(viewport=size, color_scheme=scheme, locale="sv-SE", reduced_motion="reduce")  # type: ignore[arg-type]
            windows[who] = _entered(context.new_page(), url, who)
        page = windows[who]
        _go(page, url, screen)
        file = FOLDER / f"{screen.name}-{width}-{scheme}.png"
        file.write_bytes(small(page.screenshot()))
        print(f"{file.name} {file.stat().st_size / 1000:.0f} kB", flush=True)
    for page in windows.values():
        page.context.close()


def _let_something_happen(browser: Browser, url: str) -> None:
    """A note names the head of the unit, so that there is news."""
    page = _entered(browser.new_page(), url, AGENT)
    _go(page, url, Screen("", "", "first"))
    page.keyboard.press("i")
    page.keyboard.type("Kan du titta på det här, @Gunilla Nordqvist? Jag är osäker på vilka intyg som behövs.")
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(2000)
    page.close()


def _entered(page: Page, url: str, who: str) -> Page:
    if who:
        page.goto(f"{url}/login")
        page.fill("#email", who)
        page.fill("#password", DEMO_PASSWORD)
        page.click("main button")
        page.wait_for_url("**/desk/**")
    return page


def _go(page: Page, url: str, screen: Screen) -> None:
    if screen.path in {"first", "suggested"}:
        page.goto(f"{url}/desk/?channel=email")
        addresses = page.locator(".row").evaluate_all("(rows) => rows.map((row) => row.href)")
        for address in addresses[: 1 if screen.path == "first" else 12]:
            page.goto(address)
            if page.locator(".sug").count() >= 3:
                break
    else:
        page.goto(url + screen.path)
    page.wait_for_timeout(300)
    if screen.step is not None:
        screen.step(page)
    page.wait_for_timeout(300)


def small(picture: bytes) -> bytes:
    """The same picture with few colours, as a screen of text has."""
    out = io.BytesIO()
    few = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(out, "PNG", optimize=True)
    return out.getvalue()


def index() -> str:
    """The page of all pictures that are there, made anew each time."""
    lines = [
        "# Screens",
        "",
        f"Taken by `scripts/screens` of a demo, most as its agent {AGENT.partition('@')[0].title()}, in Swedish.",
        "",
        "| screen | wide, light | wide, dark | narrow, light | narrow, dark |",
        "|---|---|---|---|---|",
    ]
    kinds = [f"{width}-{scheme}" for width, _ in SIZES for scheme in SCHEMES]
    for screen in SCREENS:
        cells = [f"![{screen.shows}]({screen.name}-{kind}.png)" for kind in kinds]
        if all((FOLDER / f"{screen.name}-{kind}.png").exists() for kind in kinds):
            lines.append(f"| {screen.shows} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main(sys.argv[1:])
