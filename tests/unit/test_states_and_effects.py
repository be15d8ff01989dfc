from __future__ import annotations

import pytest

from app.core.errors import ConflictError
from app.sla.effects import EFFECT
from app.sla.facts import FactKind
from app.tickets.events import EventKind
from app.tickets.states import State, Step, after, allows


def test_every_kind_of_event_says_what_it_means_to_the_clocks() -> None:
    assert set(EFFECT) == set(EventKind)


def test_only_people_s_answers_stop_the_first_response() -> None:
    responses = {kind for kind, fact in EFFECT.items() if fact in {FactKind.AGENT_REPLY, FactKind.CALL_ANSWERED}}
    assert responses == {EventKind.REPLIED, EventKind.CALL_ANSWERED}


def test_a_letter_counts_when_posted_not_when_written() -> None:
    assert EFFECT[EventKind.LETTER_WRITTEN] is None


@pytest.mark.parametrize(
    ("state", "step", "following"),
    [
        (State.NEW, Step.TAKE, State.OPEN),
        (State.WAITING, Step.CITIZEN_WROTE, State.OPEN),
        (State.RESOLVED, Step.CITIZEN_WROTE, State.OPEN),
        (State.OPEN, Step.PAUSE, State.WAITING),
        (State.OPEN, Step.TRANSFER, State.NEW),
        (State.RESOLVED, Step.REOPEN, State.OPEN),
    ],
)
def test_the_table_leads_from_state_to_state(state: State, step: Step, following: State) -> None:
    assert after(state, step) == following
    assert allows(state, step)


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (State.RESOLVED, Step.RESOLVE),
        (State.RESOLVED, Step.TRANSFER),
        (State.OPEN, Step.REOPEN),
        (State.OPEN, Step.RESUME),
        (State.RESOLVED, Step.PAUSE),
    ],
)
def test_what_the_table_does_not_know_is_refused(state: State, step: Step) -> None:
    assert not allows(state, step)
    with pytest.raises(ConflictError):
        after(state, step)
