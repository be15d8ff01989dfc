"""What was done to many is undone: each ticket once, within five minutes, and over nobody's later work."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from app.accounts.models import Membership, Unit
from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import ConflictError, NotFoundError
from app.core.nudge import Queue
from app.core.system import System
from app.flows import assign, bulk, close, draft, label, note, protect, snooze, transfer, undo_bulk
from app.flows.reply import Answer, reply
from app.sla.models import ClockRow
from app.tickets.bulk import UNDO_FOR, Action, BulkJob, BulkRow, Kind, order_undo
from app.tickets.drafts import Mode, Written
from app.tickets.labels import TicketLabel, of_tickets
from app.tickets.models import Event, Ticket, Topic
from app.tickets.states import State
from channels.contract import ChannelName
from tests.factories import Authority, arrives, mail

Told = dict[str, tuple[str, str]]


@pytest.fixture
def nils(authority: Authority, at: time_machine.Coordinates) -> Viewer:
    return authority.viewers["nils"]


@pytest.fixture
def nora(authority: Authority) -> Viewer:
    return authority.viewers["nora"]


@pytest.fixture
def saku(authority: Authority) -> Viewer:
    return authority.viewers["saku"]


@pytest.fixture
def five(system: System, authority: Authority, nils: Viewer, nora: Viewer) -> list[Ticket]:
    """New; Nora's; Nora's and waiting for a third party; put aside; labelled, without a topic."""
    tickets = [
        authority.ticket(
            arrives(system, mail(sender=f"c{n}@example.se", message_id=f"m{n}@x.se"), item_id=f"1:{n}").ticket_id
        )
        for n in range(5)
    ]
    _, hers, waiting, aside, labelled = references(tickets)
    assign.assign(system, nils, hers, to=nora.user_id)
    assign.assign(system, nils, waiting, to=nora.user_id)
    close.pause(system, nils, waiting, reason="third_party")
    snooze.snooze(system, nils, aside, until=clock.now() + timedelta(days=2), reason="Väntar på dag")
    label.put_label(system, nils, labelled, "kampanj")
    assign.change_topic(system, nils, labelled, topic_id=None)
    return tickets


def references(tickets: list[Ticket]) -> list[str]:
    return [ticket.reference for ticket in tickets]


def done(system: System, viewer: Viewer, tickets: list[Ticket], action: Action) -> int:
    job_id = bulk.order(system, viewer, references(tickets), action)
    bulk.run(system)
    assert {outcome for outcome, _ in outcomes(system, job_id).values()} == {"done"}
    return job_id


def undone(system: System, viewer: Viewer, job_id: int) -> Told:
    undo_id = undo_bulk.undo(system, viewer, job_id)
    bulk.run(system)
    return outcomes(system, undo_id)


def outcomes(system: System, job_id: int) -> Told:
    with system.db.read() as session:
        rows = session.scalars(select(BulkRow).where(BulkRow.job_id == job_id))
        return {row.reference: (row.outcome, row.detail) for row in rows}


def standing(system: System, *, but: frozenset[str] = frozenset()) -> dict[str, dict[str, Any]]:
    """All that can be seen of all tickets, by reference; without some fields."""
    left_out = but | {"version", "changed_at"}
    with system.db.read() as session:
        tickets = session.scalars(select(Ticket)).all()
        put = of_tickets(session, [ticket.id for ticket in tickets])
        return {
            ticket.reference: {
                **{c.name: getattr(ticket, c.key) for c in Ticket.__table__.columns if c.name not in left_out},
                "labels": put.get(ticket.id, ()),
            }
            for ticket in tickets
        }


def events(system: System) -> list[tuple[int, str]]:
    with system.db.read() as session:
        return [(row.id, row.kind) for row in session.execute(select(Event.id, Event.kind).order_by(Event.id))]


SO = {("done", "")}
WORKED_ON = ("failed", "Somebody has worked on it since.")


@pytest.mark.parametrize(
    ("kind", "picked"),
    [(Kind.LABEL, range(4)), (Kind.UNLABEL, range(4, 5)), (Kind.ASSIGN, (1, 2)), (Kind.RESOLVE, range(1, 4))],
)
def test_all_stands_as_before_and_history_is_kept(
    kind: Kind, picked: range, system: System, nils: Viewer, nora: Viewer, five: list[Ticket]
) -> None:
    chosen = [five[n] for n in picked]
    if kind is Kind.RESOLVE:  # nobody can make a ticket new again by hand, so it is open
        assign.assign(system, nils, five[3].reference, to=nora.user_id)
    before, told = standing(system), events(system)
    to = nils.user_id if kind is Kind.ASSIGN else 0
    job_id = done(system, nils, chosen, Action(kind, to=to, text="kampanj"))
    assert {ref for ref, now in standing(system).items() if now != before[ref]} == set(references(chosen))
    meanwhile = events(system)
    found = undone(system, nils, job_id)
    assert found == dict.fromkeys(references(chosen), ("done", ""))
    assert standing(system) == before
    after = events(system)
    assert (after[: len(told)], after[: len(meanwhile)]) == (told, meanwhile)
    assert len(after) >= len(meanwhile) + len(chosen)


def test_what_was_given_to_nobody_or_was_new_comes_back_to_whose_it_was(
    system: System, authority: Authority, nils: Viewer, nora: Viewer, five: list[Ticket]
) -> None:
    before = standing(system)
    taken = done(system, nils, five[1:3], Action(Kind.ASSIGN, to=0))
    assert set(undone(system, nils, taken).values()) == SO
    assert standing(system) == before
    given = done(system, nils, five[:1], Action(Kind.ASSIGN, to=nora.user_id))
    assert set(undone(system, nils, given).values()) == SO
    new = authority.ticket(five[0].id)
    assert (new.assignee_id, new.state) == (None, "open")


def test_a_new_ticket_that_was_resolved_is_open_and_waits_for_an_answer_again(
    system: System, authority: Authority, nils: Viewer, five: list[Ticket]
) -> None:
    job_id = done(system, nils, five[:1], Action(Kind.RESOLVE))
    assert authority.ticket(five[0].id).due_at is None
    assert set(undone(system, nils, job_id).values()) == SO
    ticket = authority.ticket(five[0].id)
    assert (ticket.state, ticket.assignee_id) == ("open", None)
    assert ticket.due_at is not None


def test_what_was_moved_away_is_fetched_back_with_all_that_the_move_took_off(
    system: System, authority: Authority, nils: Viewer, five: list[Ticket]
) -> None:
    south, north = authority.units["southern"].id, authority.units["north"].id
    before = standing(system)
    job_id = done(system, nils, five, Action(Kind.MOVE, to=south, text="Finska frågor"))
    assert {authority.ticket(one.id).unit_id for one in five} == {south}
    assert set(undone(system, nils, job_id).values()) == SO
    after = standing(system)
    assert after == before
    with system.db.read() as session:
        back = session.scalars(select(Event).where(Event.kind == "transferred", Event.unit_id == north)).all()
        assert Counter(event.reason for event in back) == {"Undone: Finska frågor": 5}
        assert all(event.data["terms"] for event in back)
        assert session.scalar(select(func.count()).select_from(ClockRow)) is not None


def test_what_others_did_since_in_that_respect_is_left_alone_with_the_reason(
    system: System, nils: Viewer, nora: Viewer, five: list[Ticket]
) -> None:
    job_id = done(system, nils, five, Action(Kind.ASSIGN, to=nils.user_id))
    anew, to_and_fro, resolved, noted, labelled = references(five)
    assign.assign(system, nora, anew, to=nora.user_id)
    assign.assign(system, nora, to_and_fro, to=None)
    assign.assign(system, nora, to_and_fro, to=nils.user_id)
    close.resolve(system, nora, resolved)
    note.note(system, nora, noted, body="Ringde")
    label.put_label(system, nora, labelled, "annat")
    before = standing(system)
    found = undone(system, nils, job_id)
    assert found == {
        anew: ("failed", "It has been assigned anew since."),
        to_and_fro: WORKED_ON,
        resolved: ("failed", "It is resolved."),
        noted: ("done", ""),
        labelled: ("done", ""),
    }
    assert {ref for ref, now in standing(system).items() if now != before[ref]} == {noted, labelled}


def test_whom_a_ticket_was_given_keeps_it_once_they_work_on_it(
    system: System, authority: Authority, nils: Viewer, nora: Viewer, five: list[Ticket]
) -> None:
    job_id = done(system, nils, [five[0], five[3]], Action(Kind.ASSIGN, to=nora.user_id))
    note.note(system, nora, five[0].reference, body="Jag tar den")
    found = undone(system, nils, job_id)
    assert found == {five[0].reference: WORKED_ON, five[3].reference: ("done", "")}
    assert authority.ticket(five[0].id).assignee_id == nora.user_id


def test_a_label_that_others_took_off_or_put_on_again_is_theirs(
    system: System, nils: Viewer, nora: Viewer, five: list[Ticket]
) -> None:
    job_id = done(system, nils, five[:3], Action(Kind.LABEL, text="a"))
    gone, again, same = references(five[:3])
    for reference in (gone, again):
        label.take_off_label(system, nora, reference, "a")
    label.put_label(system, nora, again, "a")
    label.put_label(system, nora, same, "b")
    found = undone(system, nils, job_id)
    assert found == {gone: ("failed", "The label is off it already."), again: WORKED_ON, same: ("done", "")}
    taken = done(system, nils, five[4:], Action(Kind.UNLABEL, text="kampanj"))
    label.put_label(system, nora, five[4].reference, "kampanj")
    assert set(undone(system, nils, taken).values()) == {("failed", "The label is on it again.")}


def test_what_was_reopened_answered_or_resolved_anew_is_left_alone(
    system: System, authority: Authority, nils: Viewer, nora: Viewer, five: list[Ticket]
) -> None:
    job_id = done(system, nils, five, Action(Kind.RESOLVE))
    opened, wrote, anew, written_on, free = five
    told = arrives(system, mail(sender="c6@example.se", message_id="m6@x.se"), item_id="1:6")
    answered = authority.ticket(told.ticket_id)
    second = done(system, nils, [answered], Action(Kind.RESOLVE))
    reply(system, nora, answered.reference, Answer("Ja.", ChannelName.EMAIL, State.RESOLVED))
    assert undone(system, nils, second) == {answered.reference: WORKED_ON}
    close.reopen(system, nora, opened.reference)
    again = mail(sender="c1@example.se", message_id="n1@x.se", In_Reply_To="<m1@x.se>", References="<m1@x.se>")
    arrives(system, again, item_id="1:9")
    close.reopen(system, nora, anew.reference)
    close.resolve(system, nora, anew.reference)
    draft.be_present(system, nora, written_on.reference, is_writing=True)
    before = standing(system)
    found = undone(system, nils, job_id)
    assert found == {
        opened.reference: ("failed", "It is open again already."),
        wrote.reference: ("failed", "It is open again already."),
        anew.reference: WORKED_ON,
        written_on.reference: ("failed", "A colleague is writing on it."),
        free.reference: ("done", ""),
    }
    assert {ref for ref, now in standing(system).items() if now != before[ref]} == {free.reference}


def test_what_the_other_unit_has_touched_is_not_fetched_back(
    system: System, authority: Authority, nils: Viewer, saku: Viewer, five: list[Ticket]
) -> None:
    south, north = authority.units["southern"].id, authority.units["north"].id
    job_id = done(system, nils, five, Action(Kind.MOVE, to=south, text="Finska frågor"))
    taken, moved, noted, drafted, free = references(five)
    assign.take(system, saku, taken)
    transfer.transfer(system, saku, moved, to=north, reason="Fel enhet")
    note.note(system, saku, noted, body="Läser")
    with time_machine.travel(clock.now() + timedelta(seconds=5), tick=False):
        draft.save(system, saku, drafted, Mode.REPLY, Written(body="Hei"), revision=0)
    before = standing(system)
    with time_machine.travel(clock.now() + timedelta(minutes=2), tick=False):  # Saku has gone home
        found = undone(system, nils, job_id)
    assert found == {
        taken: WORKED_ON,
        moved: ("failed", "It has been moved on since."),
        noted: WORKED_ON,
        drafted: WORKED_ON,
        free: ("done", ""),
    }
    assert {ref for ref, now in standing(system).items() if now != before[ref]} == {free}


def test_rights_are_asked_anew_for_each_ticket(
    system: System, authority: Authority, nils: Viewer, five: list[Ticket]
) -> None:
    south = authority.units["southern"].id
    moved = done(system, nils, five[:2], Action(Kind.MOVE, to=south, text="Finska frågor"))
    resolved = done(system, nils, five[2:4], Action(Kind.RESOLVE))
    protect.protect(system, nils, five[2].person_id or 0, kind="marked", reason="Beslut visat i telefon")
    with system.db.begin() as session:
        place = session.scalars(select(Membership).where(Membership.user_id == nils.user_id)).one()
        place.unit_id = south
    before = standing(system)
    found = undone(system, nils, moved) | undone(system, nils, resolved)
    assert found == {
        five[0].reference: ("failed", "You no longer work in the unit that it came from."),
        five[1].reference: ("failed", "You no longer work in the unit that it came from."),
        five[2].reference: ("failed", "There is no such ticket."),
        five[3].reference: ("failed", "There is no such ticket."),
    }
    assert standing(system) == before


def test_a_closed_unit_or_whoever_has_left_gets_nothing_back(
    system: System, authority: Authority, nils: Viewer, nora: Viewer, five: list[Ticket]
) -> None:
    south, north = authority.units["southern"].id, authority.units["north"].id
    given = done(system, nils, five[1:2], Action(Kind.ASSIGN, to=nils.user_id))
    moved = done(system, nils, five[2:3], Action(Kind.MOVE, to=south, text="Finska frågor"))
    with system.db.begin() as session:
        session.delete(session.scalars(select(Membership).where(Membership.user_id == nora.user_id)).one())
    assert set(undone(system, nils, given).values()) == {("failed", "Whoever had it before no longer works there.")}
    with system.db.begin() as session:
        session.get_one(Unit, north).closed_at = clock.now()
    assert set(undone(system, nils, moved).values()) == {("failed", "The unit that it came from is closed.")}


def test_only_what_was_done_is_turned_back(system: System, nils: Viewer, nora: Viewer, five: list[Ticket]) -> None:
    job_id = bulk.order(system, nils, references(five), Action(Kind.LABEL, text="a"))
    label.put_label(system, nora, five[0].reference, "a")
    with system.db.begin() as session:
        session.get_one(Ticket, five[1].id).merged_into = five[0].id
    bulk.run(system)
    assert set(undone(system, nils, job_id)) == set(references(five[2:]))
    with system.db.read() as session:
        assert list(session.scalars(select(TicketLabel.ticket_id).where(TicketLabel.label == "a"))) == [five[0].id]


def test_it_is_undone_once_however_often_it_is_asked(system: System, nils: Viewer, five: list[Ticket]) -> None:
    job_id = done(system, nils, five, Action(Kind.LABEL, text="a"))
    asked: list[int] = []
    browsers = [threading.Thread(target=lambda: asked.append(undo_bulk.undo(system, nils, job_id))) for _ in range(4)]
    for browser in browsers:
        browser.start()
    for browser in browsers:
        browser.join()
    assert len(asked) == 4
    (undo_id,) = set(asked)
    assert Queue.BULK in system.nudge.seen  # type: ignore[attr-defined]
    workers = [threading.Thread(target=bulk.run, args=(system,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert set(outcomes(system, undo_id).values()) == SO
    assert undo_bulk.undo(system, nils, job_id) == undo_id
    bulk.run(system)
    assert Counter(kind for _, kind in events(system))["unlabelled"] == 5
    with system.db.read() as session:
        assert session.scalar(select(func.count()).select_from(BulkJob)) == 2
    with pytest.raises(ConflictError, match="An undo cannot be undone"):
        undo_bulk.undo(system, nils, undo_id)


def test_the_database_lets_no_order_be_undone_twice(system: System, nils: Viewer, five: list[Ticket]) -> None:
    job_id = done(system, nils, five[:1], Action(Kind.RESOLVE))
    undo_bulk.undo(system, nils, job_id)
    with pytest.raises(Exception, match=r"(?i)unique"), system.db.begin() as session:
        order_undo(session, session.get_one(BulkJob, job_id), at=clock.now())


def test_five_minutes_count_from_the_last_ticket(
    system: System, nils: Viewer, five: list[Ticket], at: time_machine.Coordinates
) -> None:
    job_id = bulk.order(system, nils, references(five), Action(Kind.LABEL, text="a"))
    at.shift(timedelta(minutes=30))  # no worker ran
    bulk.run(system)
    at.shift(UNDO_FOR)
    assert set(undone(system, nils, job_id).values()) == SO
    late = done(system, nils, five, Action(Kind.LABEL, text="b"))
    before = standing(system)
    at.shift(UNDO_FOR + timedelta(microseconds=1))
    with pytest.raises(ConflictError, match="too late"):
        undo_bulk.undo(system, nils, late)
    assert bulk.run(system) == 0
    assert standing(system) == before
    assert undo_bulk.undo(system, nils, job_id) == job_id + 1, "one that is under way or done is shown at any time"


def test_nobody_undoes_what_another_person_ordered(
    system: System, nils: Viewer, nora: Viewer, five: list[Ticket]
) -> None:
    job_id = done(system, nils, five, Action(Kind.LABEL, text="a"))
    for wrong in (job_id, 4711):
        with pytest.raises(NotFoundError):
            undo_bulk.undo(system, nora, wrong)
    assert bulk.run(system) == 0


def test_an_order_that_did_nothing_has_nothing_to_undo(
    system: System, nils: Viewer, nora: Viewer, five: list[Ticket]
) -> None:
    job_id = bulk.order(system, nils, references(five[:1]), Action(Kind.LABEL, text="a"))
    label.put_label(system, nora, five[0].reference, "a")
    bulk.run(system)
    with pytest.raises(ConflictError, match="nothing to undo"):
        undo_bulk.undo(system, nils, job_id)


def test_an_order_under_way_is_stopped_and_what_it_did_is_undone(
    system: System, nils: Viewer, five: list[Ticket]
) -> None:
    before = standing(system)
    job_id = bulk.order(system, nils, references(five), Action(Kind.LABEL, text="a"))
    assert bulk._run_one(system)
    assert bulk._run_one(system)
    found = undone(system, nils, job_id)
    assert found == dict.fromkeys(references(five[:2]), ("done", ""))
    assert Counter(outcomes(system, job_id).values()) == {
        ("done", ""): 2,
        ("failed", "The order was undone before it came to this ticket."): 3,
    }
    assert standing(system) == before
    waiting = bulk.order(system, nils, references(five), Action(Kind.LABEL, text="b"))
    assert undone(system, nils, waiting) == {}
    assert standing(system) == before


def test_an_undo_while_workers_run_leaves_nothing_done(system: System, nils: Viewer, five: list[Ticket]) -> None:
    before = standing(system)
    job_id = bulk.order(system, nils, references(five), Action(Kind.LABEL, text="a"))
    workers = [threading.Thread(target=bulk.run, args=(system,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    found = undone(system, nils, job_id)
    for worker in workers:
        worker.join()
    assert bulk.run(system) == 0
    whole = outcomes(system, job_id)
    assert set(found) == {reference for reference, (outcome, _) in whole.items() if outcome == "done"}
    assert set(outcomes(system, job_id + 1).values()) <= SO
    assert standing(system) == before


def test_a_worker_that_is_killed_half_way_leaves_the_rest_to_the_next(
    system: System, nils: Viewer, five: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = standing(system)
    job_id = done(system, nils, five, Action(Kind.LABEL, text="a"))
    undo_id = undo_bulk.undo(system, nils, job_id)
    real, count = undo_bulk._undone, Counter[str]()

    def act(*told):  # type: ignore[no-untyped-def]
        count["acts"] += 1
        found = real(*told)
        if count["acts"] == 3:
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(undo_bulk, "_undone", act)
    with pytest.raises(KeyboardInterrupt):
        bulk.run(system)
    assert Counter(outcome for outcome, _ in outcomes(system, undo_id).values()) == {"done": 2, "waiting": 3}
    assert bulk.run(system) == 3
    assert set(outcomes(system, undo_id).values()) == SO
    assert standing(system) == before
    assert Counter(kind for _, kind in events(system))["unlabelled"] == 5


def test_what_was_done_before_anything_was_kept_of_it_is_left_alone(
    system: System, nils: Viewer, five: list[Ticket]
) -> None:
    job_id = done(system, nils, five[:1], Action(Kind.RESOLVE))
    with system.db.begin() as session:
        row = session.scalars(select(BulkRow).where(BulkRow.job_id == job_id)).one()
        row.before, row.done_at = {}, None  # the release before this one did it
    assert set(undone(system, nils, job_id).values()) == {("failed", "How it stood before is not known.")}


def test_a_topic_comes_back_with_its_ticket(
    system: System, authority: Authority, nils: Viewer, five: list[Ticket]
) -> None:
    with system.db.read() as session:
        topic = session.scalars(select(Topic.id).where(Topic.unit_id == five[0].unit_id)).one()
    assert authority.ticket(five[0].id).topic_id == topic
    job_id = done(system, nils, five[:1], Action(Kind.MOVE, to=authority.units["southern"].id, text="x"))
    assert authority.ticket(five[0].id).topic_id is None
    assert set(undone(system, nils, job_id).values()) == SO
    assert authority.ticket(five[0].id).topic_id == topic
