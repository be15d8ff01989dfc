"""The page of one ticket, with the list beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from app.core.errors import NotFoundError
from app.flows import protect
from app.screens.access import ProtectedIdentityError
from app.screens.clock_days import day_picture
from app.screens.offers import offered_text
from app.screens.ticket_page import TicketPage, read_ticket_page
from app.web.context import end_reading, reading, request_at, system, viewer
from app.web.desk.composer import MODES, Composer
from app.web.desk.protected import protected_page
from app.web.desk.reason import reason_page
from app.web.desk.surroundings import zone
from app.web.desk.tickets import list_filter, list_parts
from app.web.language import spoken
from app.web.row_ids import row_id

ticket = Blueprint("ticket", __name__, url_prefix="/desk/tickets")
Answer = tuple[str, int]


@ticket.get("/<reference>")
def show(reference: str) -> Answer:
    """The ticket; an administrator whose unit does not hold it is first asked for a reason."""
    try:
        return ticket_page(reference)
    except ProtectedIdentityError as error:
        return protected_page(error.person_id, back=request.full_path.rstrip("?"))
    except NotFoundError:
        return reason_page(reference)


@ticket.get("/<reference>/why")
def why(reference: str) -> str:
    """Each clock of the ticket, told stretch by stretch."""
    with reading() as session:
        page = read_ticket_page(session, viewer(), reference, now=request_at())
    chosen = request.args.get("clock", "")
    stories = {f"{story.clock.metric}-{story.clock.instance}": story for story in page.clocks}
    if chosen not in stories:
        chosen = next(iter(stories), "")
    story = stories.get(chosen)
    picture = day_picture(story, zone()) if story else None
    return render_template(
        "desk/why.html", page=page, ticket=page.ticket, stories=stories, chosen=chosen, story=story, picture=picture
    )


def ticket_page(
    reference: str,
    *,
    composer: Composer | None = None,
    form: str = "",
    faults: Mapping[str, str] | None = None,
    changed: Mapping[str, tuple[str, str]] | None = None,
    status: int = 200,
) -> Answer:
    """The ticket's page; after a failed form with its faults and everything that was typed.

    `changed` are the fields that somebody else changed meanwhile: what this person saw, and how it is now.
    """
    wanted = list_filter()
    with reading() as session:
        page = read_ticket_page(session, viewer(), reference, now=request_at())
        filled = composer or _composer(session, page)
        shown = list_parts(session, wanted)
    if page.person is not None and "X-Live" not in request.headers:
        end_reading()
        protect.note_look(system(), viewer(), page.person, ticket_id=page.ticket.id)
    said = spoken(faults)
    typed = request.form if form else {}
    html = render_template(
        "desk/ticket.html",
        **shown,
        current=page.ticket.reference,
        page=page,
        ticket=page.ticket,
        composer=filled,
        panels={mode: filled if mode == filled.mode else Composer.blank(page, mode=mode) for mode in MODES},
        form=form,
        faults=said,
        changed=changed or {},
        typed=typed,
        zone=zone(),
        visit=request.args.get("visit", type=row_id) or page.standing.seen,
    )
    return html, status


def _composer(session: Session, page: TicketPage) -> Composer:
    """The composer as the address asks for it: a mode, a suggestion put in, an undone answer given back."""
    composer = Composer.blank(page, mode=request.args.get("mode", ""))
    if (seen := request.args.get("seen", type=row_id)) is not None:  # an open page asks what came since
        composer = replace(composer, mode="reply", seen_id=seen)
    insert, restore = request.args.get("insert", type=row_id), request.args.get("restore", type=row_id)
    if insert is not None and page.can_work:
        text = offered_text(session, viewer(), page.ticket.reference, insert)
        return composer.with_suggestion(insert, text)
    if restore is not None:
        undone = (
            entry.message.body
            for entry in page.timeline.spoken
            if entry.message.id == restore and entry.message.is_undone and entry.message.author_id == viewer().user_id
        )
        words = next(undone, "")
        return composer.with_body("\n\n".join(filter(None, (words, composer.body))))
    return composer
