"""Items of the ledger that became nothing: in quarantine, waiting for a person, or left aside with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    ScalarSelect,
    Select,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    union,
)
from sqlalchemy.orm import Session

from app.accounts.models import Unit
from app.accounts.policy import Viewer
from app.core.db import among
from app.core.errors import NotFoundError
from app.intake.models import Fate, Inbound, Verification
from app.screens.access import may_read
from app.sources.models import Source
from app.tickets.models import Ticket
from channels.contract import ChannelName, RawItem

PAGE = 50
FATES = (Fate.QUARANTINED, Fate.IGNORED)
WORKED_ON = "worked"
VIEWS = (*FATES, WORKED_ON)
"""what the page shows: what waits, what was left aside, and what a person has dealt with"""
MOST_SHOWN = 4000


@dataclass(frozen=True)
class InboundPage:
    """A page of items, newest first; `after` is the id to go on from, None at the end."""

    items: tuple[Inbound, ...]
    after: int | None


def read_inbound(session: Session, viewer: Viewer, view: str, *, before: int | None = None) -> InboundPage:
    """The items of one of `VIEWS` that the person may see; one query."""
    is_done = Inbound.handled_at.is_not(None)
    chosen = is_done if view == WORKED_ON else and_(Inbound.fate == view, ~is_done)
    query = select(Inbound).where(chosen, _may_see(viewer)).order_by(Inbound.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(Inbound.id < before)
    found = list(session.scalars(query))
    return InboundPage(tuple(found[:PAGE]), found[PAGE - 1].id if len(found) > PAGE else None)


def failing_sources(session: Session, viewer: Viewer) -> list[Source]:
    """The sources that could not be read at the last try, for those who answer for what comes in."""
    if not (viewer.headed or viewer.is_admin):
        return []
    return list(session.scalars(select(Source).where(Source.failed_at.is_not(None)).order_by(Source.name)))


@dataclass(frozen=True)
class Quarantine:
    """How many items wait for a person, at most 99, and since when the oldest does."""

    count: int
    since: datetime | None


def quarantine(session: Session, viewer: Viewer) -> Quarantine:
    """What of the quarantine the person may see, in one query."""
    found = _waiting(viewer).order_by(Inbound.id).subquery()
    count, since = session.execute(select(func.count(), func.min(found.c.seen_at)).select_from(found)).one()
    return Quarantine(count, since)


def count_waiting(viewer: Viewer) -> ScalarSelect[int]:
    """How many items of the quarantine the person may see, at most 99, as a part of a query."""
    return select(func.count()).select_from(_waiting(viewer).subquery()).scalar_subquery()


def _waiting(viewer: Viewer) -> Select[datetime]:
    return (
        select(Inbound.seen_at)
        .where(Inbound.fate == Fate.QUARANTINED, Inbound.handled_at.is_(None), _may_see(viewer))
        .limit(99)
    )


def last_comparisons(session: Session, viewer: Viewer) -> list[Verification]:
    """The newest comparison of each mail source with the ledger, for those who answer for what comes in."""
    if not (viewer.headed or viewer.is_admin):
        return []
    newest = select(func.max(Verification.id)).group_by(Verification.source)
    return list(session.scalars(select(Verification).where(Verification.id.in_(newest)).order_by(Verification.source)))


def beginning(item: RawItem) -> str:
    """The first words of an item as plain text, for deciding what it is; "" for a PDF."""
    if item.channel is ChannelName.LETTER:
        return ""
    text = item.raw[: 4 * MOST_SHOWN].decode("utf-8", "replace")
    return "".join(char if char.isprintable() or char in "\n\t" else " " for char in text)[:MOST_SHOWN]


def visible_item(session: Session, viewer: Viewer, inbound_id: int) -> Inbound:
    """One item that became nothing. Raises NotFoundError when it is not for this person."""
    query = select(Inbound).where(Inbound.id == inbound_id, Inbound.fate.in_(FATES), _may_see(viewer))
    found = session.scalar(query)
    if found is None:
        raise NotFoundError("There is no such item.")
    return found


def _may_see(viewer: Viewer) -> ColumnElement[bool]:
    """What belongs to a ticket is for those who may read it; the rest for those whose door it came to."""
    of_ticket = exists().where(Ticket.id == Inbound.ticket_id, may_read(viewer))
    return case((Inbound.ticket_id.is_not(None), of_ticket), else_=_came_to(viewer))


def _came_to(viewer: Viewer) -> ColumnElement[bool]:
    """What came to a unit's own mailbox or number is that unit's; the rest is for heads and administrators."""
    recipient = func.lower(Inbound.recipient)
    own = recipient.in_(_addresses_of(among(Unit.id, viewer.units)))
    if viewer.headed or viewer.is_admin:
        return or_(own, recipient.not_in(_addresses_of(Unit.id.is_not(None))))
    return own


def _addresses_of(units: ColumnElement[bool]) -> CompoundSelect[str]:
    mailboxes = select(func.lower(Unit.mailbox)).where(units)
    return union(mailboxes, select(Unit.phone).where(units))
