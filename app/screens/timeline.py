"""What happened to a ticket, oldest first: messages with their files and delivery, and events as thin lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.outbox.models import Delivery, OutboxRow
from app.screens.beside import Beside
from app.tickets.events import EventKind
from app.tickets.models import Attachment, Event, Message, MessageKind
from channels.contract import AttachmentRole

SHOWN_BY_A_MESSAGE = frozenset(
    {
        EventKind.CITIZEN_MESSAGE,
        EventKind.CITIZEN_AUTOREPLY,
        EventKind.REPLIED,
        EventKind.LETTER_WRITTEN,
        EventKind.ACKNOWLEDGED,
        EventKind.NOTED,
        EventKind.CALL_ANSWERED,
        EventKind.DELIVERED,
    }
)


@dataclass(frozen=True)
class Spoken:
    """A message with everything that belongs to it."""

    message: Message
    files: tuple[Attachment, ...] = ()
    pages: tuple[Attachment, ...] = ()
    sending: OutboxRow | None = None
    call: Call | None = None

    @property
    def at(self) -> datetime:
        return self.message.at


@dataclass(frozen=True)
class Happened:
    """An event that no message shows."""

    event: Event

    @property
    def at(self) -> datetime:
        return self.event.at


Entry = Spoken | Happened


@dataclass(frozen=True)
class Timeline:
    """All entries, oldest first, and all events for who reckons with them."""

    entries: tuple[Entry, ...]
    events: tuple[Event, ...]

    @property
    def spoken(self) -> list[Spoken]:
        """The messages alone."""
        return [entry for entry in self.entries if isinstance(entry, Spoken)]

    @property
    def newest_event(self) -> int:
        """The number of the newest event; 0 = none."""
        return max((event.id for event in self.events), default=0)

    def first_new(self, seen: int, user_id: int) -> Entry | None:
        """The first entry that others made after the event `seen`; None when all is seen or nothing ever was."""
        new = [event for event in self.events if event.id > seen and event.user_id != user_id] if seen else []
        ids, messages = {event.id for event in new}, {event.message_id for event in new} - {None}
        return next((entry for entry in self.entries if _is_of(entry, ids, messages)), None)

    @property
    def has_call(self) -> bool:
        """Whether a call is among the messages, so that a note of it can be written."""
        return any(entry.message.kind == MessageKind.CALL for entry in self.spoken)

    @property
    def to_print(self) -> Spoken | None:
        """The newest letter that waits for somebody to print and post it."""
        letters = (one for one in reversed(self.spoken) if one.sending and one.sending.state == Delivery.TO_PRINT)
        return next(letters, None)

    @property
    def to_decide(self) -> OutboxRow | None:
        """The newest mail that somebody must see to."""
        mails = (one.sending for one in reversed(self.spoken) if one.sending and one.sending.needs_person)
        return next(mails, None)

    def undoable(self, now: datetime) -> Spoken | None:
        """The newest answer that has not left yet."""
        waiting = (
            entry
            for entry in reversed(self.spoken)
            if entry.sending is not None
            and not entry.sending.is_automatic
            and entry.sending.state == Delivery.QUEUED
            and entry.sending.not_before > now
        )
        return next(waiting, None)


_OF_TICKET: BindParameter[int] = bindparam("ticket_id")
_MESSAGES = select(Message).where(Message.ticket_id == _OF_TICKET).order_by(Message.at, Message.id)
_EVENTS = select(Event).where(Event.ticket_id == _OF_TICKET).order_by(Event.at, Event.id)
_FILES = select(Attachment).where(Attachment.ticket_id == _OF_TICKET)
_SENDINGS = select(OutboxRow).where(OutboxRow.ticket_id == _OF_TICKET)
_CALLS = select(Call).where(Call.ticket_id == _OF_TICKET)


def read_timeline(session: Session, ticket_id: int, there_is: Beside) -> Timeline:
    """The ticket's timeline in two to five queries, whatever its length."""
    asked = {"ticket_id": ticket_id}
    messages = session.scalars(_MESSAGES, asked)
    events = session.scalars(_EVENTS, asked).all()
    files = _by_message(session.scalars(_FILES, asked).all() if there_is.files else ())
    sendings = {row.message_id: row for row in session.scalars(_SENDINGS, asked)} if there_is.sendings else {}
    calls = {row.inbound_id: row for row in session.scalars(_CALLS, asked)} if there_is.calls else {}
    spoken = [_spoken(message, files, sendings, calls) for message in messages]
    happened = [Happened(event) for event in events if event.kind not in SHOWN_BY_A_MESSAGE]
    entries: list[Entry] = [*spoken, *happened]
    return Timeline(tuple(sorted(entries, key=_place)), tuple(events))


def people_in(events: Iterable[Event]) -> set[int]:
    """Everybody whom events name: who did it, and whose the ticket was and is."""
    found: set[int | None] = set()
    for event in events:
        found |= {event.user_id, *(event.data.get(end) for end in ("from", "to") if event.kind == EventKind.ASSIGNED)}
    return {user_id for user_id in found if user_id is not None}


def _is_of(entry: Entry, events: Collection[int], messages: Collection[int | None]) -> bool:
    """Whether an entry shows one of these events, or the message of one."""
    if isinstance(entry, Happened):
        return entry.event.id in events
    return entry.message.id in messages


def _place(entry: Entry) -> tuple[datetime, int, int]:
    """By time; of one instant, the ticket's creation first, then what was said, then what followed from it."""
    if isinstance(entry, Spoken):
        return entry.at, 1, entry.message.id
    return entry.at, 0 if entry.event.kind == EventKind.CREATED else 2, entry.event.id


def _by_message(rows: Sequence[Attachment]) -> dict[int, list[Attachment]]:
    found: dict[int, list[Attachment]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.id):
        found[row.message_id].append(row)
    return found


def _spoken(
    message: Message,
    files: Mapping[int, list[Attachment]],
    sendings: Mapping[int, OutboxRow],
    calls: Mapping[int | None, Call],
) -> Spoken:
    own = files.get(message.id, [])
    return Spoken(
        message,
        files=tuple(row for row in own if row.role != AttachmentRole.PAGE),
        pages=tuple(row for row in own if row.role == AttachmentRole.PAGE),
        sending=sendings.get(message.id),
        call=calls.get(message.inbound_id) if message.kind == MessageKind.CALL else None,
    )
