"""A new ticket by hand: the form, the search for who it is, and what is made of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.core.errors import InvalidInputError
from app.flows.begin import Begin, begin, opened_for
from app.flows.contacts import Identity
from app.screens.callers import find_callers
from app.tickets.models import Topic
from app.tickets.states import State
from app.web.context import reading, request_at, system, viewer
from app.web.desk.composer import FOLLOWING
from app.web.desk.surroundings import directory
from app.web.language import spoken
from app.web.row_ids import row_id
from channels.contract import ChannelName

beginning = Blueprint("beginning", __name__, url_prefix="/desk/new")
Answer = tuple[str, int]
IDENTITY = ("name", "phone", "email", "postal")


@beginning.get("")
def form() -> Answer:
    """The form, by telephone unless the address says otherwise."""
    return _page({})


@beginning.post("")
def make() -> Response | Answer:
    """Make the ticket; with `search` only look up who it may be."""
    if "search" in request.form:
        return _page({})
    try:
        reference = begin(system(), viewer(), _wish())
    except InvalidInputError as error:
        return _page(error.fields)
    return redirect(url_for("ticket.show", reference=reference), 303)


@beginning.post("/people")
def people() -> str:
    """Who it may be, for the form that is being filled in: posted, as names and numbers belong in no address."""
    return render_template("desk/callers.html", callers=_callers(), typed=request.form)


def _wish() -> Begin:
    kind, _, number = request.form.get("about", "").partition(":")
    chosen = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    unit_id, topic_id = (chosen, None) if kind == "unit" else _unit_of(chosen)
    then = request.form.get("then", "")
    return Begin(
        channel=_channel(),
        unit_id=unit_id,
        topic_id=topic_id,
        language=request.form.get("language", ""),
        subject=request.form.get("subject", ""),
        body=request.form.get("body", "").replace("\r\n", "\n"),
        then=State(then) if then in FOLLOWING else State.OPEN,
        form_id=request.form.get("form_id", "")[:40],
        identity=Identity(**{name: request.form.get(name, "") for name in IDENTITY}),
        person_id=request.form.get("person", type=row_id),
        talked=_talked(),
        may_be_open="may_be_open" in request.form,
    )


def _unit_of(topic_id: int) -> tuple[int, int | None]:
    with reading() as session:
        topic = session.get(Topic, topic_id)
    return (topic.unit_id, topic.id) if topic else (0, None)


def _channel() -> ChannelName:
    try:
        return ChannelName(request.values.get("by", ""))
    except ValueError:
        return ChannelName.PHONE


def _talked() -> timedelta:
    """How long the call took: as it was typed, else as long as the form was open."""
    typed = request.form.get("minutes", "").strip()
    if not typed:
        return opened_for(request.form.get("opened_at", ""), at=request_at())
    return timedelta(minutes=int(typed)) if typed.isascii() and typed.isdigit() and len(typed) < 6 else timedelta(-1)


def _callers() -> list[object]:
    said = [request.form.get(name, "") for name in ("phone", "email", "name")]
    region = directory().region_of(viewer().units) or system().settings.phone_region
    with reading() as session:
        found = (find_callers(session, viewer(), one, region=region) for one in said if one.strip())
        return list(next((callers for callers in found if callers), []))


def _page(faults: Mapping[str, str]) -> Answer:
    with reading() as session:
        query = select(Topic).where(Topic.unit_id.in_(sorted(viewer().units))).order_by(Topic.id)
        topics = session.scalars(query).all()
    said = spoken(faults)
    html = render_template(
        "desk/new.html",
        by=_channel(),
        topics=topics,
        callers=_callers(),
        faults=said,
        typed=request.form,
        form_id=request.form.get("form_id") or secrets.token_hex(8),
        opened_at=request.form.get("opened_at") or request_at().isoformat(),
    )
    return html, 422 if said else 200
