"""The states of a ticket and what leads from one to another: one table, nothing else decides."""

from __future__ import annotations

from enum import StrEnum

from app.core.errors import ConflictError


class State(StrEnum):
    """Where a ticket stands."""

    NEW = "new"
    """nobody has taken it yet"""
    OPEN = "open"
    """somebody works on it, or it came back"""
    WAITING = "waiting"
    """we asked for something and wait"""
    RESOLVED = "resolved"


class Step(StrEnum):
    """What can move a ticket."""

    CITIZEN_WROTE = "citizen_wrote"
    TAKE = "take"
    ANSWER = "answer"
    PAUSE = "pause"
    RESUME = "resume"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    TRANSFER = "transfer"


PAUSE_REASONS = ("citizen", "third_party")

_NEXT: dict[Step, dict[State, State]] = {
    Step.CITIZEN_WROTE: {
        State.NEW: State.NEW,
        State.OPEN: State.OPEN,
        State.WAITING: State.OPEN,
        State.RESOLVED: State.OPEN,
    },
    Step.TAKE: {State.NEW: State.OPEN, State.OPEN: State.OPEN, State.WAITING: State.WAITING},
    Step.ANSWER: {
        State.NEW: State.OPEN,
        State.OPEN: State.OPEN,
        State.WAITING: State.WAITING,
        State.RESOLVED: State.RESOLVED,
    },
    Step.PAUSE: {State.NEW: State.WAITING, State.OPEN: State.WAITING},
    Step.RESUME: {State.WAITING: State.OPEN},
    Step.RESOLVE: {State.NEW: State.RESOLVED, State.OPEN: State.RESOLVED, State.WAITING: State.RESOLVED},
    Step.REOPEN: {State.RESOLVED: State.OPEN},
    Step.TRANSFER: {State.NEW: State.NEW, State.OPEN: State.NEW, State.WAITING: State.WAITING},
}


def after(state: str, step: Step) -> State:
    """The state that `step` leads to. Raises ConflictError when the ticket's state does not allow it."""
    following = _NEXT[step].get(State(state))
    if following is None:
        raise ConflictError("The ticket's state does not allow this.")
    return following


def allows(state: str, step: Step) -> bool:
    """Whether a button for `step` makes sense in this state."""
    return State(state) in _NEXT[step]
