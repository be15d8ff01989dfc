"""Opening hours, targets, and the stored clocks: a cache that `sla.clocks` can rebuild from events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class CalendarRow(Base):
    """A unit's opening hours. A change is a new row; tickets keep the one they were given."""

    __tablename__ = "sla_calendar"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    created_at: Mapped[datetime]
    data: Mapped[dict[str, Any]]
    """tz, week, closed, special: see `sla.calendar`"""


class PolicyRow(Base):
    """What a unit promises. A change is a new row; tickets keep what they were promised."""

    __tablename__ = "sla_policy"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    created_at: Mapped[datetime]
    data: Mapped[dict[str, Any]]
    """targets, pause_on: see `sla.policy`"""


class RolloutRow(Base):
    """An order to give a unit's open tickets its newest `hours`, `targets` or both; it has come to `through_id`."""

    __tablename__ = "sla_rollout"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    ordered_at: Mapped[datetime]
    hours: Mapped[bool]
    targets: Mapped[bool]
    through_id: Mapped[int]
    changed: Mapped[int]
    """how many tickets it has changed"""
    done_at: Mapped[datetime | None]


class ClockRow(Base):
    """One clock of a ticket. Seconds: `elapsed_s` of opening time, `calendar_s` by the wall."""

    __tablename__ = "sla_clock"
    __table_args__ = (
        UniqueConstraint("ticket_id", "metric", "instance"),
        Index("ix_sla_clock_stopped", "metric", "stopped_at", "unit_id", "channel"),
        Index("ix_sla_clock_counted", "metric", "counted_at", "counted_unit_id", "channel"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    metric: Mapped[str] = mapped_column(String(20))
    instance: Mapped[int]
    channel: Mapped[str] = mapped_column(String(10))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    """who holds it, or held it when it stopped"""
    started_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    paused_since: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(String(12))
    """met, missed, cancelled, merged, paused or running; running past its due instant is overdue"""
    elapsed_s: Mapped[int]
    calendar_s: Mapped[int]
    lost_s: Mapped[int] = mapped_column(default=0, server_default="0")
    """opening time that pauses took"""
    calendar_id: Mapped[int | None]
    """the hours that it runs by"""
    counted_at: Mapped[datetime | None]
    """the earlier of stop and due instant; NULL when it never counts"""
    counted_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    target: Mapped[dict[str, Any]]


class StintRow(Base):
    """A stretch in which a ticket was open and held by one unit."""

    __tablename__ = "stint"
    __table_args__ = (
        Index("ix_stint_unit", "unit_id", "started_at", "ended_at"),
        Index("ix_stint_ticket", "ticket_id", "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    channel: Mapped[str] = mapped_column(String(10))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
