"""What a person saw of a ticket before they changed it: whoever was faster is not overwritten unseen.

A form tells the values that it showed. They are compared one by one, not by the ticket's version: that rises with every
receipt and delivery, which change nothing that the person decides on.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.core.errors import ConflictError
from app.tickets.models import Ticket

FIELDS = {
    "assignee": "assignee_id",
    "state": "state",
    "unit": "unit_id",
    "topic": "topic_id",
    "language": "language",
}
"""what forms call the fields, and their columns"""


class ChangedMeanwhileError(ConflictError):
    """Somebody was faster; `changed` maps each field to what the person saw and what stands there now."""

    def __init__(self, changed: Mapping[str, tuple[str, str]]) -> None:
        super().__init__(", ".join(sorted(changed)))
        self.changed = dict(changed)


def value_of(ticket: Ticket, name: str) -> str:
    """A field as forms tell it; "" for none."""
    value = getattr(ticket, FIELDS[name])
    return "" if value is None else str(value)


def demand_unchanged(ticket: Ticket, seen: Mapping[str, str]) -> None:
    """Raise ChangedMeanwhileError unless each of the fields is as it was seen."""
    now = {name: value_of(ticket, name) for name in seen if name in FIELDS}
    changed = {name: (seen[name], value) for name, value in now.items() if value != seen[name]}
    if changed:
        raise ChangedMeanwhileError(changed)
