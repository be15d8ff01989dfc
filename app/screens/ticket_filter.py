"""Which tickets a list shows: everything in it stands in the address, so that a list can be shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import ColumnElement, and_, bindparam, exists, false, or_
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer, may_report
from app.core.db import UtcDateTime, among
from app.core.errors import InvalidInputError, NotFoundError
from app.reports.cells import Cell, behind
from app.tickets import labels
from app.tickets.labels import TicketLabel
from app.tickets.models import Ticket
from app.tickets.states import State
from channels.contract import ChannelName

HOUR = timedelta(hours=1)
NOW, HOUR_ON = bindparam("now", type_=UtcDateTime()), bindparam("hour_on", type_=UtcDateTime())
"""the instant that a list is looked at, so that a person's queries are built once and not with every page"""
CHOICES = {
    "state": tuple(State),
    "channel": tuple(ChannelName),
    "who": ("mine", "nobody"),
    "due": ("overdue", "hour"),
    "aside": ("yes",),
}
COLUMNS = (
    "due",
    "subject",
    "citizen",
    "state",
    "topic",
    "channel",
    "assignee",
    "unit",
    "arrived",
    "changed",
    "language",
    "reference",
)
"""what the table of a list can show, in the order in which it stands"""
SORTED_BY = ("due", "subject", "citizen", "state", "channel", "assignee", "unit", "arrived", "changed")


@dataclass(frozen=True)
class TicketFilter:
    """A list's filter; empty = all open tickets of the person's units.

    `columns` = the list is a table of these, with commas between; `sort` is one of them, "-" before it for the last
    first.
    """

    unit: int | None = None
    state: str = ""
    channel: str = ""
    who: str = ""
    due: str = ""
    aside: str = ""
    cell: str = ""
    label: str = ""
    columns: str = ""
    sort: str = ""

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> Self:
        """The filter that an address holds. Raises InvalidInputError naming each faulty part."""
        faults = {
            name: "There is no such choice."
            for name, allowed in CHOICES.items()
            if given.get(name, "") not in {"", *allowed}
        }
        unit = given.get("unit", "")
        if unit and not (unit.isascii() and unit.isdigit() and len(unit) < 10):
            faults["unit"] = "There is no such choice."
        columns = [name for name in COLUMNS if name in given.get("columns", "").split(",")]
        if given.get("sort", "").removeprefix("-") not in {"", *SORTED_BY}:
            faults["sort"] = "There is no such choice."
        if faults:
            raise InvalidInputError(faults)
        if given.get("cell"):
            Cell.parse(given["cell"])
        named = {name: given.get(name, "") for name in (*CHOICES, "cell")}
        named["label"] = labels.normal(given.get("label", ""))[: labels.LONGEST]
        shown = {"columns": ",".join(columns), "sort": given.get("sort", "")}
        return cls(unit=int(unit) if unit else None, **named, **shown)

    @property
    def by_change(self) -> bool:
        """Whether the newest change comes first instead of what is due: there is nothing due in what is resolved."""
        return self.state == State.RESOLVED or bool(self.cell)

    def params(self) -> dict[str, str]:
        """The filter as parameters of an address; empty ones are left out."""
        named = {"unit": str(self.unit or ""), "cell": self.cell, "label": self.label}
        named |= {name: getattr(self, name) for name in CHOICES} | {"columns": self.columns, "sort": self.sort}
        return {name: value for name, value in named.items() if value}

    def chips(self) -> dict[str, str]:
        """What narrows the list, without how it is shown."""
        return {name: value for name, value in self.params().items() if name not in {"columns", "sort"}}

    def with_(self, **changed: str) -> TicketFilter:
        """The same filter with other parts; "" takes one away."""
        return self.parse({**self.params(), **changed})

    def without(self, name: str) -> TicketFilter:
        """The same filter with one part taken away."""
        return self.parse({key: value for key, value in self.params().items() if key != name})


def seen_at(now: datetime) -> dict[str, datetime]:
    """What queries with `NOW` and `HOUR_ON` are asked with."""
    return {"now": now, "hour_on": now + HOUR}


def conditions(session: Session, wanted: TicketFilter, viewer: Viewer) -> list[ColumnElement[bool]]:
    """The filter as SQL within what the person may see, to be asked with `seen_at`.

    Only a filter with a figure behind it asks the database for them. Raises NotFoundError for a unit or figure not
    theirs.
    """
    found = [_scope(session, wanted, viewer), *_standing(wanted)]
    if wanted.label:
        has_it = exists().where(TicketLabel.ticket_id == Ticket.id, TicketLabel.label == wanted.label)
        found.append(has_it)
    if wanted.channel:
        found.append(Ticket.channel == wanted.channel)
    if wanted.who:
        found.append(Ticket.assignee_id == viewer.user_id if wanted.who == "mine" else Ticket.assignee_id.is_(None))
    if wanted.due:
        found.append(Ticket.due_at < NOW if wanted.due == "overdue" else Ticket.due_at.between(NOW, HOUR_ON))
    return found


def _standing(wanted: TicketFilter) -> list[ColumnElement[bool]]:
    """The states that a list shows, and whether what is put aside is in it: never unless it is asked for."""
    if wanted.cell:
        return [Ticket.state == wanted.state] if wanted.state else []
    state = Ticket.state == wanted.state if wanted.state else Ticket.state != State.RESOLVED
    if wanted.aside:
        return [state, is_aside()]
    if wanted.state == State.RESOLVED:
        return [state, Ticket.merged_into.is_(None)]
    return [state, is_shown()]


def is_aside() -> ColumnElement[bool]:
    """Whether a ticket is put aside at `NOW`; one whose clock is soon due is shown all the same."""
    return and_(Ticket.snoozed_until > NOW, or_(Ticket.soon_at.is_(None), Ticket.soon_at > NOW))


def is_shown() -> ColumnElement[bool]:
    """Whether it is not; said so that nearly every ticket is known by the first of the three."""
    return or_(Ticket.snoozed_until.is_(None), Ticket.snoozed_until <= NOW, Ticket.soon_at <= NOW)


def _scope(session: Session, wanted: TicketFilter, viewer: Viewer) -> ColumnElement[bool]:
    """The tickets that the person's units hold; behind a figure, also those that the figure's unit no longer holds."""
    if wanted.unit is not None and wanted.unit not in viewer.units:
        raise NotFoundError("There is no such unit.")
    if wanted.cell:
        cell = Cell.parse(wanted.cell)
        if not may_report(viewer, cell.unit_id):
            raise NotFoundError("There is no such figure.")
        return behind(session, cell)
    units = {wanted.unit} if wanted.unit is not None else viewer.units
    return among(Ticket.unit_id, units) if units else false()
