"""What lists count stands in their indexes, so that counting reads no tickets; SQLite learns which of them to take.

PostgreSQL gathers its own statistics. SQLite has none until somebody asks for them, and guesses that ten tickets of a
unit are as many as of a citizen: see `docs/adr/0013-sqlite-plans-for-many-tickets.md`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OPEN, MERGED = sa.text("state != 'resolved'"), sa.text("merged_into IS NOT NULL")
OPEN_DUE = ["unit_id", "order_at", "id"]
COUNTED = ["due_at", "assignee_id", "state", "snoozed_until", "soon_at"]
CHANGED = ["unit_id", "changed_at", "id"]
STATISTICS = {
    "sqlite_autoindex_ticket_1": "100000 1",
    "ix_ticket_open_assignee": "2873 115 3 1",
    "ix_ticket_open_due": "2873 479 5 1 1 1 1 1 1",
    "ix_ticket_unit_changed": "100000 16667 1 1 1 1",
    "ix_ticket_person_id": "100000 3",
    "ix_ticket_merged_into": "1000 2",
    "ix_ticket_unsuggested": "20 1",
}
"""index -> how many rows, and how many of them have the same first, first two ... columns"""


def upgrade() -> None:
    _replace([*OPEN_DUE, *COUNTED], [*CHANGED, "state", "merged_into"])
    op.drop_index("ix_ticket_merged_into", "ticket")
    op.create_index(
        "ix_ticket_merged_into", "ticket", ["merged_into"], sqlite_where=MERGED, postgresql_where=MERGED
    )
    if op.get_bind().dialect.name == "sqlite":
        _tell(STATISTICS)


def downgrade() -> None:
    _replace(OPEN_DUE, CHANGED)
    op.drop_index("ix_ticket_merged_into", "ticket")
    op.create_index("ix_ticket_merged_into", "ticket", ["merged_into"])
    if op.get_bind().dialect.name == "sqlite":
        _tell({})


def _tell(statistics: dict[str, str]) -> None:
    """Only ANALYZE makes the table that the planner reads; what it says of tickets is replaced."""
    op.execute("ANALYZE ticket")
    op.execute("DELETE FROM sqlite_stat1 WHERE tbl = 'ticket'")
    table = sa.table("sqlite_stat1", sa.column("tbl"), sa.column("idx"), sa.column("stat"))
    if statistics:
        op.bulk_insert(table, [{"tbl": "ticket", "idx": name, "stat": stat} for name, stat in statistics.items()])


def _replace(open_due: list[str], changed: list[str]) -> None:
    op.drop_index("ix_ticket_open_due", "ticket")
    op.create_index("ix_ticket_open_due", "ticket", open_due, sqlite_where=OPEN, postgresql_where=OPEN)
    op.drop_index("ix_ticket_unit_changed", "ticket")
    op.create_index("ix_ticket_unit_changed", "ticket", changed)
