"""Full-text search over the tickets that a person may read, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, TextClause, func, select, text
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.core.db import rows
from app.core.ids import is_reference
from app.core.text import folded, words
from app.people.models import Person
from app.screens.access import may_read
from app.search import service as search
from app.tickets.models import Message, Ticket
from channels.phone.numbers import normalise_number

PAGE = 30
NEAREST = 600
"""messages looked at first: a page of tickets is among them wherever a word is common"""
Found = tuple[Any, ...]
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
    """The tickets with all the words in one message, the newest message first.

    One query where the `NEAREST` messages with the words tell enough, else one more.
    """
    dialect = session.get_bind().dialect.name
    terms = search.terms(query, dialect)
    if not terms:
        return SearchResult((), (), None)
    wanted = tuple(words(query))
    found = None if before else _among_the_newest(session, viewer, dialect, terms)
    if found is None:
        found = _read(session, _newest_messages(viewer, dialect, terms, before=before))
    hits = [SearchHit(snippet(body, wanted), *facts) for *facts, body in found]
    more = hits[PAGE - 1].message_id if len(hits) > PAGE else None
    return SearchResult(tuple(hits[:PAGE]), wanted, more)


def _among_the_newest(session: Session, viewer: Viewer, dialect: str, terms: str) -> list[Found] | None:
    """The hits, when the `NEAREST` messages fill a page or are all that there are; None when one must look further."""
    looked_at = text(search.count_clause(dialect, newest=NEAREST)).bindparams(terms=terms)
    rows = _read(session, _newest_messages(viewer, dialect, terms, nearest=NEAREST), looked_at)
    if len(rows) > PAGE or (rows and rows[0][-1] < NEAREST):
        return [tuple(row[:-1]) for row in rows]
    return None


def _read(session: Session, newest_messages: Select[int], *more: TextClause) -> list[Found]:
    newest = newest_messages.subquery()
    query = (
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
            *more,
        )
        .join(newest, newest.c.message_id == Message.id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .outerjoin(Person, Person.id == Ticket.person_id)
        .order_by(Message.id.desc())
    )
    return [tuple(row) for row in rows(session, query)]


def snippet(body: str, wanted: tuple[str, ...]) -> str:
    """The part of a text around the first word that fits, on one line."""
    line = " ".join(body.split())
    plain = folded(line)
    places = [place for word in wanted if (place := plain.find(word)) >= 0] if len(plain) == len(line) else []
    start = max(0, min(places, default=0) - AROUND)
    part = line[start : start + 2 * AROUND]
    return f"{'…' if start else ''}{part}{'…' if start + 2 * AROUND < len(line) else ''}"


def _newest_messages(
    viewer: Viewer, dialect: str, terms: str, *, before: int | None = None, nearest: int | None = None
) -> Select[int]:
    """The newest fitting message of each ticket; of the `nearest` newest messages in the whole house, or of all."""
    newest = func.max(Message.id)
    fitting = search.match_clause(dialect, newest=nearest)
    query = (
        select(newest.label("message_id"))
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(text(fitting).bindparams(terms=terms), may_read(viewer))
        .group_by(Message.ticket_id)
        .order_by(newest.desc())
        .limit(PAGE + 1)
    )
    return query.having(newest < before) if before else query
