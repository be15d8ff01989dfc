"""What an agent is writing: the mode, the words, the channel, what follows, and the suggestions used in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from werkzeug.datastructures import MultiDict

from app.screens.ticket_page import TicketPage
from app.tickets.drafts import Mode, Written
from app.tickets.models import MessageKind
from app.tickets.states import State
from app.web.row_ids import row_id

MODES = tuple(Mode)
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
    seen_id: int = 0
    """the newest message between us and the citizen that the writer had before them when they began"""
    revision: int = 0
    """of the draft that these words come from, 0 for none"""
    faults: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def blank(cls, page: TicketPage, *, mode: str) -> Self:
        """An empty one; a call without a note yet asks for the note first."""
        chosen = mode if mode in MODES else "call" if _awaits_call_note(page) else "reply"
        if chosen == "call" and not page.timeline.has_call:
            chosen = "reply"
        if mode not in MODES and page.drafts and chosen not in page.drafts:
            chosen = next(iter(page.drafts))
        channel = page.answer_channels[0] if page.answer_channels else ""
        blank = cls(mode=chosen, channel=channel, seen_id=page.newest_id)
        return blank.with_draft(page) if chosen in page.drafts else blank

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
            seen_id=max(_known(form, "seen"), _known(form, "confirmed")),
            revision=_revision(form),
            faults=dict(faults or {}),
        )

    def with_draft(self, page: TicketPage) -> Self:
        """The same with the words that the person left there; a channel that is no more is not chosen."""
        draft = page.drafts[self.mode]
        kept: dict[str, Any] = {"body": draft.body, "revision": draft.revision, "seen_id": draft.seen_id}
        kept["used"] = tuple(int(number) for number in draft.used)
        if draft.channel in page.answer_channels:
            kept["channel"] = draft.channel
        if draft.then in FOLLOWING:
            kept["then"] = draft.then
        return replace(self, **kept)

    def written(self) -> Written:
        """What of it is kept as a draft."""
        return Written(self.body, self.channel[:10], self.then[:20], self.used, self.seen_id)

    def with_suggestion(self, suggestion_id: int, text: str) -> Self:
        """The article's text put below what is there."""
        used = (*(known for known in self.used if known != suggestion_id), suggestion_id)
        return replace(self.with_text(text), used=used)

    def with_text(self, text: str) -> Self:
        """A text put below what is there."""
        body = f"{self.body.rstrip()}\n\n{text}" if self.body.strip() else text
        return replace(self, mode="reply", body=body)

    def with_body(self, body: str) -> Self:
        """The same with other words."""
        return replace(self, body=body)


def _known(form: MultiDict[str, str], name: str) -> int:
    return form.get(name, type=row_id) or 0


def _revision(form: MultiDict[str, str]) -> int:
    text = form.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _awaits_call_note(page: TicketPage) -> bool:
    calls = [entry for entry in page.timeline.spoken if entry.message.kind == MessageKind.CALL]
    return bool(calls) and not calls[-1].message.body and page.ticket.state != State.RESOLVED
