"""Processes say that they are alive, and when a backup was restored is known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.core.db

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_of_life",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", app.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("since", app.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sign_of_life")),
    )


    with op.batch_alter_table("authority") as table:
        table.add_column(sa.Column("restored_at", app.core.db.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("authority") as table:
        table.drop_column("restored_at")
    op.drop_table("sign_of_life")
