"""The course of one invented ticket: what was asked and answered, and the events that say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.outbox.models import Delivery, OutboxRow
from app.tickets import service as verbs
from app.tickets.events import EventKind
from app.tickets.models import Direction, Event, Message, MessageKind, Ticket
from app.tickets.service import Doer
from app.tickets.states import State

CHANNELS = ("email", "phone", "letter")
TAKEN_SHARE = 0.5
"""of the open tickets"""
NOTE_SHARE = 0.4


@dataclass(frozen=True)
class Desk:
    """A unit as the set needs it; `terms` is what it promises, by channel."""

    id: int
    mailbox: str
    topics: Sequence[int]
    agents: Sequence[int]
    terms: Mapping[str, dict[str, Any]]


@dataclass(frozen=True)
class Texts:
    """What citizens write and agents answer."""

    asked: Sequence[str]
    told: Sequence[str]


@dataclass
class Story:
    """Plays a ticket by the real verbs; `at` is how far it has come. Nothing is stored here."""

    ticket: Ticket
    desk: Desk
    texts: Texts
    lot: Random
    at: datetime
    messages: list[Message] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    sendings: list[OutboxRow] = field(default_factory=list)
    _said: dict[int, list[Event]] = field(default_factory=dict)

    def play(self, rounds: int, *, is_open: bool) -> None:
        """From the first word through so many answers; the last one resolves a ticket that is not open any more."""
        self._begin()
        if rounds or self.lot.random() < TAKEN_SHARE:
            self._take()
        for nth in range(rounds):
            is_last = nth + 1 == rounds
            self._answer(State.RESOLVED if is_last and not is_open else State.OPEN)
            if is_open or not is_last:
                self._ask()
        if self.lot.random() < NOTE_SHARE:
            self._note()

    def number_from(self, last: int) -> int:
        """Number the messages after `last`, and whatever names them; the last number given."""
        for place, message in enumerate(self.messages):
            message.id = last + 1 + place
            for event in self._said.get(place, ()):
                event.message_id = message.id
        for sending in self.sendings:
            sending.message_id = self.messages[sending.message_id].id
            sending.mail_id = f"{sending.message_id}@bench.example"
        asked = [one.id for one in self.messages if one.kind in (MessageKind.CITIZEN, MessageKind.CALL)]
        self.ticket.asked_in = self.ticket.suggested_for = asked[-1]
        return last + len(self.messages)

    def _begin(self) -> None:
        ticket, doer = self.ticket, Doer(None, self.at)
        asked = self.lot.choice(self.texts.asked)
        ticket.subject = asked[:60].replace("\n", " ")
        data = {"channel": ticket.channel, "terms": self.desk.terms[ticket.channel], "routing": ticket.routing}
        self.events.append(verbs.event(ticket, EventKind.CREATED, doer, unit_id=ticket.unit_id, data=data))
        if ticket.channel == "phone":
            self._say(MessageKind.CALL, "")
            agent = self.lot.choice(self.desk.agents)
            self.events += verbs.answer_call(ticket, Doer(agent, self._later(seconds=200)))
        else:
            self._hear(asked)
        if ticket.channel == "email":
            self._later(seconds=3)
            self._say(MessageKind.ACKNOWLEDGEMENT, "Tack för ditt meddelande.", is_sent=True)
            self._tell(verbs.acknowledge(ticket, self.messages[-1], Doer(None, self.at)))

    def _take(self) -> None:
        agent = self.ticket.assignee_id or self.lot.choice(self.desk.agents)
        self.events += verbs.assign(self.ticket, Doer(agent, self._later(seconds=600)), to=agent)

    def _answer(self, then: State) -> None:
        doer = Doer(self.ticket.assignee_id, self._later(seconds=self.lot.lognormvariate(9.5, 1)))
        self._say(MessageKind.ANSWER, self.lot.choice(self.texts.told), doer=doer, is_sent=True)
        self._tell(verbs.answer(self.ticket, self.messages[-1], doer, then=then))

    def _ask(self) -> None:
        self._later(seconds=self.lot.lognormvariate(9.5, 1))
        self._hear(self.lot.choice(self.texts.asked))

    def _note(self) -> None:
        doer = Doer(self.ticket.assignee_id or self.desk.agents[0], self._later(seconds=30))
        self._say(MessageKind.NOTE, "Kontrollerat i registret, inget att anmärka.", doer=doer)
        self._tell(verbs.note(self.ticket, self.messages[-1], doer))

    def _hear(self, body: str) -> None:
        self._say(MessageKind.CITIZEN, body)
        self._tell(verbs.citizen_wrote(self.ticket, self.messages[-1], Doer(None, self.at)))

    def _tell(self, events: list[Event]) -> None:
        """Keep events that name the last message, which gets its number later."""
        self._said.setdefault(len(self.messages) - 1, []).extend(
            one for one in events if one.kind != EventKind.ASSIGNED
        )
        self.events += events

    def _say(self, kind: MessageKind, body: str, *, doer: Doer | None = None, is_sent: bool = False) -> None:
        citizens = kind in (MessageKind.CITIZEN, MessageKind.CALL)
        direction = Direction.IN if citizens else Direction.INTERNAL if kind == MessageKind.NOTE else Direction.OUT
        message = Message(
            ticket_id=self.ticket.id,
            direction=direction,
            kind=kind,
            channel=self.ticket.channel if citizens else "email",
            at=self.at,
            author_id=doer.user_id if doer else None,
            person_id=self.ticket.person_id if citizens else None,
            sender=f"citizen{self.ticket.person_id}@example.org" if citizens else "",
            sender_name="",
            subject=self.ticket.subject,
            body=body,
            is_confirmed=True,
        )
        self.messages.append(message)
        if is_sent:
            self.sendings.append(self._sending(body, is_automatic=kind == MessageKind.ACKNOWLEDGEMENT))

    def _sending(self, body: str, *, is_automatic: bool) -> OutboxRow:
        return OutboxRow(
            ticket_id=self.ticket.id,
            message_id=len(self.messages) - 1,
            channel="email",
            at=self.at,
            state=Delivery.SENT,
            not_before=self.at,
            is_automatic=is_automatic,
            to_address=f"citizen{self.ticket.person_id}@example.org",
            from_address=self.desk.mailbox,
            from_name="Kundtjänst",
            subject=self.ticket.subject,
            text=body,
            html="",
            language=self.ticket.language,
            sent_at=self.at,
        )

    def _later(self, *, seconds: float) -> datetime:
        self.at += timedelta(seconds=seconds)
        return self.at
