"""Plays planned inquiries through the real flows, each step at its own instant of the past."""

from __future__ import annotations

import heapq
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.calls.models import Call
from app.cli.history.letters import letter_item, letter_message
from app.cli.history.plan import Inquiry
from app.cli.history.writing import Pen
from app.core import clock
from app.core.system import System
from app.flows import assign, call, close, deliver, note, print_letter, reply, suggest
from app.flows.contacts import Identity
from app.flows.identify import identify
from app.flows.receive import file_item, receive
from app.flows.reply import Answer
from app.outbox.models import OutboxRow
from app.suggest.models import Suggestion
from app.suggest.service import store, waiting
from app.tickets.models import Ticket
from app.tickets.states import State
from channels.contract import ChannelName, OutboundMessage, RawItem, Receipt
from channels.reading import Reading

SENT_AFTER = timedelta(seconds=25)
SUGGESTED_SHARE = 0.15
Act = Callable[[], None]


class Nowhere:
    """A mail server that takes everything and delivers nothing: these citizens never were."""

    def send(self, _message: OutboundMessage) -> Receipt:
        """Yes."""
        return Receipt("taken in the demo's past")


@dataclass
class Player:
    """Runs steps in the order of their instants; a step may plan further ones, those after `now` never happen."""

    system: System
    viewers: Mapping[str, Viewer]
    pen: Pen
    now: datetime
    shelf: suggest.Shelf = field(default_factory=suggest.Shelf)
    _steps: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)

    def plan(self, at: datetime | None, act: Act) -> None:
        """Let something happen at an instant."""
        if at is not None and at < self.now:
            heapq.heappush(self._steps, (at, next(self._numbers), act))

    def play(self) -> None:
        """Everything that was planned, and what followed from it."""
        while self._steps:
            at, _, act = heapq.heappop(self._steps)
            with clock.at(at):
                act()

    def begin(self, inquiry: Inquiry) -> None:
        """Plan one inquiry from its first step."""
        course: Mapping[str, Callable[[Inquiry], None]] = {
            "email": self._mail_comes,
            "phone": self._phone_rings,
            "letter": self._letter_comes,
        }
        self.plan(inquiry.arrives_at, lambda: course[inquiry.channel](inquiry))

    def _mail_comes(self, inquiry: Inquiry) -> None:
        raw = mail(inquiry, inquiry.desk.mailbox, inquiry.question.subject, inquiry.question.text)
        (filed,) = receive(self.system, [_item(raw)])
        if filed.ticket_id is None:
            return
        self._suggest(is_real=inquiry.answer_at is None or inquiry.lot < SUGGESTED_SHARE)
        self.plan(clock.now() + timedelta(seconds=2), self._send)
        reference = self._reference(filed.ticket_id)
        if inquiry.answer_at is None and inquiry.lot < 0.4:
            self.plan(clock.now() + timedelta(hours=3), lambda: self._take(inquiry, reference))
        elif inquiry.lot > 0.9:
            self.plan(inquiry.answer_at, lambda: self._ask_back(inquiry, reference))
        else:
            self.plan(inquiry.answer_at, lambda: self._answer(inquiry, reference))

    def _take(self, inquiry: Inquiry, reference: str) -> None:
        assign.take(self.system, self.viewers[inquiry.agent], reference)

    def _answer(self, inquiry: Inquiry, reference: str) -> None:
        """An answer, usually the last word; now and then the citizen has one more question."""
        then = State.OPEN if inquiry.lot < 0.06 else State.RESOLVED
        text = self.pen.answer(inquiry.asker, inquiry.question)
        used = self._best(reference)
        answer = Answer(text, ChannelName.EMAIL, then, [used] if used and inquiry.lot < 0.7 else ())
        reply.reply(self.system, self.viewers[inquiry.agent], reference, answer)
        self.plan(clock.now() + SENT_AFTER, self._send)
        if then is State.OPEN:
            later = inquiry.desk.calendar.add(clock.now(), 6 * 3600)
            self.plan(later, lambda: close.resolve(self.system, self.viewers[inquiry.agent], reference))
        elif inquiry.lot < 0.16:
            again = self.pen.said(inquiry.asker.language, "again")
            self._write_back(inquiry, reference, again, timedelta(hours=7))

    def _ask_back(self, inquiry: Inquiry, reference: str) -> None:
        """The agent needs to know more; the clock stands still until the citizen tells."""
        text = self.pen.said(inquiry.asker.language, "missing")
        answer = Answer(text, ChannelName.EMAIL, State.WAITING)
        reply.reply(self.system, self.viewers[inquiry.agent], reference, answer)
        self.plan(clock.now() + SENT_AFTER, self._send)
        provided = self.pen.said(inquiry.asker.language, "provided")
        self._write_back(inquiry, reference, provided, timedelta(hours=30 + 100 * (inquiry.lot - 0.9)))

    def _write_back(self, inquiry: Inquiry, reference: str, text: str, after: timedelta) -> None:
        """The citizen answers, threaded as by a mail program; the agent closes it some hours of opening later."""

        def come() -> None:
            with self.system.db.read() as session:
                row = _last_mail(session, reference)
            raw = mail(inquiry, row.reply_to, f"Re: {row.subject}", text, answered=row.mail_id)
            receive(self.system, [_item(raw)])
            self._suggest(is_real=False)
            done = replace(inquiry, lot=0.5)
            self.plan(inquiry.desk.calendar.add(clock.now(), 3 * 3600), lambda: self._answer(done, reference))

        self.plan(clock.now() + after, come)

    def _phone_rings(self, inquiry: Inquiry) -> None:
        call_id = f"past-{secrets.token_hex(6)}"
        self._tell(inquiry, call_id, "ringing")
        end = (inquiry.answer_at or clock.now()) + timedelta(seconds=120 + 400 * inquiry.lot)
        if inquiry.lot > 0.88 or inquiry.answer_at is None:
            self.plan(
                clock.now() + timedelta(seconds=90 + 500 * inquiry.lot), lambda: self._tell(inquiry, call_id, "ended")
            )
            return
        self.plan(inquiry.answer_at, lambda: self._tell(inquiry, call_id, "answered"))
        self.plan(end, lambda: self._tell(inquiry, call_id, "ended"))
        self.plan(end + timedelta(seconds=40), lambda: self._note(inquiry, call_id))

    def _tell(self, inquiry: Inquiry, call_id: str, kind: str) -> None:
        told = {"call_id": call_id, "kind": kind, "at": clock.now().isoformat(), "dialled": inquiry.desk.phone}
        told |= {"number": inquiry.asker.phone, "name": inquiry.asker.name, "language": inquiry.asker.language}
        call.take_event(self.system, json.dumps({**told, "agent": inquiry.agent}).encode())

    def _note(self, inquiry: Inquiry, call_id: str) -> None:
        with self.system.db.read() as session:
            query = select(Ticket.reference).join(Call, Call.ticket_id == Ticket.id).where(Call.call_key == call_id)
            reference = session.scalar(query)
        text = self.pen.note(inquiry.desk.language, inquiry.question)
        is_resolved = inquiry.lot < 0.8
        if reference is not None:
            note.note_call(self.system, self.viewers[inquiry.agent], reference, text, resolve=is_resolved)
            self._suggest(is_real=not is_resolved)
            later = inquiry.desk.calendar.add(clock.now(), 4 * 3600)
            self.plan(
                None if is_resolved else later,
                lambda: close.resolve(self.system, self.viewers[inquiry.agent], reference),
            )

    def _letter_comes(self, inquiry: Inquiry) -> None:
        item = letter_item(inquiry.asker.language, at=clock.now())
        reading = Reading(item, letter_message(self.system, item, inquiry.asker.language))
        with self.system.db.begin() as session:
            filed = file_item(session, self.system, reading)
        self._suggest(is_real=inquiry.answer_at is None)
        if filed.ticket_id is None:
            return
        reference = self._reference(filed.ticket_id)
        self.plan(inquiry.answer_at, lambda: self._write_letter(inquiry, reference))

    def _write_letter(self, inquiry: Inquiry, reference: str) -> None:
        viewer = self._agent_of(reference)
        identify(self.system, viewer, reference, Identity(inquiry.asker.name, postal=inquiry.asker.postal))
        text = self.pen.answer(inquiry.asker, inquiry.question)
        row_id = reply.reply(self.system, viewer, reference, Answer(text, ChannelName.LETTER, State.RESOLVED))
        posted = inquiry.desk.calendar.add(clock.now(), 2 * 3600)
        self.plan(posted, lambda: self._post(viewer, reference, row_id))

    def _agent_of(self, reference: str) -> Viewer:
        """Somebody of the unit that the rules sent a ticket to."""
        with self.system.db.read() as session:
            unit_id = session.scalar(select(Ticket.unit_id).where(Ticket.reference == reference))
        return next(viewer for viewer in self.viewers.values() if unit_id in viewer.units - viewer.headed)

    def _post(self, viewer: Viewer, reference: str, row_id: int) -> None:
        with self.system.db.read() as session:
            message_id = session.get_one(OutboxRow, row_id).message_id
        print_letter.mark_posted(self.system, viewer, reference, message_id)

    def _suggest(self, *, is_real: bool) -> None:
        """Suggest for what waits; for most of what was answered long ago nothing, as finding it takes its time."""
        if is_real:
            suggest.suggest_waiting(self.system, self.shelf)
            return
        with self.system.db.begin() as session:
            for question in waiting(session, limit=20):
                store(session, question, (), at=clock.now())

    def _send(self) -> None:
        deliver.deliver(self.system, Nowhere())

    def _reference(self, ticket_id: int) -> str:
        with self.system.db.read() as session:
            return session.get_one(Ticket, ticket_id).reference

    def _best(self, reference: str) -> int | None:
        with self.system.db.read() as session:
            query = select(Suggestion.id).join(Ticket, Ticket.id == Suggestion.ticket_id)
            return session.scalar(query.where(Ticket.reference == reference, Suggestion.rank == 1).limit(1))


def mail(inquiry: Inquiry, to: str, subject: str, text: str, *, answered: str = "") -> bytes:
    """A citizen's mail of the present instant."""
    message = EmailMessage()
    message["From"] = formataddr((inquiry.asker.name, inquiry.asker.email))
    message["To"], message["Subject"] = to, subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{secrets.token_hex(10)}@{inquiry.asker.email.rpartition('@')[2]}>"
    if answered:
        message["In-Reply-To"] = message["References"] = f"<{answered}>"
    message.set_content(text)
    return message.as_bytes()


def _item(raw: bytes) -> RawItem:
    return RawItem(ChannelName.EMAIL, "demo-past", secrets.token_hex(10), raw, clock.now())


def _last_mail(session: Session, reference: str) -> OutboxRow:
    query = select(OutboxRow).join(Ticket, Ticket.id == OutboxRow.ticket_id).where(Ticket.reference == reference)
    return session.scalars(query.order_by(OutboxRow.id.desc()).limit(1)).one()
