"""Answers and notes: what the composer sends."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core.errors import ConflictError, InvalidInputError
from app.flows import note as note_flow
from app.flows import reply as reply_flow
from app.flows.reply import Answer as Sent
from app.screens.access import readable
from app.screens.offers import offered_text
from app.screens.text_templates import filled_text
from app.screens.ticket_list import next_after
from app.tickets.states import State
from app.web.context import reading, request_at, system, viewer
from app.web.desk.actions import back_to
from app.web.desk.composer import FOLLOWING, Composer
from app.web.desk.ticket import Answer, ticket_page
from app.web.desk.tickets import list_filter
from app.web.row_ids import row_id
from channels.contract import ChannelName

writing = Blueprint("writing", __name__, url_prefix="/desk/tickets/<reference>")


@writing.post("/reply")
def reply(reference: str) -> Response | Answer:
    """Send the answer; with `insert` or `template`, put a suggestion or a text into it instead and show it again."""
    composer = Composer.typed(request.form, mode="reply")
    if insert := request.form.get("insert", type=row_id):
        with reading() as session:
            text = offered_text(session, viewer(), reference, insert)
        return ticket_page(reference, composer=composer.with_suggestion(insert, text))
    if template := request.form.get("template", type=row_id):
        with reading() as session:
            text = filled_text(session, viewer(), reference, template)
        return ticket_page(reference, composer=composer.with_text(text))
    return _sent(reference, composer)


@writing.post("/note")
def note(reference: str) -> Response | Answer:
    """Keep an internal note."""
    return _written(reference, "note")


@writing.post("/call-note")
def call_note(reference: str) -> Response | Answer:
    """Keep what a caller asked and was told; may resolve the ticket."""
    return _written(reference, "call")


def _sent(reference: str, composer: Composer) -> Response | Answer:
    following = _following(reference) if request.form.get("next") else None
    try:
        answer = Sent(
            composer.body,
            _channel(composer),
            _then(composer),
            composer.used,
            composer.seen_id,
            composer.revision,
            may_be_open="may_be_open" in request.form,
        )
        reply_flow.reply(system(), viewer(), reference, answer)
    except (InvalidInputError, ConflictError) as error:
        return _again(reference, "reply", error)
    return redirect(following, 303) if following else back_to(reference, done="reply")


def _following(reference: str) -> str:
    """Where one goes on after this ticket: the next one of the list beside it, else the list, which is empty then."""
    wanted = list_filter()
    with reading() as session:
        ticket = readable(session, viewer(), reference)
        following = next_after(session, wanted, viewer(), ticket, now=request_at())
    values: dict[str, Any] = {**wanted.params(), "sent": reference}
    if following is None:
        return url_for("desk.tickets", **values)
    return url_for("ticket.show", reference=following, **values)


def _written(reference: str, mode: str) -> Response | Answer:
    typed = Composer.typed(request.form, mode=mode)
    body, revision = typed.body, typed.revision
    try:
        if mode == "note":
            note_flow.note(system(), viewer(), reference, body, draft_revision=revision)
        else:
            resolve = request.form.get("then") == State.RESOLVED
            note_flow.note_call(system(), viewer(), reference, body, resolve=resolve, draft_revision=revision)
    except (InvalidInputError, ConflictError) as error:
        return _again(reference, mode, error)
    return back_to(reference, done=mode)


def _again(reference: str, mode: str, error: InvalidInputError | ConflictError) -> Answer:
    """The page once more, with what was typed and the fault beside its field."""
    is_typing = isinstance(error, InvalidInputError)
    faults = error.fields if isinstance(error, InvalidInputError) else {"": str(error)}
    composer = Composer.typed(request.form, mode=mode, faults=faults)
    return ticket_page(reference, composer=composer, form="composer", faults=faults, status=422 if is_typing else 409)


def _channel(composer: Composer) -> ChannelName:
    try:
        return ChannelName(composer.channel)
    except ValueError:
        raise InvalidInputError({"channel": "Choose how the answer is sent."}) from None


def _then(composer: Composer) -> State:
    if composer.then not in FOLLOWING:
        abort(400)
    return State(composer.then)
