"""An order for many tickets can be undone: what stood before is kept with each of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.core.db

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bulk_job", sa.Column("undoes", sa.Integer(), nullable=True))
    op.create_index("ix_bulk_job_undoes", "bulk_job", ["undoes"], unique=True)
    op.add_column("bulk_row", sa.Column("done_at", app.core.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column("bulk_row", sa.Column("before", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("bulk_row", "before")
    op.drop_column("bulk_row", "done_at")
    op.drop_index("ix_bulk_job_undoes", "bulk_job")
    op.drop_column("bulk_job", "undoes")
