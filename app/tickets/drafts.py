"""What somebody is writing on a ticket, kept on the server: one text a ticket, person and kind of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint, delete, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base
from app.core.errors import ConflictError


class Mode(StrEnum):
    """What kind of text it is going to be."""

    REPLY = "reply"
    NOTE = "note"
    CALL = "call"


class Draft(Base):
    """A text that is not finished."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("ticket_id", "user_id", "mode"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    mode: Mapped[str] = mapped_column(String(10))
    body: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(String(10))
    then: Mapped[str] = mapped_column(String(20))
    used: Mapped[list[Any]]
    """the suggestions put into it"""
    seen_id: Mapped[int]
    """the newest message to or from the citizen that its writer had before them; 0 = none"""
    revision: Mapped[int] = mapped_column(BigInteger)
    """begins with the second of its first save, so that the number of a draft that is gone never comes back"""
    saved_at: Mapped[datetime]


class DraftConflictError(ConflictError):
    """The draft stands otherwise than its writer's window knows; `body` and `revision` are how it stands."""

    def __init__(self, body: str, revision: int) -> None:
        super().__init__("The draft was changed in another window.")
        self.body = body
        self.revision = revision


@dataclass(frozen=True)
class Written:
    """The content of a draft as the composer has it."""

    body: str
    channel: str = ""
    then: str = ""
    used: tuple[int, ...] = ()
    seen_id: int = 0


def find(session: Session, ticket_id: int, user_id: int, mode: Mode) -> Draft | None:
    """A person's draft, held against other writers until the transaction ends."""
    query = select(Draft).where(Draft.ticket_id == ticket_id, Draft.user_id == user_id, Draft.mode == mode)
    return session.scalar(query.with_for_update())


def save(
    session: Session, draft: Draft | None, written: Written, *, of: tuple[int, int, Mode], revision: int, at: datetime
) -> int:
    """Keep the text; the new revision, 0 when an empty text removed the draft.

    `of` is (ticket, person, mode), `revision` the one that the writer knows, 0 for none. Raises DraftConflictError with
    the text that stands there when it is another one: it was written, sent or thrown away in another window.
    """
    if revision != (draft.revision if draft else 0):
        raise DraftConflictError(draft.body if draft else "", draft.revision if draft else 0)
    if not written.body.strip():
        if draft is not None:
            session.delete(draft)
        return 0
    if draft is None:
        ticket_id, user_id, mode = of
        draft = Draft(ticket_id=ticket_id, user_id=user_id, mode=mode, revision=int(at.timestamp()))
        session.add(draft)
    draft.body, draft.channel, draft.then = written.body, written.channel, written.then
    draft.used, draft.seen_id = list(written.used), written.seen_id
    draft.revision, draft.saved_at = draft.revision + 1, at
    return draft.revision


def move(session: Session, source_id: int, target_id: int, *, at: datetime) -> None:
    """What is being written on one ticket is written on another one; who writes on both finds it below the other."""
    theirs = {(draft.user_id, draft.mode): draft for draft in _of(session, target_id)}
    for draft in _of(session, source_id):
        known = theirs.get((draft.user_id, draft.mode))
        if known is None:
            draft.ticket_id = target_id
            continue
        known.body = f"{known.body}\n\n{draft.body}"
        known.revision, known.saved_at = known.revision + 1, at
        session.delete(draft)


def _of(session: Session, ticket_id: int) -> Sequence[Draft]:
    return session.scalars(select(Draft).where(Draft.ticket_id == ticket_id).with_for_update()).all()


def finish(session: Session, ticket_id: int, user_id: int, mode: Mode, *, body: str, revision: int) -> None:
    """The text has been sent or stored: its draft goes. Other words, written in another window, stay."""
    mine = (Draft.ticket_id == ticket_id, Draft.user_id == user_id, Draft.mode == mode)
    session.execute(delete(Draft).where(*mine, or_(Draft.body == body, Draft.revision == revision)))
