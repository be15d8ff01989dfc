"""Two persons turn out to be one citizen: everything of the duplicate hangs on the other, and it can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts import audit
from app.accounts.policy import Viewer
from app.calls.models import Call
from app.core import changes, clock
from app.core.changes import ChangeKind
from app.core.errors import ConflictError, InvalidInputError, NotFoundError
from app.core.system import System
from app.people import service as people
from app.people.models import ContactPoint, Person, PersonMerge, Protection
from app.screens import access
from app.texts.catalogue import N_
from app.tickets.models import Message, Ticket
from app.tickets.regroup import reason_of

TABLES: Mapping[str, Any] = {table.__tablename__: table for table in (ContactPoint, Message, Call, Ticket)}
"""what hangs on a person"""


def hand_over(session: Session, source: Person, target: Person) -> dict[str, list[int]]:
    """Make everything of `source` that of `target`; table -> numbers of the rows that went over."""
    moved = {}
    for name, table in TABLES.items():
        ids = list(session.scalars(select(table.id).where(table.person_id == source.id).order_by(table.id)))
        _give(session, name, ids, target)
        moved[name] = ids
    session.expire(source, ["contacts"])
    return moved


def unite(system: System, viewer: Viewer, person_id: int, *, duplicate_id: int, reason: str) -> None:
    """The duplicate is this person. Both must be the viewer's to see.

    Raises NotFoundError, ProtectedIdentityError, InvalidInputError, ConflictError when one was merged already.
    """
    reason = reason_of(reason)
    with system.db.begin() as session:
        if person_id == duplicate_id:
            raise InvalidInputError({"other": N_("This is the same citizen.")})
        held = people.held(session, [person_id, duplicate_id])
        for one in (person_id, duplicate_id):
            access.citizen(session, viewer, one)
        kept, gone = held[person_id], held[duplicate_id]
        if kept.merged_into is not None or gone.merged_into is not None:
            raise ConflictError(N_("One of the two was merged with somebody already."))
        before = {"name": kept.name, "language": kept.language, "protection": kept.protection}
        moved = hand_over(session, gone, kept)
        kept.name, kept.language = kept.name or gone.name, kept.language or gone.language
        kept.protection = _stronger(kept.protection, gone.protection)
        gone.merged_into = kept.id
        row = PersonMerge(
            kept_id=kept.id,
            gone_id=gone.id,
            moved=moved,
            before=before,
            reason=reason,
            user_id=viewer.user_id,
            at=clock.now(),
        )
        session.add(row)
        _told(session, viewer, "persons_merged", kept, gone, moved)


def undo(system: System, viewer: Viewer, merge_id: int) -> int:
    """The two are different persons after all; the number of the one that was kept. What came since stays with it.

    Raises NotFoundError, ProtectedIdentityError, ConflictError when it was undone already.
    """
    with system.db.begin() as session:
        row = session.get(PersonMerge, merge_id)
        if row is None:
            raise NotFoundError("There is no such citizen.")
        held = people.held(session, [row.kept_id, row.gone_id])
        access.citizen(session, viewer, row.kept_id)
        session.refresh(row)
        kept, gone = held[row.kept_id], held[row.gone_id]
        if row.undone_at is not None or gone.merged_into != kept.id:
            raise ConflictError(N_("This has been undone already."))
        for name, ids in row.moved.items():
            _give(session, name, ids, gone, only_of=kept)
        gone.merged_into, row.undone_at = None, clock.now()
        kept.name, kept.language = row.before["name"] or kept.name, row.before["language"] or kept.language
        _told(session, viewer, "persons_parted", kept, gone, row.moved)
        return kept.id


def _give(session: Session, name: str, ids: list[int], to: Person, *, only_of: Person | None = None) -> None:
    table = TABLES[name]
    rows = update(table).where(table.id.in_(ids))
    session.execute((rows.where(table.person_id == only_of.id) if only_of else rows).values(person_id=to.id))


def _stronger(one: str, other: str) -> str:
    return max(one, other, key=["", *Protection].index)


def _told(
    session: Session, viewer: Viewer, action: str, kept: Person, gone: Person, moved: Mapping[str, list[int]]
) -> None:
    audit.note(session, action, at=clock.now(), user_id=viewer.user_id, person=kept.id, other=gone.id)
    query = select(Ticket.id, Ticket.unit_id).where(Ticket.id.in_(moved[Ticket.__tablename__]))
    for ticket_id, unit_id in session.execute(query):
        changes.announce(session, ChangeKind.TICKET, unit_id=unit_id, ticket_id=ticket_id)
