"""A ticket as a document: all of it unfolded on one page, for paper or to be kept as a file."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from app.core.errors import NotFoundError
from app.flows import protect
from app.flows.print_ticket import note_print
from app.screens.access import ProtectedIdentityError, readable
from app.screens.ticket_page import TicketPage, read_ticket_page
from app.screens.timeline import Entry, Happened
from app.texts import figures
from app.tickets.models import Direction
from app.web.context import end_reading, reading, request_at, system, viewer
from app.web.desk.protected import protected_page
from app.web.desk.reason import reason_page

printing = Blueprint("printing", __name__, url_prefix="/desk/tickets/<reference>")
WITHOUT_NOTES = "0"
"""what `internal` is in the address of a print that leaves the internal notes out"""


@printing.get("/print")
def document(reference: str) -> tuple[str, int]:
    """The ticket to print, to whom the ticket's page is open; it is written down that it was taken out."""
    has_notes = request.args.get("internal") != WITHOUT_NOTES
    try:
        with reading() as session:
            page = read_ticket_page(session, viewer(), reference, now=request_at())
    except ProtectedIdentityError as error:
        return protected_page(error.person_id, back=request.full_path.rstrip("?"))
    except NotFoundError:
        return reason_page(reference)
    end_reading()
    if page.person is not None:
        protect.note_look(system(), viewer(), page.person, ticket_id=page.ticket.id)
    note_print(system(), viewer(), page.ticket.id, has_notes=has_notes)
    entries = [entry for entry in page.timeline.entries if has_notes or not _is_internal(entry)]
    left_out = len(page.timeline.entries) - len(entries)
    return _document(page, entries, has_notes=has_notes, left_out=left_out), 200


@printing.get("/print.css")
def margins(reference: str) -> Response:
    """The number of the ticket for the margin of each sheet: the only style that differs from ticket to ticket."""
    with reading() as session:
        ticket = readable(session, viewer(), reference)
    told = f'@page{{@top-left{{content:"{figures.reference(ticket.reference)}"}}}}'
    return Response(told, content_type="text/css; charset=utf-8")


def _document(page: TicketPage, entries: list[Entry], *, has_notes: bool, left_out: int) -> str:
    return render_template(
        "desk/print.html",
        page=page,
        ticket=page.ticket,
        entries=entries,
        has_notes=has_notes,
        left_out=left_out,
    )


def _is_internal(entry: Entry) -> bool:
    return not isinstance(entry, Happened) and entry.message.direction == Direction.INTERNAL
