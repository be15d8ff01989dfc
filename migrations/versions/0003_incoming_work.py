"""Items of the ledger are worked on, and compared with the mail server."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.core.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("inbound") as table:
        table.add_column(sa.Column("mail_id", sa.String(length=998), nullable=False, server_default=""))
        table.add_column(sa.Column("note", sa.String(length=400), nullable=False, server_default=""))
        table.add_column(sa.Column("handled_by", sa.Integer(), nullable=True))
        table.add_column(sa.Column("handled_at", app.core.db.UtcDateTime(timezone=True), nullable=True))
        table.create_foreign_key(op.f("fk_inbound_handled_by_user_account"), "user_account", ["handled_by"], ["id"])
    op.create_index(op.f("ix_inbound_mail_id"), "inbound", ["mail_id"])
    handled = sa.text("handled_at IS NOT NULL")
    op.create_index("ix_inbound_handled", "inbound", ["id"], sqlite_where=handled, postgresql_where=handled)
    op.create_index(op.f("ix_blob_sha256"), "blob", ["sha256"])
    op.create_table(
        "verification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("night", sa.Date(), nullable=True),
        sa.Column("at", app.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("named", sa.JSON(), nullable=False),
        sa.Column("failure", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
        sa.UniqueConstraint("source", "night", name=op.f("uq_verification_source_night")),
    )


def downgrade() -> None:
    op.drop_table("verification")
    op.drop_index(op.f("ix_blob_sha256"), "blob")
    op.drop_index("ix_inbound_handled", "inbound")
    op.drop_index(op.f("ix_inbound_mail_id"), "inbound")
    with op.batch_alter_table("inbound") as table:
        table.drop_constraint(op.f("fk_inbound_handled_by_user_account"), type_="foreignkey")
        for name in ("handled_at", "handled_by", "note", "mail_id"):
            table.drop_column(name)
