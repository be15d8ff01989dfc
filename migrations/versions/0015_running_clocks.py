"""A clock tells the hours that it runs by and what pauses took of it, so that a change can be previewed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BATCH = 1000
CLOCK = sa.table("sla_clock", sa.column("ticket_id", sa.Integer), sa.column("calendar_id", sa.Integer))
EVENT = sa.table(
    "event",
    sa.column("id", sa.Integer),
    sa.column("ticket_id", sa.Integer),
    sa.column("kind", sa.String),
    sa.column("data", sa.JSON),
)


def upgrade() -> None:
    op.add_column("sla_clock", sa.Column("lost_s", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("sla_clock", sa.Column("calendar_id", sa.Integer(), nullable=True))
    highest = op.get_bind().execute(sa.select(sa.func.max(CLOCK.c.ticket_id))).scalar() or 0
    for first in range(0, highest, BATCH):
        _tell_calendars(first + 1, first + BATCH)


def downgrade() -> None:
    op.drop_column("sla_clock", "calendar_id")
    op.drop_column("sla_clock", "lost_s")


def _tell_calendars(first: int, last: int) -> None:
    """The calendar of each ticket's last terms; a clock that stopped before a move is put right by `verify sla`."""
    query = sa.select(EVENT.c.ticket_id, EVENT.c.data).where(
        EVENT.c.ticket_id.between(first, last), EVENT.c.kind.in_(("created", "transferred"))
    )
    calendars: dict[int, Any] = {}
    for ticket_id, data in op.get_bind().execute(query.order_by(EVENT.c.id)):
        calendars[ticket_id] = (data.get("terms") or {}).get("calendar", calendars.get(ticket_id))
    of_calendar: dict[int, list[int]] = {}
    for ticket_id, calendar_id in calendars.items():
        if calendar_id is not None:
            of_calendar.setdefault(calendar_id, []).append(ticket_id)
    for calendar_id, ticket_ids in of_calendar.items():
        op.execute(sa.update(CLOCK).where(CLOCK.c.ticket_id.in_(ticket_ids)).values(calendar_id=calendar_id))
