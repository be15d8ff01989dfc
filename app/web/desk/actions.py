"""What an agent does to a ticket: each form calls one flow and comes back to the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core.errors import ConflictError, InvalidInputError
from app.flows import assign, close, identify, label, open_for_admin, print_letter, resend, snooze, transfer, undo
from app.flows.contacts import Identity
from app.tickets.seen import ChangedMeanwhileError
from app.web.context import login_id, system, viewer
from app.web.desk.changed_words import FASTER
from app.web.desk.reason import reason_page
from app.web.desk.snoozing import morning
from app.web.desk.surroundings import zone
from app.web.desk.ticket import Answer, ticket_page
from app.web.desk.tickets import list_filter
from app.web.row_ids import row_id

actions = Blueprint("actions", __name__, url_prefix="/desk/tickets/<reference>")
SEEN = "seen_"
STEPS: dict[str, Callable[..., None]] = {
    "resolve": close.resolve,
    "reopen": close.reopen,
    "resume": close.resume,
}


@actions.post("/take")
def take(reference: str) -> Response | Answer:
    """The ticket is mine."""
    return carried_out(reference, "assign", lambda: assign.take(system(), viewer(), reference, seen=_seen()))


@actions.post("/assign")
def give(reference: str) -> Response | Answer:
    """The ticket is somebody's of its unit, or nobody's."""
    to = request.form.get("assignee", type=row_id)
    return carried_out(reference, "assign", lambda: assign.assign(system(), viewer(), reference, to=to, seen=_seen()))


@actions.post("/transfer")
def move(reference: str) -> Response | Answer:
    """The ticket goes to another unit, with a reason."""
    to, reason = request.form.get("unit", type=row_id) or 0, request.form.get("reason", "")
    return carried_out(
        reference,
        "transfer",
        lambda: transfer.transfer(system(), viewer(), reference, to=to, reason=reason, seen=_seen()),
    )


@actions.post("/state")
def change_state(reference: str) -> Response | Answer:
    """The ticket waits, goes on, is resolved or comes back."""
    step = request.form.get("step", "")

    def act() -> None:
        if step in STEPS:
            STEPS[step](system(), viewer(), reference, seen=_seen())
        else:
            reason, day = step.removeprefix("wait_for_"), request.form.get("until", "")
            until = morning(day, zone()) if day else None
            close.pause(system(), viewer(), reference, reason=reason, until=until, seen=_seen())

    return carried_out(reference, "state", act)


@actions.post("/snooze")
def put_aside(reference: str) -> Response | Answer:
    """The ticket is put aside until a day, or is back with `wake`."""
    if "wake" in request.form:
        return carried_out(reference, "snooze", lambda: snooze.wake(system(), viewer(), reference))
    until, reason = morning(request.form.get("until", ""), zone()), request.form.get("reason", "")
    return carried_out(
        reference,
        "snooze",
        lambda: snooze.snooze(system(), viewer(), reference, until=until, reason=reason, seen=_seen()),
    )


@actions.post("/labels")
def choose_label(reference: str) -> Response | Answer:
    """A label is put on, or with `off` taken off."""
    if off := request.form.get("off", ""):
        return carried_out(reference, "label", lambda: label.take_off_label(system(), viewer(), reference, off))
    text = request.form.get("label", "")
    return carried_out(reference, "label", lambda: label.put_label(system(), viewer(), reference, text))


@actions.post("/topic")
def choose_topic(reference: str) -> Response | Answer:
    """The ticket is about another topic."""
    topic_id = request.form.get("topic", type=row_id)
    return carried_out(
        reference,
        "topic",
        lambda: assign.change_topic(system(), viewer(), reference, topic_id=topic_id, seen=_seen()),
    )


@actions.post("/language")
def choose_language(reference: str) -> Response | Answer:
    """The citizen is answered in another language."""
    chosen = request.form.get("language", "")
    return carried_out(
        reference,
        "language",
        lambda: assign.change_language(system(), viewer(), reference, language=chosen, seen=_seen()),
    )


@actions.post("/identify")
def name_citizen(reference: str) -> Response | Answer:
    """Who the citizen is."""
    told = Identity(**{name: request.form.get(name, "") for name in ("name", "email", "phone", "postal")})
    return carried_out(reference, "identify", lambda: identify.identify(system(), viewer(), reference, told))


@actions.post("/messages/<int:message_id>/confirm")
def confirm(reference: str, message_id: int) -> Response | Answer:
    """The sender of a message is who they say."""
    return carried_out(reference, "confirm", lambda: assign.confirm_sender(system(), viewer(), reference, message_id))


@actions.post("/messages/<int:message_id>/posted")
def post_letter(reference: str, message_id: int) -> Response | Answer:
    """The printed letter is in the post."""
    return carried_out(reference, "posted", lambda: print_letter.mark_posted(system(), viewer(), reference, message_id))


@actions.post("/messages/<int:message_id>/undo")
def take_back(reference: str, message_id: int) -> Response | Answer:
    """The answer does not leave; its words are in the composer again."""
    return carried_out(
        reference, "undo", lambda: undo.undo(system(), viewer(), reference, message_id), restore=message_id
    )


@actions.post("/messages/<int:message_id>/again")
def send_again(reference: str, message_id: int) -> Response | Answer:
    """A mail that failed or is in doubt leaves once more, as the same mail."""
    return decided(reference, lambda: resend.resend(system(), viewer(), reference, message_id))


@actions.post("/messages/<int:message_id>/arrived")
def confirm_arrival(reference: str, message_id: int) -> Response | Answer:
    """A mail in doubt did arrive."""
    return decided(reference, lambda: resend.confirm_arrival(system(), viewer(), reference, message_id))


@actions.post("/messages/<int:message_id>/seen-to")
def see_to(reference: str, message_id: int) -> Response | Answer:
    """Somebody has seen to a failed mail in another way."""
    return decided(reference, lambda: resend.see_to(system(), viewer(), reference, message_id))


@actions.post("/mail-again")
def mail_again(reference: str) -> Response | Answer:
    """Mail to an address that it came back from leaves again."""
    address = request.form.get("address", "")
    return carried_out(reference, "again", lambda: resend.mail_again(system(), viewer(), reference, address))


@actions.post("/open")
def open_with_reason(reference: str) -> Response | Answer:
    """An administrator reads a ticket that is not theirs; the reason is kept."""
    reason = request.form.get("reason", "")
    try:
        open_for_admin.open_for_admin(system(), viewer(), reference, reason=reason, login_id=login_id())
    except InvalidInputError as error:
        return reason_page(reference, faults=error.fields, status=422)
    return back_to(reference)


def carried_out(reference: str, form: str, act: Callable[[], object], restore: int | None = None) -> Response | Answer:
    """Do it and come back to the ticket; what cannot be done is told on the same page, nothing typed is lost."""
    try:
        act()
    except InvalidInputError as error:
        return ticket_page(reference, form=form, faults=error.fields, status=422)
    except ChangedMeanwhileError as error:
        return ticket_page(reference, form=form, faults={"": FASTER}, changed=error.changed, status=409)
    except ConflictError as error:
        return ticket_page(reference, form=form, faults={"": str(error)}, status=409)
    return back_to(reference, restore=restore)


def decided(reference: str, act: Callable[[], object]) -> Response | Answer:
    """Do it and come back to where it was decided: the ticket, or the page of outgoing mail."""
    answer = carried_out(reference, "sending", act)
    is_done = not isinstance(answer, tuple)
    if is_done and request.args.get("back") == "outgoing":
        return redirect(url_for("outgoing.index"), 303)
    return answer


def back_to(reference: str, *, restore: int | None = None, done: str | None = None) -> Response:
    """Back to the ticket, with the same list beside it.

    `restore` gives the words of an undone answer back, `done` tells the browser which words it need not keep any more.
    """
    values: dict[str, Any] = {**list_filter().params(), "restore": restore, "done": done}
    anchor = "write" if restore else None
    return redirect(url_for("ticket.show", reference=reference, **values, _anchor=anchor), 303)


def _seen() -> dict[str, str]:
    """What the form showed of the ticket."""
    return {name.removeprefix(SEEN): value for name, value in request.form.items() if name.startswith(SEEN)}
