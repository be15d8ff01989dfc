"""The same done to many tickets: each once, with an outcome, whoever is killed, and only to what is one's own."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.models import Membership, User
from app.accounts.policy import Viewer
from app.core.errors import InvalidInputError
from app.core.nudge import Queue
from app.core.system import System
from app.flows import bulk, close, draft, label, protect
from app.tickets.bulk import Action, BulkRow, Kind
from app.tickets.labels import of_tickets
from app.tickets.models import Event, Ticket
from tests.factories import Authority, arrives, mail


@pytest.fixture
def nils(authority: Authority, at: time_machine.Coordinates) -> Viewer:
    return authority.viewers["nils"]


@pytest.fixture
def five(system: System, authority: Authority, nils: Viewer) -> list[Ticket]:
    return [
        authority.ticket(
            arrives(system, mail(sender=f"c{n}@example.se", message_id=f"m{n}@x.se"), item_id=f"1:{n}").ticket_id
        )
        for n in range(5)
    ]


def references(tickets: list[Ticket]) -> list[str]:
    return [ticket.reference for ticket in tickets]


def outcomes(system: System, job_id: int) -> dict[str, tuple[str, str]]:
    with system.db.read() as session:
        rows = session.scalars(select(BulkRow).where(BulkRow.job_id == job_id))
        return {row.reference: (row.outcome, row.detail) for row in rows}


def done(system: System, viewer: Viewer, tickets: list[Ticket], action: Action) -> dict[str, tuple[str, str]]:
    job_id = bulk.order(system, viewer, references(tickets), action)
    bulk.run(system)
    return outcomes(system, job_id)


def test_each_action_does_what_it_says(system: System, authority: Authority, nils: Viewer, five: list[Ticket]) -> None:
    nora, south = authority.viewers["nora"].user_id, authority.units["southern"].id
    assert set(done(system, nils, five, Action(Kind.ASSIGN, to=nora)).values()) == {("done", "")}
    assert {authority.ticket(one.id).assignee_id for one in five} == {nora}
    done(system, nils, five, Action(Kind.LABEL, text="kampanj"))
    with system.db.read() as session:
        assert set(of_tickets(session, [one.id for one in five]).values()) == {("kampanj",)}
    done(system, nils, five[:2], Action(Kind.UNLABEL, text="kampanj"))
    with system.db.read() as session:
        assert set(of_tickets(session, [one.id for one in five])) == {one.id for one in five[2:]}
    done(system, nils, five[:1], Action(Kind.ASSIGN, to=0))
    assert authority.ticket(five[0].id).assignee_id is None
    done(system, nils, five[:3], Action(Kind.RESOLVE))
    assert [authority.ticket(one.id).state for one in five] == ["resolved"] * 3 + ["open"] * 2
    done(system, nils, five[3:], Action(Kind.MOVE, to=south, text="Finska frågor"))
    assert {authority.ticket(one.id).unit_id for one in five[3:]} == {south}
    with system.db.read() as session:
        kinds = Counter(session.scalars(select(Event.kind).where(Event.user_id == nils.user_id)))
    assert kinds == {"assigned": 6, "labelled": 5, "unlabelled": 2, "resolved": 3, "transferred": 2}


def test_the_preview_leaves_out_what_cannot_be_done_and_says_why(
    system: System, authority: Authority, nils: Viewer, five: list[Ticket]
) -> None:
    done_with, written_on, hidden, _labelled, free = five
    close.resolve(system, nils, done_with.reference)
    draft.be_present(system, authority.viewers["nora"], written_on.reference, is_writing=True)
    protect.protect(system, nils, hidden.person_id or 0, kind="marked", reason="Beslut visat i telefon")
    theirs = arrives(system, mail(to="southern@migration.example", message_id="s@x.se"), item_id="2:1")
    asked = [*references(five), authority.ticket(theirs.ticket_id).reference, "4711", free.reference]
    seen = bulk.preview(system, nils, asked, Action(Kind.ASSIGN, to=nils.user_id))
    assert references(list(seen.included)) == references(five[3:])
    assert {reference for reference, _ in seen.excluded} == set(asked) - set(references(five[3:]))
    reasons = dict(seen.excluded)
    assert reasons[done_with.reference] == "It is resolved."
    assert reasons[written_on.reference] == "A colleague is writing on it."
    assert reasons[hidden.reference] == "The citizen's identity is protected."
    assert reasons["4711"] == "There is no such ticket."
    job_id = bulk.order(system, nils, asked, Action(Kind.ASSIGN, to=nils.user_id))
    assert set(outcomes(system, job_id)) == set(references(five[3:]))
    assert Queue.BULK in system.nudge.seen  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("action", "field"),
    [
        (Action(Kind.LABEL, text=""), "label"),
        (Action(Kind.LABEL, text="x" * 41), "label"),
        (Action(Kind.MOVE, to=99, text="x"), "unit"),
        (Action(Kind.MOVE, to=1, text=" "), "reason"),
        (Action(Kind.ASSIGN, to=99), "assignee"),
    ],
)
def test_what_makes_no_sense_is_told(
    action: Action, field: str, system: System, nils: Viewer, five: list[Ticket]
) -> None:
    with pytest.raises(InvalidInputError) as told:
        bulk.preview(system, nils, references(five), action)
    assert set(told.value.fields) == {field}


@pytest.mark.parametrize("asked", [[], [str(n) for n in range(501)]])
def test_none_and_more_than_five_hundred_are_refused(asked: list[str], system: System, nils: Viewer) -> None:
    with pytest.raises(InvalidInputError) as told:
        bulk.order(system, nils, asked, Action(Kind.RESOLVE))
    assert set(told.value.fields) == {"pick"}


def test_what_changed_since_is_told_and_not_done_again(
    system: System, authority: Authority, nils: Viewer, five: list[Ticket]
) -> None:
    job_id = bulk.order(system, nils, references(five), Action(Kind.LABEL, text="a"))
    label.put_label(system, nils, five[0].reference, "a")
    with system.db.begin() as session:
        session.get_one(Ticket, five[1].id).unit_id = authority.units["southern"].id
    bulk.run(system)
    bulk.run(system)
    found = outcomes(system, job_id)
    assert [found[one.reference][0] for one in five] == ["unchanged", "failed", "done", "done", "done"]
    with system.db.read() as session:
        assert Counter(session.scalars(select(Event.kind)))["labelled"] == 4


def test_rights_are_those_of_the_moment(system: System, nils: Viewer, five: list[Ticket]) -> None:
    first = bulk.order(system, nils, references(five[:2]), Action(Kind.RESOLVE))
    with system.db.begin() as session:
        for place in session.scalars(select(Membership).where(Membership.user_id == nils.user_id)):
            session.delete(place)
    bulk.run(system)
    assert {outcome for outcome, _ in outcomes(system, first).values()} == {"failed"}


def test_whoever_has_left_does_nothing(system: System, nils: Viewer, five: list[Ticket]) -> None:
    job_id = bulk.order(system, nils, references(five), Action(Kind.RESOLVE))
    with system.db.begin() as session:
        session.get_one(User, nils.user_id).is_active = False
    bulk.run(system)
    assert {outcome for outcome, _ in outcomes(system, job_id).values()} == {"failed"}


def test_several_workers_do_each_once_and_one_that_breaks_leaves_the_rest(
    system: System, nils: Viewer, five: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = bulk.order(system, nils, references(five), Action(Kind.RESOLVE))
    real, broken = bulk._act, five[2].id

    def act(session, ticket, action, doer):  # type: ignore[no-untyped-def]
        if ticket.id == broken:
            raise RuntimeError("broken")
        return real(session, ticket, action, doer)

    monkeypatch.setattr(bulk, "_act", act)
    workers = [threading.Thread(target=bulk.run, args=(system,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    found = outcomes(system, job_id)
    assert [found[one.reference][0] for one in five] == ["done", "done", "failed", "done", "done"]
    with system.db.read() as session:
        assert Counter(session.scalars(select(Event.kind)))["resolved"] == 4


def test_a_worker_that_is_killed_leaves_the_rest_to_the_next(
    system: System, nils: Viewer, five: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = bulk.order(system, nils, references(five), Action(Kind.RESOLVE))
    real, count = bulk._act, Counter[str]()

    def act(session, ticket, action, doer):  # type: ignore[no-untyped-def]
        count["acts"] += 1
        if count["acts"] == 3:
            raise KeyboardInterrupt
        return real(session, ticket, action, doer)

    monkeypatch.setattr(bulk, "_act", act)
    with pytest.raises(KeyboardInterrupt):
        bulk.run(system)
    assert Counter(outcome for outcome, _ in outcomes(system, job_id).values()) == {"done": 2, "waiting": 3}
    assert bulk.run(system) == 3
    assert {outcome for outcome, _ in outcomes(system, job_id).values()} == {"done"}
