"""The desk opens with the list that a person has chosen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user_account", sa.Column("starts_with", sa.String(length=20), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("user_account", "starts_with")
