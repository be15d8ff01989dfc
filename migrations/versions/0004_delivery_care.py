"""Deliveries are paced, and addresses that cannot be reached are remembered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.core.db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outbox") as table:
        table.add_column(sa.Column("to_key", sa.String(length=400), nullable=False, server_default=""))
        table.add_column(sa.Column("to_domain", sa.String(length=255), nullable=False, server_default=""))
        table.add_column(sa.Column("needs_person", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.drop_index("ix_outbox_to")
    op.create_index("ix_outbox_key_at", "outbox", ["to_key", "at"])
    op.create_index("ix_outbox_domain_at", "outbox", ["to_domain", "at"])
    op.create_index("ix_outbox_claimed_at", "outbox", ["claimed_at", "to_domain"])
    automatic, needing = sa.text("is_automatic"), sa.text("needs_person")
    op.create_index("ix_outbox_automatic_at", "outbox", ["at"], sqlite_where=automatic, postgresql_where=automatic)
    op.create_index("ix_outbox_needs_person", "outbox", ["id"], sqlite_where=needing, postgresql_where=needing)
    withheld = sa.text("kind = 'acknowledgement_withheld'")
    op.create_index("ix_event_withheld", "event", ["recorded_at"], sqlite_where=withheld, postgresql_where=withheld)
    op.create_table(
        "failing_address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", app.core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("suppressed_at", app.core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failing_address")),
        sa.UniqueConstraint("address", name=op.f("uq_failing_address_address")),
    )


def downgrade() -> None:
    op.drop_table("failing_address")
    op.drop_index("ix_event_withheld", "event")
    for name in ("needs_person", "automatic_at", "claimed_at", "domain_at", "key_at"):
        op.drop_index(f"ix_outbox_{name}", "outbox")
    with op.batch_alter_table("outbox") as table:
        table.create_index("ix_outbox_to", ["to_address", "at"])
        table.drop_column("needs_person")
        table.drop_column("to_domain")
        table.drop_column("to_key")
