"""A ticket may wait until an instant only: when its pause ends by itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.core.db

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

INSTANT = app.core.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "pause_end",
        sa.Column("ticket_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_pause_end_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_pause_end")),
    )
    op.create_index(op.f("ix_pause_end_ends_at"), "pause_end", ["ends_at"])


def downgrade() -> None:
    op.drop_table("pause_end")
