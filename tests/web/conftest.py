"""People at the desk: clients that are logged in, and a little world of tickets to look at."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from werkzeug.test import TestResponse

from app.accounts import sessions
from app.core import clock
from app.core.system import System
from app.flows.call import take_event
from app.sla.service import NEVER
from app.tickets.models import Attachment, Message, Ticket
from app.web.factory import create_app
from tests.factories import MONDAY, Authority, arrives, mail

NOW = MONDAY + timedelta(minutes=30)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf500f00038101806edc0d"
    "c50000000049454e44ae426082"
)


@dataclass
class DeskClient:
    """One person's browser without scripts: it sends forms with the token that the page gave."""

    http: FlaskClient
    token: str = ""

    def get(self, url: str, **options: Any) -> TestResponse:
        return self.http.get(url, **options)

    def send(self, url: str, **fields: Any) -> TestResponse:
        """Send a form to `url`."""
        if not self.token:
            page = self.http.get("/desk/").text
            self.token = re.search(r'"X-CSRFToken": "([^"]+)"', page)[1]  # type: ignore[index]
        if url.endswith("/reply") and "seen" not in fields:
            fields["seen"] = self.seen(url.removesuffix("/reply"))
        return self.http.post(url, data={"csrf_token": self.token, **fields})

    def seen(self, url: str) -> str:
        """The newest message that the page of a ticket shows, as its form for answers says."""
        found = re.search(r'name="seen" value="(\d+)"', self.http.get(url).text)
        return found[1] if found else "0"


Enter = Callable[[str], DeskClient]


@pytest.fixture
def desk_app(system: System, authority: Authority) -> Flask:
    """The application on the test's system."""
    return create_app(system)


@pytest.fixture
def enter(desk_app: Flask, system: System, authority: Authority) -> Iterator[Enter]:
    """Log a person in by first name; time stands still on a Monday at 9:30 in Stockholm."""

    def client(name: str) -> DeskClient:
        with system.db.begin() as session:
            key = sessions.start(session, authority.viewers[name].user_id, at=clock.now(), hours=10)
        http = desk_app.test_client()
        http.set_cookie("luukku", key)
        return DeskClient(http)

    with time_machine.travel(NOW, tick=False):
        yield client


@dataclass(frozen=True)
class World:
    """One ticket of the unit north with everything on it, and items that became none."""

    reference: str
    message_id: int
    picture_id: int
    file_id: int
    call_id: int


@pytest.fixture
def world(system: System, authority: Authority) -> World:
    """A mail with a picture, a file and quoted text came to north; a call rings there; two items became nothing."""
    with time_machine.travel(MONDAY, tick=False):
        filed = arrives(system, rich_mail(), item_id="1:1")
        arrives(system, b"%PDF-broken", item_id="1:2", channel="letter")  # type: ignore[arg-type]
        arrives(system, mail(message_id="auto@example.se", Auto_Submitted="auto-replied"), item_id="1:3")
    rang_at = NOW - timedelta(minutes=1)
    with time_machine.travel(rang_at, tick=False):
        take_event(system, ring("call-1", rang_at))
    with system.db.read() as session:
        message = session.scalars(select(Message).where(Message.ticket_id == filed.ticket_id)).first()
        files = session.scalars(select(Attachment).order_by(Attachment.id)).all()
        ticket = session.get_one(Ticket, filed.ticket_id)
        assert message is not None
        by_type = {file.content_type: file.id for file in files}
        return World(ticket.reference, message.id, by_type["image/png"], by_type["text/plain"], 1)


def rich_mail(subject: str = "Resa innan kortet", message_id: str = "rich@example.se") -> bytes:
    """A mail with formatted text, a picture inside it, and a file."""
    message = EmailMessage()
    message["From"], message["To"] = "Siri Testsson <siri.testsson@example.se>", "north@migration.example"
    message["Subject"], message["Message-ID"] = subject, f"<{message_id}>"
    message["Date"] = "Mon, 16 Nov 2026 09:00:00 +0100"
    message.set_content("Hej! Kan jag resa utomlands & tillbaka innan mitt kort har kommit?")
    html = '<p>Hej! <b>Kan jag resa</b></p><img src="cid:pic@example.se" alt="kort"><script>alert(1)</script>'
    message.add_alternative(html, subtype="html")
    message.get_payload()[1].add_related(PNG, "image", "png", cid="<pic@example.se>")  # type: ignore[index,union-attr]
    message.add_attachment("innehåll", filename="intyg & kvitto.txt")
    return message.as_bytes()


def ring(call_id: str, at: datetime, kind: str = "ringing", **more: str) -> bytes:
    """A call event to the unit north, as the exchange tells it."""
    told = {"call_id": call_id, "kind": kind, "at": at.isoformat(), "number": "+46701740605", "dialled": "+46846500415"}
    return json.dumps({**told, **more}).encode()


def add_tickets(system: System, authority: Authority, count: int, *, unit: str = "north", start: int = 0) -> None:
    """So many open tickets in the unit, due one a minute from 9:00 on; every tenth has no clock."""
    rows = []
    for number in range(start, start + count):
        due_at = None if number % 10 == 9 else MONDAY + timedelta(minutes=number)
        rows.append(
            {
                "reference": f"{10**8 + number:09d}0",
                "subject": f"Question {number}",
                "state": "new",
                "channel": ("email", "phone", "letter")[number % 3],
                "language": "sv",
                "unit_id": authority.units[unit].id,
                "arrived_at": MONDAY,
                "created_at": MONDAY,
                "changed_at": MONDAY + timedelta(seconds=number),
                "order_at": due_at or NEVER,
                "due_at": due_at,
                "soon_at": due_at - timedelta(minutes=10) if due_at else None,
                "clock_metric": "first_response" if due_at else None,
                "clock_result": "running" if due_at else None,
            }
        )
    with system.db.begin() as session:
        session.execute(insert(Ticket), rows)


def utc(hour: int, minute: int = 0, *, day: int = 16) -> datetime:
    """An instant of November 2026 by the clock of Stockholm."""
    return datetime(2026, 11, day, hour - 1, minute, tzinfo=UTC)
