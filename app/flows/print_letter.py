"""Answers by letter: written, printed, and a response at the instant somebody marks it as posted."""

from __future__ import annotations

import secrets
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.accounts.models import Authority, Unit, User
from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import ConflictError, InvalidInputError, NotFoundError
from app.core.system import System
from app.flows.record import record
from app.outbox.models import Delivery, OutboxRow
from app.people import service as people
from app.people.models import ContactKind, Person
from app.screens.access import readable, workable
from app.texts.catalogue import supported
from app.texts.letters import letter_text
from app.tickets import queries, service
from app.tickets.events import EventKind
from app.tickets.messages import Entry, add_message
from app.tickets.models import Message, MessageKind, Ticket
from app.tickets.service import Doer
from app.tickets.states import State
from channels.contract import ChannelError, ChannelName
from channels.letters.printing import LetterSender, PrintableLetter, render_letter
from channels.phone.numbers import display_number


def queue_letter(session: Session, viewer: Viewer, ticket: Ticket, *, body: str, then: State) -> int:
    """The letter's outbox row, to be printed. Raises InvalidInputError when no postal address is known."""
    doer = Doer(viewer.user_id, clock.now())
    person = session.get(Person, ticket.person_id) if ticket.person_id else None
    known = people.addresses(session, person.id, ContactKind.POSTAL) if person else []
    if person is None or not known:
        raise InvalidInputError({"channel": "No postal address of this citizen is known."})
    unit, authority = session.get_one(Unit, ticket.unit_id), session.get_one(Authority, 1)
    language = supported(ticket.language, unit.language)
    said = Entry(
        MessageKind.ANSWER, ChannelName.LETTER, doer.at, body=body, subject=ticket.subject, author_id=viewer.user_id
    )
    message = add_message(session, ticket.id, said)
    row = OutboxRow(
        ticket_id=ticket.id,
        message_id=message.id,
        channel=ChannelName.LETTER,
        at=doer.at,
        state=Delivery.TO_PRINT,
        not_before=doer.at,
        is_automatic=False,
        to_address=known[-1],
        to_name=person.name,
        from_address=unit.mailbox,
        from_name=unit.name(language),
        subject=ticket.subject,
        text=_signed(session, viewer, body, unit, authority, language),
        html="",
        language=language,
        mail_id=f"letter.{secrets.token_hex(12)}@{authority.domain}",
    )
    session.add(row)
    session.flush()
    _demand_printable(session, ticket, row)
    record(session, ticket, service.write_letter(ticket, message, doer, then=then), said=message)
    return row.id


def _demand_printable(session: Session, ticket: Ticket, row: OutboxRow) -> None:
    """Raises InvalidInputError for a letter that could be marked as posted but never printed."""
    try:
        render_letter(_printable(session, ticket, row))
    except ChannelError as error:
        if "address" in str(error):
            raise InvalidInputError({"channel": "The address does not fit an envelope."}) from error
        raise InvalidInputError({"body": "This text cannot be typeset."}) from error


def letter_pdf(system: System, viewer: Viewer, reference: str, message_id: int) -> bytes:
    """The printable letter of a message. Raises NotFoundError when there is none for this person."""
    with system.db.read() as session:
        ticket = readable(session, viewer, reference)
        letter = _printable(session, ticket, _row_of(session, ticket, message_id))
    return render_letter(letter)


def mark_posted(system: System, viewer: Viewer, reference: str, message_id: int) -> None:
    """The letter is in the post: that is the response, now. Raises ConflictError when it was posted before."""
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference)
        row = _row_of(session, ticket, message_id)
        if row.state != Delivery.TO_PRINT:
            raise ConflictError("This letter does not wait for the post.")
        doer = Doer(viewer.user_id, clock.now())
        row.state, row.sent_at = Delivery.POSTED, doer.at
        message = session.get_one(Message, message_id)
        written = queries.said_event(session, ticket.id, message_id, EventKind.LETTER_WRITTEN)
        then = State(str(written.data["then"])) if written else State.OPEN
        record(session, ticket, service.answer(ticket, message, doer, then=then))


def _row_of(session: Session, ticket: Ticket, message_id: int) -> OutboxRow:
    row = session.query(OutboxRow).filter_by(ticket_id=ticket.id, message_id=message_id).one_or_none()
    if row is None or row.channel != ChannelName.LETTER:
        raise NotFoundError("There is no such letter.")
    return row


def _printable(session: Session, ticket: Ticket, row: OutboxRow) -> PrintableLetter:
    unit = session.get_one(Unit, ticket.unit_id)
    authority = session.get_one(Authority, 1)
    name = str(authority.names.get(row.language, ""))
    return PrintableLetter(
        sender=LetterSender(
            name, row.from_name, _address_lines(unit, authority), display_number(unit.phone), unit.mailbox
        ),
        recipient_lines=(row.to_name, *row.to_address.splitlines()),
        dated_on=row.at.astimezone(ZoneInfo(unit.timezone)).date(),
        reference=ticket.reference,
        subject=row.subject,
        body=row.text,
        language=row.language,
    )


def _signed(session: Session, viewer: Viewer, body: str, unit: Unit, authority: Authority, language: str) -> str:
    return letter_text(
        body,
        language,
        agent_name=session.get_one(User, viewer.user_id).name,
        unit_name=unit.name(language),
        authority_name=str(authority.names.get(language, "")),
        signature=unit.signature(language),
    )


def _address_lines(unit: Unit, authority: Authority) -> tuple[str, ...]:
    """The lines of the unit's address below its own and the authority's name, which stand above them."""
    above = {*map(str, authority.names.values()), *map(str, unit.names.values())}
    lines = (part.strip() for part in unit.postal_address.split(","))
    return tuple(line for line in lines if line and line not in above)
