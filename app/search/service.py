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

_FORGET = text("INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', :id, :words)")


def index_message(session: Session, ticket: Ticket, message: Message, *, filenames: Collection[str] = ()) -> None:
    """Make a new message findable by its words, its sender, its files' names and its ticket's subject."""
    dialect = session.get_bind().dialect.name
    session.execute(_PUT[dialect], {"id": message.id, "words": searchable(ticket, message, filenames)})


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


def match_clause(dialect: str) -> str:
    """The SQL condition on `message.id` that a term list bound to `:terms` sets."""
    if dialect == "sqlite":
        return "message.id IN (SELECT rowid FROM search_words WHERE search_words MATCH :terms)"
    return "message.id IN (SELECT message_id FROM search_words WHERE words @@ to_tsquery('simple', :terms))"


def terms(query: str, dialect: str) -> str:
    """What people typed as a safe search of all its words, the last one as a beginning; "" when there is no word."""
    found = words(query)[:MOST_TERMS]
    if not found:
        return ""
    if dialect == "sqlite":
        return " ".join([*(f'"{word}"' for word in found[:-1]), f'"{found[-1]}"*'])
    return " & ".join([*found[:-1], f"{found[-1]}:*"])
