"""The demo console: play the citizen, see what the system does with it, read what comes back.

It uses the doors as anybody outside would, and reads by `reports.trace` and the mail server's own files alone.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, current_app, render_template, request, url_for

from app.core.demo import DEMO_PASSWORD, DemoPlaces
from app.reports.trace import Step, StepKind, trace
from app.web.context import language, system
from app.web.demo import examples
from app.web.demo.cast import Citizen, log_ins, places, somebody_of, units
from app.web.demo.compose import answer_subject
from app.web.demo.notes import Dropped, Notes
from app.web.demo.sent import Received, received, received_by
from app.web.demo.wording import line
from app.web.desk.surroundings import zone

console = Blueprint("console", __name__, url_prefix="/demo")
TABS = ("email", "phone", "letter")
LARGEST_UPLOAD = 45 * 1024 * 1024
MOST_MAILS = 20
MOST_TRACED = 3
"""calls and letters of a citizen that the third column looks at"""


@dataclass(frozen=True)
class Scene:
    """Who is played, at which door, and which dropped thing is being watched."""

    who: Citizen
    people: list[Citizen]
    dropped: list[Dropped]
    tab: str
    watched: Dropped | None
    answers: Received | None
    is_new: bool
    address: dict[str, str] = field(default_factory=dict)
    """what of it stands in the page's address"""


@console.url_value_preprocessor
def allow_large_files(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """A citizen may attach what a mail server would take; this runs before anything reads the form."""
    request.max_content_length = LARGEST_UPLOAD


@console.before_request
def only_from_this_machine() -> None:
    """Nobody but a browser on this machine gets in, and none that was led here under another name."""
    if not _is_loopback(request.remote_addr or "") or not _is_loopback(_host_name()):
        abort(404)


@console.app_template_filter("to_the_second")
def to_the_second(at: datetime) -> str:
    """The local time of an instant: "09:40:02"."""
    return at.astimezone(zone()).strftime("%H:%M:%S")


@console.get("/")
def index() -> str:
    """The console."""
    return page(scene())


@console.get("/happened")
def happened() -> str:
    """The second column: what became of the watched thing."""
    now = scene()
    return render_template("demo/happened.html", scene=now, lines=_lines(now), can_explain=_can_explain())


@console.get("/came-back")
def came_back() -> str:
    """The third column: what reached the citizen."""
    now = scene()
    return render_template("demo/came_back.html", scene=now, **_came_back(now))


def page(now: Scene, *, typed: dict[str, str] | None = None, faults: dict[str, str] | None = None) -> str:
    """The whole page; after a failed form with what was typed and what is wrong with it."""
    offered = [found for found in examples.examples() if found.language == now.who.language]
    chosen = next((found for found in offered if found.key == request.args.get("example")), offered[0])
    return render_template(
        "demo/console.html",
        scene=now,
        typed=typed or {},
        faults=faults or {},
        example=chosen,
        examples=offered,
        awkward=examples.AWKWARD,
        letters=examples.LETTERS,
        places=places(),
        log_ins=log_ins(),
        newcomer=somebody_of(units()[0].key, "agent"),
        password=DEMO_PASSWORD,
        answer_subject=answer_subject,
        lines=_lines(now),
        can_explain=_can_explain(),
        **_came_back(now),
    )


def scene(tab: str = "") -> Scene:
    """What the page's address asks for, with sensible choices where it does not say; a form knows its `tab`."""
    notes = the_notes()
    people = notes.people()
    wanted = request.values.get("who", "")
    who = next((citizen for citizen in people if citizen.key == wanted), people[0])
    dropped = notes.dropped_by(who.key)
    tab = tab or request.values.get("tab", "")
    item = request.values.get("item", "")
    watched = next((thing for thing in dropped if thing.key == item), dropped[0] if dropped else None)
    sent = DemoPlaces(system().settings.data_dir).sent
    answers = received(sent, request.values["answers"]) if request.values.get("answers") else None
    return Scene(
        who=who,
        people=people,
        dropped=dropped,
        tab=tab if tab in TABS else "email" if who.email else "phone",
        watched=watched,
        answers=answers,
        is_new=wanted == "new",
        address={"who": who.key, **({"item": item} if item else {})},
    )


def the_notes() -> Notes:
    """What the console remembers in this data folder."""
    return Notes(DemoPlaces(system().settings.data_dir).notes)


def steps_of(thing: Dropped) -> tuple[Step, ...]:
    """What became of a dropped thing so far."""
    with system().db.read() as session:
        return trace(session, channel=thing.channel, key=thing.key, language=language())


def _lines(now: Scene) -> list[Any]:
    return [line(step) for step in steps_of(now.watched)] if now.watched else []


def _came_back(now: Scene) -> dict[str, Any]:
    """Mails from the mail server's files, calls as the caller hears them, letters that are in the post."""
    mails = received_by(DemoPlaces(system().settings.data_dir).sent, now.who.email)[:MOST_MAILS]
    calls, letters = [], []
    for thing in [thing for thing in now.dropped if thing.channel != "email"][:MOST_TRACED]:
        steps = steps_of(thing)
        if thing.channel == "phone":
            calls.append((thing, _heard(steps)))
        letters += [(thing, step) for step in steps if step.kind is StepKind.POSTED]
    return {"mails": mails, "calls": calls, "posted": letters}


def _heard(steps: tuple[Step, ...]) -> Step | None:
    """The latest step of a call that its caller notices."""
    noticed = {StepKind.RINGING, StepKind.CALL_ANSWERED, StepKind.CALL_ENDED, StepKind.HUNG_UP}
    return next((step for step in reversed(steps) if step.kind in noticed), None)


def _can_explain() -> bool:
    return "ticket.why" in current_app.view_functions


def address_of(now: Scene, **changed: str) -> str:
    """The console's address with some of it changed."""
    query = {name: value for name, value in {**now.address, "tab": now.tab, **changed}.items() if value}
    return f"{url_for('console.index')}?{urlencode(query)}"


def _host_name() -> str:
    return request.host.rpartition(":")[0].strip("[]") if ":" in request.host else request.host


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
