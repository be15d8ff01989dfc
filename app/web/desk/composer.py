"""What an agent is writing: the mode, the words, the channel, what follows, and the suggestions used in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from werkzeug.datastructures import MultiDict

from app.screens.ticket_page import TicketPage
from app.tickets.models import MessageKind
from app.tickets.states import State
from app.web.row_ids import row_id

MODES = ("reply", "note", "call")
FOLLOWING = (State.RESOLVED, State.WAITING, State.OPEN)
"""what can follow an answer, the usual first"""


@dataclass(frozen=True)
class Composer:
    """The state of the form below the timeline."""

    mode: str = "reply"
    body: str = ""
    channel: str = ""
    then: str = State.RESOLVED
    used: tuple[int, ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def blank(cls, page: TicketPage, *, mode: str) -> Self:
        """An empty one; a call without a note yet asks for the note first."""
        chosen = mode if mode in MODES else "call" if _awaits_call_note(page) else "reply"
        if chosen == "call" and not page.timeline.has_call:
            chosen = "reply"
        channel = page.answer_channels[0] if page.answer_channels else ""
        return cls(mode=chosen, channel=channel)

    @classmethod
    def typed(cls, form: MultiDict[str, str], *, mode: str, faults: Mapping[str, str] | None = None) -> Self:
        """What was sent, to be shown again."""
        used = tuple(form.getlist("used", type=row_id))
        return cls(
            mode=mode,
            body=form.get("body", "").replace("\r\n", "\n"),
            channel=form.get("channel", ""),
            then=form.get("then", State.RESOLVED),
            used=used[:20],
            faults=dict(faults or {}),
        )

    def with_suggestion(self, suggestion_id: int, text: str) -> Self:
        """The article's text put below what is there."""
        body = f"{self.body.rstrip()}\n\n{text}" if self.body.strip() else text
        used = (*(known for known in self.used if known != suggestion_id), suggestion_id)
        return replace(self, mode="reply", body=body, used=used)

    def with_body(self, body: str) -> Self:
        """The same with other words."""
        return replace(self, body=body)


def _awaits_call_note(page: TicketPage) -> bool:
    calls = [entry for entry in page.timeline.spoken if entry.message.kind == MessageKind.CALL]
    return bool(calls) and not calls[-1].message.body and page.ticket.state != State.RESOLVED
