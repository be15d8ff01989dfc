"""Tickets are followed, colleagues mentioned, and each person's last look is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.core.db

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ticket_follower",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=10), nullable=False),
        sa.Column("at", app.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_follower_ticket_id_ticket")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_ticket_follower_user_id_user_account")),
        sa.PrimaryKeyConstraint("user_id", "ticket_id", name=op.f("pk_ticket_follower")),
    )
    op.create_index(op.f("ix_ticket_follower_ticket_id"), "ticket_follower", ["ticket_id"])
    op.create_table(
        "ticket_visit",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("at", app.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_visit_ticket_id_ticket")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_ticket_visit_user_id_user_account")),
        sa.PrimaryKeyConstraint("user_id", "ticket_id", name=op.f("pk_ticket_visit")),
    )
    op.create_index(op.f("ix_ticket_visit_ticket_id"), "ticket_visit", ["ticket_id"])
    op.create_index(op.f("ix_ticket_visit_at"), "ticket_visit", ["at"])
    op.create_table(
        "mention",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_mention_message_id_message")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_mention_user_id_user_account")),
        sa.PrimaryKeyConstraint("message_id", "user_id", name=op.f("pk_mention")),
    )


def downgrade() -> None:
    op.drop_table("mention")
    op.drop_table("ticket_visit")
    op.drop_table("ticket_follower")
