"""Tickets are merged and linked, citizens too, and some identities are protected."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.core.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ticket", sa.Column("merged_into", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_ticket_merged_into"), "ticket", ["merged_into"])
    op.add_column("ticket", sa.Column("is_begun", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "ticket_link",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("at", app.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["other_id"], ["ticket.id"], name=op.f("fk_ticket_link_other_id_ticket")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_link_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("ticket_id", "other_id", name=op.f("pk_ticket_link")),
    )
    op.create_index(op.f("ix_ticket_link_other_id"), "ticket_link", ["other_id"])
    op.add_column("user_account", sa.Column("sees_protected", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("person", sa.Column("protection", sa.String(length=20), nullable=False, server_default=""))
    op.add_column("person", sa.Column("merged_into", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_person_merged_into"), "person", ["merged_into"])
    op.create_index(op.f("ix_message_person_id"), "message", ["person_id"])
    op.create_index(op.f("ix_call_person_id"), "call", ["person_id"])
    op.create_table(
        "person_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("gone_id", sa.Integer(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", app.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("undone_at", app.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["gone_id"], ["person.id"], name=op.f("fk_person_merge_gone_id_person")),
        sa.ForeignKeyConstraint(["kept_id"], ["person.id"], name=op.f("fk_person_merge_kept_id_person")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_person_merge_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merge")),
    )
    op.create_index(op.f("ix_person_merge_gone_id"), "person_merge", ["gone_id"])
    op.create_index(op.f("ix_person_merge_kept_id"), "person_merge", ["kept_id"])
    op.create_table(
        "bulk_job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.JSON(), nullable=False),
        sa.Column("at", app.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_bulk_job_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_job")),
    )
    op.create_index(op.f("ix_bulk_job_user_id"), "bulk_job", ["user_id"])
    op.create_table(
        "bulk_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["bulk_job.id"], name=op.f("fk_bulk_row_job_id_bulk_job")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_bulk_row_ticket_id_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_row")),
    )
    op.create_index("ix_bulk_row_job", "bulk_row", ["job_id", "id"])
    waiting = sa.text("outcome = 'waiting'")
    op.create_index("ix_bulk_row_waiting", "bulk_row", ["id"], sqlite_where=waiting, postgresql_where=waiting)


def downgrade() -> None:
    op.drop_table("bulk_row")
    op.drop_table("bulk_job")
    op.drop_table("person_merge")
    op.drop_index(op.f("ix_call_person_id"), "call")
    op.drop_index(op.f("ix_message_person_id"), "message")
    op.drop_index(op.f("ix_person_merged_into"), "person")
    op.drop_column("person", "merged_into")
    op.drop_column("person", "protection")
    op.drop_column("user_account", "sees_protected")
    op.drop_table("ticket_link")
    op.drop_index(op.f("ix_ticket_merged_into"), "ticket")
    op.drop_column("ticket", "is_begun")
    op.drop_column("ticket", "merged_into")
