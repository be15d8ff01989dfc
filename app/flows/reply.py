"""An agent answers: message, met clock and outbox row in one transaction; it leaves after the time to undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Authority, Unit, User
from app.accounts.policy import Viewer
from app.accounts.tuning import tuned
from app.core import clock
from app.core.errors import ConflictError, InvalidInputError
from app.core.nudge import Queue
from app.core.system import System
from app.flows.post import Post, queue_mail
from app.flows.print_letter import queue_letter
from app.flows.record import record
from app.outbox.models import UNDER_WAY, OutboxRow
from app.people import service as people
from app.people.models import ContactKind, Person
from app.screens.access import workable
from app.suggest import service as suggest
from app.texts.catalogue import N_, supported
from app.texts.identity_numbers import identity_numbers
from app.texts.mails import MailText
from app.texts.mails import reply as reply_text
from app.tickets import drafts, queries, service
from app.tickets.drafts import Mode
from app.tickets.messages import LONGEST_TEXT, Entry, add_message
from app.tickets.models import Message, MessageKind, Ticket
from app.tickets.service import Doer
from app.tickets.states import State, Step, allows
from channels.contract import ChannelName, Party

PRESSED_TWICE = timedelta(minutes=1)


@dataclass(frozen=True)
class Answer:
    """What an agent wants to send: plain text, the channel, what state follows, and the suggestions used in it.

    `seen_id` is the newest message between us and the citizen that the agent has read, 0 for none; None asks nothing.
    `draft_revision` is the draft that it was written as, 0 for none. `may_be_open` says that an identity number in it
    may go by mail.
    """

    body: str
    channel: ChannelName
    then: State = State.OPEN
    used_suggestions: Sequence[int] = ()
    seen_id: int | None = None
    draft_revision: int = 0
    may_be_open: bool = False


def reply(system: System, viewer: Viewer, reference: str, answer: Answer) -> int:
    """Send the answer on its channel; the id of its outbox row. A letter waits to be printed and posted.

    The same words from the same agent to the same address within a minute are one button pressed twice: while the
    first ones are under way they are sent once.
    Raises NotFoundError, ForbiddenError, InvalidInputError for an empty text or an unknown address, and
    ConflictError when the citizen wrote or a colleague answered what the agent has not read: the ticket is held here,
    so that of two people who answer at once one sees the other's answer.
    """
    _check(answer)
    with system.db.begin() as session:
        ticket = workable(session, viewer, reference)
        if on_its_way := _sent_just_now(session, viewer, ticket, answer):
            return on_its_way
        _demand_read(session, ticket, answer)
        demand_closed(answer.channel, answer.body, ticket.reference, may_be_open=answer.may_be_open)
        if ticket.assignee_id is None and allows(ticket.state, Step.TAKE):
            record(session, ticket, service.assign(ticket, _doer(viewer), to=viewer.user_id))
        row_id = send(session, system, viewer, ticket, answer)
        for suggestion_id in answer.used_suggestions:
            suggest.insert(session, suggestion_id, ticket_id=ticket.id, user_id=viewer.user_id, at=clock.now())
        drafts.finish(session, ticket.id, viewer.user_id, Mode.REPLY, body=answer.body, revision=answer.draft_revision)
    system.nudge(Queue.OUTBOX)
    return row_id


def _demand_read(session: Session, ticket: Ticket, answer: Answer) -> None:
    if answer.seen_id is not None and queries.in_touch_after(session, ticket.id, answer.seen_id):
        raise ConflictError("A message came while you wrote. Read it, then send your answer or change it.")


def demand_closed(channel: ChannelName, body: str, reference: str = "", *, may_be_open: bool) -> None:
    """Raise InvalidInputError for a mail with an identity number, unless somebody says that it may go: mail is open."""
    found = [number for number in identity_numbers(body) if number != reference]
    if channel is ChannelName.EMAIL and found and not may_be_open:
        raise InvalidInputError({"open": N_("The text holds an identity number, and mail is not secret on its way.")})


def _sent_just_now(session: Session, viewer: Viewer, ticket: Ticket, answer: Answer) -> int | None:
    """The outbox row of the same answer; the ticket is held, so the second of two requests sees the first one's."""
    query = (
        select(OutboxRow.id)
        .join(Message, Message.id == OutboxRow.message_id)
        .where(Message.ticket_id == ticket.id, Message.at >= clock.now() - PRESSED_TWICE)
        .where(Message.author_id == viewer.user_id, Message.channel == answer.channel)
        .where(Message.body == answer.body, OutboxRow.state.in_(UNDER_WAY))
    )
    if answer.channel is ChannelName.EMAIL:
        query = query.where(OutboxRow.to_address == mail_recipient(session, ticket).address)
    return session.scalar(query.limit(1))


