"""Every screen of the desk in a real browser: what axe finds in each language and scheme, and room for longer words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select, update

from app.accounts.models import User
from app.accounts.policy import Viewer
from app.core import clock
from app.core.system import System
from app.flows import bulk, protect
from app.flows.call import take_event
from app.tickets.bulk import Action, Kind
from app.tickets.models import Attachment, Message, Ticket
from app.web.public_endpoints import is_public
from tests.factories import Authority, arrives, mail
from tests.web.browsing import Open, Site
from tests.web.conftest import World, ring
from tests.web.test_web_crawl import NO_PAGES
from tests.web.test_web_rights import address

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_backend", ["sqlite"], indirect=True),  # screens look the same on either
]
LONGER = """
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const texts = [];
while (walk.nextNode()) texts.push(walk.currentNode);
for (const text of texts) {
  const words = text.data.trim();
  if (words && !text.parentElement.closest("script, style, option, svg, kbd, textarea")) {
    const more = "õ".repeat(Math.max(1, Math.ceil(words.length * 0.4) - 1)).match(/.{1,9}/g).join(" ");
    text.data = text.data.replace(words, `${words} ${more}`);
  }
}
"""
"""makes every text on the page two fifths longer, as a language may be"""
OVERFLOWING = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def world(system: System, site: Site) -> World:
    """What the site's first ticket holds, and a call that rings."""
    take_event(system, ring("call-1", clock.now()))
    with system.db.read() as session:
        message = session.scalars(select(Message).join(Ticket).where(Ticket.reference == site.reference)).first()
        files = session.scalars(select(Attachment.id).order_by(Attachment.id)).all()
    assert message is not None
    return World(site.reference, message.id, files[0], files[1], 1)


@pytest.fixture
def screens(desk_app: Flask, system: System, authority: Authority, world: World) -> dict[str, str]:
    """The addresses of all pages, and who may see each: path -> first name."""
    nora: Viewer = authority.viewers["nora"]
    job_id = bulk.order(system, nora, [world.reference], Action(Kind.LABEL, text="kampanj"))
    hidden = authority.ticket(
        arrives(system, mail(sender="dold@example.se", message_id="h@x.se"), item_id="9:9").ticket_id
    )
    protect.protect(system, nora, hidden.person_id or 0, kind="marked", reason="Beslut visat i telefon")
    rules = [
        rule
        for rule in desk_app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not is_public(rule.endpoint) and rule.endpoint not in NO_PAGES
    ]
    fragments = {"drafting", "suggestions", "metrics", "health", "api", "console"}
    rules = [rule for rule in rules if not rule.rule.endswith(".csv")]
    pages = [address(desk_app, rule, world) for rule in rules if rule.endpoint.partition(".")[0] not in fragments]
    own = {
        f"/desk/tickets/{hidden.reference}",
        f"/desk/bulk/{job_id}",
        "/desk/?columns=due,subject,citizen,state,topic,channel,assignee,unit,arrived,changed,language,reference",
        "/desk/new?by=email",
        "/desk/new?by=letter",
        f"/desk/tickets/{world.reference}?mode=note",
        "/desk/search/?q=kort",
        "/help/",
        "/help/accessibility",
        "/no/such/page",
    }
    found = dict.fromkeys([*pages, *own], "nora")
    kept = {path: "admin" for path in found if path.startswith("/desk/admin/")}
    return found | kept | {"/desk/system/": "admin", "/desk/": "nora"}


def each(open_desk: Open, site: Site, screens: dict[str, str], **options: object) -> Iterator[tuple[str, Page]]:
    """Every screen, one after the other, in one window a person; what is no page is left out."""
    windows: dict[str, Page] = {}
    for path, who in sorted(screens.items()):
        if who not in windows:
            windows[who] = open_desk("/desk/", who=who, on_purpose=("403", "404"), **options)  # type: ignore[arg-type]
        answer = windows[who].goto(site.url + path)
        if answer is not None and "text/html" in (answer.header_value("content-type") or ""):
            yield path, windows[who]


@pytest.mark.parametrize("language", ["sv", "fi", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_screen(
    scheme: str, language: str, open_desk: Open, site: Site, screens: dict[str, str], system: System
) -> None:
    with system.db.begin() as session:
        session.execute(update(User).values(language=language))
    faults, seen = {}, 0
    for path, page in each(open_desk, site, screens, color_scheme=scheme):
        seen += 1
        found = Axe().run(page)
        if found.violations_count:
            faults[path] = [(one["id"], one["nodes"][0]["html"][:160]) for one in found.response["violations"]]
    assert faults == {}
    assert seen >= 25


@pytest.mark.parametrize("width", [1280, 360, 320])
def test_no_screen_scrolls_sideways_even_when_all_words_are_two_fifths_longer(
    width: int, open_desk: Open, site: Site, screens: dict[str, str]
) -> None:
    faults = {}
    for path, page in each(open_desk, site, screens, width=width, height=740):
        before = page.evaluate(OVERFLOWING)
        page.evaluate(LONGER)
        if before > 0 or page.evaluate(OVERFLOWING) > 0:
            faults[path] = (before, page.evaluate(OVERFLOWING))
    assert faults == {}


def test_with_forced_colours_and_without_motion_every_button_can_be_seen_and_nothing_moves(
    open_desk: Open, site: Site, screens: dict[str, str]
) -> None:
    borderless = """[...document.querySelectorAll("button, .btn")].filter((one) => one.getClientRects().length)
      .filter((one) => getComputedStyle(one).borderStyle === "none" && !one.textContent.trim()
                       && !one.getAttribute("aria-label")).map((one) => one.outerHTML.slice(0, 120))"""
    faults = {}
    for path, page in each(open_desk, site, screens, forced_colors="active", reduced_motion="reduce"):
        unseen, moving = page.evaluate(borderless), page.evaluate("document.getAnimations().length")
        if unseen or moving:
            faults[path] = (unseen, moving)
    assert faults == {}
