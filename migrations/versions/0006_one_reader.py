"""One worker at a time reads a source."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.core.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("source") as table:
        table.add_column(sa.Column("held_by", sa.String(length=60), nullable=True))
        table.add_column(sa.Column("held_until", app.core.db.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("source") as table:
        table.drop_column("held_until")
        table.drop_column("held_by")