def send(
    session: Session, system: System, viewer: Viewer, ticket: Ticket, answer: Answer, *, to_address: str = ""
) -> int:
    """The outbox row of the text, in the caller's transaction; a mail goes `to_address`, else as `mail_recipient` says.

    Raises InvalidInputError when no address is known.
    """
    match answer.channel:
        case ChannelName.EMAIL:
            return _send_mail(session, system, viewer, ticket, answer, to_address)
        case ChannelName.LETTER:
            return queue_letter(session, viewer, ticket, body=answer.body, then=answer.then)
        case ChannelName.PHONE:
            raise InvalidInputError({"channel": "A call is answered by talking; write a note of it instead."})


def _undoable_for(session: Session, system: System, viewer: Viewer) -> timedelta:
    """How long the viewer's answers wait before they leave: as they wish, else as the authority has set it."""
    own = session.get_one(User, viewer.user_id).undo_seconds
    return timedelta(seconds=tuned(session, system.settings).undo_seconds if own is None else own)


def _send_mail(
    session: Session, system: System, viewer: Viewer, ticket: Ticket, answer: Answer, to_address: str
) -> int:
    doer = _doer(viewer)
    to = mail_recipient(session, ticket)
    if to_address:
        to = Party(to_address, to.name)
    said = Entry(MessageKind.ANSWER, answer.channel, doer.at, body=answer.body, author_id=viewer.user_id)
    message = add_message(session, ticket.id, said)
    text = _text(session, viewer, ticket, answer)
    message.subject = text.subject
    row = queue_mail(
        session,
        system,
        ticket,
        message,
        Post(
            to=to,
            text=text,
            language=_language(session, ticket),
            not_before=doer.at + _undoable_for(session, system, viewer),
        ),
    )
    record(session, ticket, service.answer(ticket, message, doer, then=answer.then), said=message)
    return row.id


def mail_recipient(session: Session, ticket: Ticket) -> Party:
    """The address that the citizen wrote from last, else their newest. Raises InvalidInputError when none is known."""
    known = people.addresses(session, ticket.person_id, ContactKind.EMAIL) if ticket.person_id else []
    if not known:
        raise InvalidInputError({"channel": "No e-mail address of this citizen is known."})
    asked = queries.last_citizen_message(session, ticket.id, ChannelName.EMAIL)
    is_theirs = asked is not None and asked.sender in known
    person = session.get_one(Person, ticket.person_id)
    return Party(asked.sender if asked and is_theirs else known[-1], person.name)


def _text(session: Session, viewer: Viewer, ticket: Ticket, answer: Answer) -> MailText:
    unit = session.get_one(Unit, ticket.unit_id)
    authority = session.get_one(Authority, 1)
    language = _language(session, ticket)
    asked = queries.last_citizen_message(session, ticket.id, ChannelName.EMAIL)
    return reply_text(
        language,
        reference=ticket.reference,
        subject=ticket.subject,
        body=answer.body,
        agent_name=session.get_one(User, viewer.user_id).name,
        unit_name=unit.name(language),
        authority_name=str(authority.names.get(language, "")),
        signature=unit.signature(language),
        quoted=asked.body if asked else None,
    )


def _language(session: Session, ticket: Ticket) -> str:
    return supported(ticket.language, session.get_one(Unit, ticket.unit_id).language)


def _check(answer: Answer) -> None:
    if not answer.body.strip():
        raise InvalidInputError({"body": "Write the answer first."})
    if len(answer.body) > LONGEST_TEXT:
        raise InvalidInputError({"body": "The text is too long: at most 50,000 characters."})


def _doer(viewer: Viewer) -> Doer:
    return Doer(viewer.user_id, clock.now())
