"""Tickets are followed, colleagues mentioned, and the authority is administered in the desk."""

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


    op.create_table(
        "access_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("created_at", app.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", app.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", app.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("not_before", app.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_access_link_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_link")),
    )
    op.create_index(op.f("ix_access_link_user_id"), "access_link", ["user_id"])
    op.create_index("ix_access_link_due", "access_link", ["state", "not_before"])
    op.add_column("authority", sa.Column("tuned", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("unit", sa.Column("closed_at", app.core.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column("user_account", sa.Column("undo_seconds", sa.Integer(), nullable=True))
    op.add_column("topic", sa.Column("is_retired", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("topic", "is_retired")
    op.drop_column("user_account", "undo_seconds")
    op.drop_column("unit", "closed_at")
    op.drop_column("authority", "tuned")
    op.drop_table("access_link")
    op.drop_table("mention")
    op.drop_table("ticket_visit")
    op.drop_table("ticket_follower")
