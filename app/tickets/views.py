"""Views that people keep: a list's filter under a name, for oneself, for a unit or for everybody."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ForeignKey, String, and_, bindparam, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base


class SavedView(Base):
    """A view. `user_id` set = that person's own; else `unit_id` set = that unit's; else everybody's."""

    __tablename__ = "saved_view"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str] = mapped_column(String(60))
    params: Mapped[dict[str, Any]]
    """the filter as the address of its list holds it"""


_VISIBLE = (
    select(SavedView)
    .where(
        or_(
            SavedView.user_id == bindparam("user_id"),
            SavedView.unit_id.in_(bindparam("units", expanding=True)),
            and_(SavedView.unit_id.is_(None), SavedView.user_id.is_(None)),
        )
    )
    .order_by(SavedView.user_id.is_(None), SavedView.unit_id.is_(None), SavedView.name)
)


def visible(session: Session, user_id: int, units: Collection[int]) -> list[SavedView]:
    """The views of a person, their units and everybody, the own first; none of another unit's tickets. One query."""
    asked = {"user_id": user_id, "units": sorted(units)}
    return [view for view in session.scalars(_VISIBLE, asked) if int(view.params.get("unit") or 0) in {0, *units}]
