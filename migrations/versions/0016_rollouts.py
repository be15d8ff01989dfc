"""A change of hours or targets can go to open tickets too: how far it has come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.core.db

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INSTANT = app.core.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sla_rollout",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("ordered_at", INSTANT, nullable=False),
        sa.Column("hours", sa.Boolean(), nullable=False),
        sa.Column("targets", sa.Boolean(), nullable=False),
        sa.Column("through_id", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_sla_rollout_unit_id_unit")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_sla_rollout_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_rollout")),
    )
    op.create_index(op.f("ix_sla_rollout_unit_id"), "sla_rollout", ["unit_id"])


def downgrade() -> None:
    op.drop_table("sla_rollout")
