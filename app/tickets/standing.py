"""The state that a ticket's events leave it in, reckoned anew when an answer is taken back."""

from __future__ import annotations

from collections.abc import Iterable

from app.tickets.events import EventKind
from app.tickets.models import Event
from app.tickets.states import State, Step, after, allows

_STEPS = {
    EventKind.CITIZEN_MESSAGE: Step.CITIZEN_WROTE,
    EventKind.CALL_ANSWERED: Step.TAKE,
    EventKind.LETTER_WRITTEN: Step.TAKE,
    EventKind.REPLIED: Step.ANSWER,
    EventKind.PAUSED: Step.PAUSE,
    EventKind.RESUMED: Step.RESUME,
    EventKind.RESOLVED: Step.RESOLVE,
    EventKind.REOPENED: Step.REOPEN,
    EventKind.TRANSFERRED: Step.TRANSFER,
}


def standing(events: Iterable[Event], *, without: int) -> State:
    """The state as if message `without`, and those taken back before, had never been written."""
    told = sorted(events, key=lambda event: event.id)
    undone = {event.message_id for event in told if event.kind == EventKind.REPLY_UNDONE} | {without}
    state = State.NEW
    for event in told:
        step = _step(event) if event.message_id is None or event.message_id not in undone else None
        if step is not None and allows(state, step):  # what only followed from the answer leads nowhere without it
            state = after(state, step)
    return state


def _step(event: Event) -> Step | None:
    if event.kind == EventKind.ASSIGNED:
        return Step.TAKE if event.data.get("to") is not None else None
    return _STEPS.get(EventKind(event.kind))
