"""Full-text search over the tickets that a person may read, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.core.ids import is_reference
from app.core.text import folded, words
from app.people.models import Person
from app.screens.access import may_read
from app.search import service as search
from app.tickets.models import Message, Ticket
from channels.phone.numbers import normalise_number

PAGE = 30
SHORTEST_NUMBER = 7
AROUND = 90
"""how many characters of a text are shown before and after the first match"""


@dataclass(frozen=True)
class SearchHit:
    """A ticket with the newest message that fits."""

    snippet: str
    reference: str
    subject: str
    state: str
    channel: str
    language: str | None
    unit_id: int
    person: str
    message_id: int
    at: datetime


@dataclass(frozen=True)
class SearchResult:
    """A page of hits; `after` is the message to go on from, None at the end."""

    hits: tuple[SearchHit, ...]
    words: tuple[str, ...]
    after: int | None


def reference_in(query: str) -> str | None:
    """The reference that somebody typed, spaces and dashes aside, or None when it is something else."""
    digits = "".join(char for char in query if char.isdigit())
    rest = query.translate({ord(char): None for char in " -\N{NO-BREAK SPACE}"})
    return digits if rest == digits and is_reference(digits) else None


def number_in(query: str, region: str) -> str | None:
    """The digits, country code first, of a telephone number that somebody typed as `region` writes it, or None."""
    if any(char.isalpha() for char in query) or sum(char.isdigit() for char in query) < SHORTEST_NUMBER:
        return None
    number = normalise_number(query, region)
    return number.removeprefix("+") if number else None


def find_tickets(session: Session, viewer: Viewer, query: str, *, before: int | None = None) -> SearchResult:
    """The tickets with all the words in one message, the newest message first; one query."""
    dialect = session.get_bind().dialect.name
    terms = search.terms(query, dialect)
    if not terms:
        return SearchResult((), (), None)
    wanted = tuple(words(query))
    newest = _newest_messages(viewer, dialect, terms, before).subquery()
    rows = session.execute(
        select(
            Ticket.reference,
            Ticket.subject,
            Ticket.state,
            Ticket.channel,
            Ticket.language,
            Ticket.unit_id,
            func.coalesce(Person.name, ""),
            Message.id,
            Message.at,
            Message.body,
        )
        .join(newest, newest.c.message_id == Message.id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .outerjoin(Person, Person.id == Ticket.person_id)
        .order_by(Message.id.desc())
    )
    hits = [SearchHit(snippet(body, wanted), *facts) for *facts, body in rows]
    more = hits[PAGE - 1].message_id if len(hits) > PAGE else None
    return SearchResult(tuple(hits[:PAGE]), wanted, more)


def snippet(body: str, wanted: tuple[str, ...]) -> str:
    """The part of a text around the first word that fits, on one line."""
    line = " ".join(body.split())
    plain = folded(line)
    places = [place for word in wanted if (place := plain.find(word)) >= 0] if len(plain) == len(line) else []
    start = max(0, min(places, default=0) - AROUND)
    part = line[start : start + 2 * AROUND]
    return f"{'…' if start else ''}{part}{'…' if start + 2 * AROUND < len(line) else ''}"


def _newest_messages(viewer: Viewer, dialect: str, terms: str, before: int | None) -> Select[int]:
    newest = func.max(Message.id)
    query = (
        select(newest.label("message_id"))
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(text(search.match_clause(dialect)).bindparams(terms=terms), may_read(viewer))
        .group_by(Message.ticket_id)
        .order_by(newest.desc())
        .limit(PAGE + 1)
    )
    return query.having(newest < before) if before else query
