"""What there is of a ticket beside its messages: asked in one query, so that what is not there is not looked for."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BindParameter, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.core.db import rows
from app.outbox.models import OutboxRow
from app.tickets.drafts import Draft
from app.tickets.labels import TicketLabel
from app.tickets.links import TicketLink
from app.tickets.models import Attachment
from app.tickets.presence import Presence


class Beside(NamedTuple):
    """Whether there is any of each."""

    files: bool
    sendings: bool
    calls: bool
    drafts: bool
    labels: bool
    links: bool
    people: bool
    """somebody is at the ticket, or was a short while ago"""


def read_beside(session: Session, ticket_id: int) -> Beside:
    """What there is of a ticket. One query."""
    return Beside(*rows(session, _THERE_IS, {"ticket_id": ticket_id}).one())


_TICKET: BindParameter[int] = bindparam("ticket_id")
_THERE_IS = select(
    exists().where(Attachment.ticket_id == _TICKET),
    exists().where(OutboxRow.ticket_id == _TICKET),
    exists().where(Call.ticket_id == _TICKET),
    exists().where(Draft.ticket_id == _TICKET),
    exists().where(TicketLabel.ticket_id == _TICKET),
    exists().where(or_(TicketLink.ticket_id == _TICKET, TicketLink.other_id == _TICKET)),
    exists().where(Presence.ticket_id == _TICKET),
)
