"""What a unit promises is kept in versions, as its opening hours are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

import app.core.db

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INSTANT = app.core.db.UtcDateTime(timezone=True)
POLICY = sa.table(
    "sla_policy",
    sa.column("id", sa.Integer),
    sa.column("unit_id", sa.Integer),
    sa.column("created_at", INSTANT),
    sa.column("data", sa.JSON),
)
TARGET = sa.table(
    "sla_target",
    sa.column("unit_id", sa.Integer),
    sa.column("channel", sa.String),
    sa.column("metric", sa.String),
    sa.column("kind", sa.String),
    sa.column("amount", sa.Integer),
    sa.column("share", sa.Float),
)


def upgrade() -> None:
    op.create_table(
        "sla_policy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_sla_policy_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_policy")),
    )
    op.create_index(op.f("ix_sla_policy_unit_id"), "sla_policy", ["unit_id"])
    _make_policies()
    op.drop_table("sla_target")


def downgrade() -> None:
    op.create_table(
        "sla_target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("metric", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_sla_target_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_target")),
        sa.UniqueConstraint("unit_id", "channel", "metric", name=op.f("uq_sla_target_unit_id_channel_metric")),
    )
    rows = op.get_bind().execute(sa.select(POLICY.c.unit_id, POLICY.c.data).order_by(POLICY.c.id))
    newest = {unit_id: data for unit_id, data in rows}
    if targets := [row for unit_id, data in newest.items() for row in _rows(unit_id, data)]:
        op.bulk_insert(TARGET, targets)
    op.drop_table("sla_policy")


def _make_policies() -> None:
    policies: dict[int, dict[str, Any]] = {}
    for row in op.get_bind().execute(sa.select(TARGET)).mappings():
        promised = policies.setdefault(row["unit_id"], {}).setdefault(row["channel"], {})
        promised[row["metric"]] = {name: row[name] for name in ("kind", "amount", "share")}
    at = datetime.now(UTC)
    made = [
        {"unit_id": unit_id, "created_at": at, "data": {"targets": targets, "pause_on": ["citizen"]}}
        for unit_id, targets in sorted(policies.items())
    ]
    if made:
        op.bulk_insert(POLICY, made)


def _rows(unit_id: int, data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The targets that the table before knew: no others had been promised then."""
    for channel, metrics in data["targets"].items():
        for metric, told in metrics.items():
            if told["kind"] in ("minutes", "working_days"):
                promise = {name: told[name] for name in ("kind", "amount", "share")}
                yield {"unit_id": unit_id, "channel": channel, "metric": metric, **promise}
