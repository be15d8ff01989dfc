"""Full-text search over tickets: FTS5 in SQLite, tsvector with GIN in PostgreSQL, in the message's own transaction.

Both index folded words (lower case, no diacritics) under the message's id. The tables are made by the migration:
`search_words` holds no copy of the text, only the index. Newest first: that costs an eighth of ranking on common words.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.text import cut_to_bytes, words
from app.tickets.models import Message, Ticket

MOST_TERMS = 12
LONGEST = 500_000
"""bytes; the words of one text may take 1 MiB in PostgreSQL, which stores up to twice what they take here"""

_PUT = {
    "sqlite": text("INSERT INTO search_words (rowid, words) VALUES (:id, :words)"),
    "postgresql": text(
        "INSERT INTO search_words (message_id, words) VALUES (:id, to_tsvector('simple', :words))"
        " ON CONFLICT (message_id) DO UPDATE SET words = excluded.words"
    ),
}

_MATCH = {
    "sqlite": ("rowid", "search_words MATCH :terms"),
    "postgresql": ("message_id", "words @@ to_tsquery('simple', :terms)"),
}

_FORGET = text("INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', :id, :words)")


def index_message(session: Session, ticket: Ticket, message: Message, *, filenames: Collection[str] = ()) -> None:
    """Make a new message findable by its words, its sender, its files' names and its ticket's subject."""
    dialect = session.get_bind().dialect.name
    session.execute(_PUT[dialect], {"id": message.id, "words": searchable(ticket, message, filenames)})


def index_texts(session: Session, found_by: Collection[tuple[int, str]]) -> None:
    """Make many new messages findable at once, each by the folded words that `searchable` gave."""
    rows = [{"id": number, "words": told} for number, told in found_by]
    if rows:
        session.execute(_PUT[session.get_bind().dialect.name], rows)


def reindex_message(session: Session, ticket: Ticket, message: Message, *, before: str) -> None:
    """Make a message findable by what it says now; `before` is what `searchable` gave until then."""
    dialect = session.get_bind().dialect.name
    if dialect == "sqlite":
        session.execute(_FORGET, {"id": message.id, "words": before})
    index_message(session, ticket, message)


def searchable(ticket: Ticket, message: Message, filenames: Collection[str] = ()) -> str:
    """The folded words by which a message is found."""
    parts = (ticket.subject, message.subject, message.sender_name, message.sender, message.body, *filenames)
    return cut_to_bytes(" ".join(words(" ".join(parts))), LONGEST)


def match_clause(dialect: str, *, newest: int | None = None) -> str:
    """The SQL condition on `message.id` that a term list bound to `:terms` sets; of the `newest` so many, or of all."""
    return f"message.id IN ({_found(dialect, newest)})"


def count_clause(dialect: str, *, newest: int) -> str:
    """How many messages `match_clause` with the same `newest` looks at, as SQL."""
    return f"(SELECT count(*) FROM ({_found(dialect, newest)}) AS looked_at)"  # noqa: S608 - none of it typed


def _found(dialect: str, newest: int | None) -> str:
    number, condition = _MATCH[dialect]
    cut = f" ORDER BY {number} DESC LIMIT {newest:d}" if newest else ""
    return f"SELECT {number} FROM search_words WHERE {condition}{cut}"  # noqa: S608 - none of it typed


def terms(query: str, dialect: str) -> str:
    """What people typed as a safe search of all its words, the last one as a beginning; "" when there is no word."""
    found = words(query)[:MOST_TERMS]
    if not found:
        return ""
    if dialect == "sqlite":
        return " ".join([*(f'"{word}"' for word in found[:-1]), f'"{found[-1]}"*'])
    return " & ".join([*found[:-1], f"{found[-1]}:*"])
