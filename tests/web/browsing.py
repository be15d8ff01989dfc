"""The desk in a real Chromium: a site on loopback, and pages opened as one person or another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page
from werkzeug.serving import make_server

from app.accounts import sessions
from app.articles.models import Article, ArticleText
from app.core import clock
from app.core.system import System
from app.flows.articles import rebuild_search
from app.suggest.models import Suggestion
from app.tickets.models import Ticket
from app.web.live.stream import streams
from tests.factories import Authority, arrives, mail
from tests.web.conftest import rich_mail

Open = Callable[..., Page]


@dataclass(frozen=True)
class Site:
    """The desk as it answers on loopback, with two tickets of now."""

    url: str
    reference: str
    other: str


@pytest.fixture
def site(desk_app: Flask, system: System, authority: Authority) -> Iterator[Site]:
    """The desk on a port of loopback."""
    now = clock.now()
    first = arrives(system, rich_mail(), item_id="1:1", at=now - timedelta(minutes=50))
    second = arrives(system, mail("Hur lång tid tar det?", subject="Handläggningstid"), item_id="1:2", at=now)
    arrives(system, mail(message_id="auto@example.se", Auto_Submitted="auto-replied"), item_id="1:3", at=now)
    suggest(system, authority.ticket(first.ticket_id))
    server = make_server("127.0.0.1", 0, desk_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    references = [authority.ticket(filed.ticket_id).reference for filed in (first, second)]
    yield Site(f"http://127.0.0.1:{server.server_port}", *references)
    streams(desk_app).feed.close()
    server.shutdown()
    thread.join()
    server.server_close()


def suggest(system: System, ticket: Ticket) -> None:
    """Three articles are suggested for the ticket."""
    with system.db.begin() as session:
        for rank in (1, 2, 3):
            family = Article(key=f"a{rank}", topic_key="card")
            session.add(family)
            session.flush()
            common = {"article_id": family.id, "language": "sv"}
            body = f"Du kan resa utan kort. Svar nummer {rank}."
            session.add(ArticleText(title=f"Artikel {rank}", body=body, change=rank, changed_at=clock.now(), **common))
            session.add(
                Suggestion(
                    ticket_id=ticket.id,
                    message_id=ticket.asked_in,
                    version=1,
                    rank=rank,
                    score=1.0,
                    words=["resa", "kort"],
                    passage=body,
                    made_at=clock.now(),
                    **common,
                )
            )
        session.get_one(Ticket, ticket.id).suggested_for = ticket.asked_in
    rebuild_search(system)


@pytest.fixture
def open_desk(browser: Browser, site: Site, system: System, authority: Authority) -> Iterator[Open]:
    """Open a page as nils; everything the browser complains about fails the test."""
    complaints: list[str] = []
    contexts = []

    def opened(
        path: str = "/desk/",
        *,
        width: int = 1280,
        height: int = 800,
        who: str = "nils",
        on_purpose: tuple[str, ...] = ("422", "409"),
        **options: object,
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)  # type: ignore[arg-type]
        contexts.append(context)
        with system.db.begin() as session:
            key = sessions.start(session, authority.viewers[who].user_id, at=clock.now(), hours=10)
        if path != "/login":
            context.add_cookies([{"name": "luukku", "value": key, "url": site.url}])
        page = context.new_page()

        def complain(said: ConsoleMessage) -> None:
            if said.type in {"error", "warning"} and not any(code in said.text for code in on_purpose):
                complaints.append(said.text)

        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(site.url + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def ticket(site: Site) -> str:
    """The path of the first ticket."""
    return f"/desk/tickets/{site.reference}"


def focused(page: Page) -> str:
    """What has the focus: its id, else its classes."""
    return str(page.evaluate("document.activeElement.id || document.activeElement.className"))
