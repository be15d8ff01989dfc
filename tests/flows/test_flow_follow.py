"""Following, mentions and what was missed: who is told of what, as whole sets."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import NotFoundError
from app.core.system import System
from app.flows import assign, close, draft, follow, merge, note, protect, transfer
from app.flows.live import forget_old
from app.screens.awaiting import read_awaiting
from app.screens.missed import Missed, read_missed
from app.screens.ticket_page import read_ticket_page
from app.tickets.following import KEPT, TicketFollower, TicketVisit, named_in
from app.tickets.models import Ticket
from tests.factories import MONDAY, Authority, arrives, mail

HOUR = timedelta(hours=1)


class Desk:
    """Two colleagues of one unit, and a head of another one."""

    def __init__(self, system: System, authority: Authority, at: time_machine.Coordinates) -> None:
        self.system, self.authority, self.at = system, authority, at
        self.nils, self.head, self.saku = (authority.viewers[name] for name in ("nils", "nora", "saku"))

    def comes(self, number: int = 1, **more: str) -> str:
        raw = mail("Hej", message_id=f"m{number}@example.se", **more)
        return self.authority.ticket(arrives(self.system, raw, item_id=f"1:{number}").ticket_id).reference

    def missed(self, viewer: Viewer) -> dict[str, Missed]:
        with self.system.db.read() as session:
            found = read_missed(session, viewer, now=clock.now())
            assert read_awaiting(session, viewer, now=clock.now()).missed == len(found)
            return {one.reference: one for one in found}

    def kinds(self, viewer: Viewer) -> dict[str, list[str]]:
        return {reference: [event.kind for event in one.events] for reference, one in self.missed(viewer).items()}

    def looks(self, viewer: Viewer, reference: str) -> None:
        """Opens the ticket: the browser says what it shows."""
        with self.system.db.read() as session:
            shown = read_ticket_page(session, viewer, reference, now=clock.now()).timeline.newest_event
        draft.be_present(self.system, viewer, reference, is_writing=False, shown=shown)


@pytest.fixture
def desk(system: System, authority: Authority, at: time_machine.Coordinates) -> Desk:
    at.move_to(MONDAY + HOUR)
    return Desk(system, authority, at)


def test_one_is_told_what_others_did_since_the_last_look(desk: Desk) -> None:
    mine, others = desk.comes(1), desk.comes(2)
    assign.take(desk.system, desk.nils, mine)
    assign.take(desk.system, desk.head, others)
    desk.looks(desk.nils, mine)
    assert desk.kinds(desk.nils) == {}
    note.note(desk.system, desk.nils, mine, "Mina egna ord")
    assert desk.kinds(desk.nils) == {}
    note.note(desk.system, desk.head, mine, "Titta här")
    close.resolve(desk.system, desk.head, others)
    assert desk.kinds(desk.nils) == {mine: ["noted"]}
    desk.looks(desk.nils, mine)
    assert desk.kinds(desk.nils) == {}


def test_who_follows_is_told_until_they_follow_no_more(desk: Desk) -> None:
    reference = desk.comes()
    follow.follow(desk.system, desk.nils, reference)
    assert desk.kinds(desk.nils) == {}
    assign.take(desk.system, desk.head, reference)
    close.resolve(desk.system, desk.head, reference)
    assert desk.kinds(desk.nils) == {reference: ["resolved", "assigned"]}
    follow.unfollow(desk.system, desk.nils, reference)
    assert desk.kinds(desk.nils) == {}


def test_a_mention_is_told_and_makes_a_follower(desk: Desk) -> None:
    reference = desk.comes()
    head = desk.head.name
    note.note(desk.system, desk.nils, reference, f"Vad säger du, @{head.upper()}? @Ingen Alls svarar inte.")
    found = desk.missed(desk.head)[reference]
    assert (found.is_mentioned, found.is_mine) == (True, False)
    desk.looks(desk.head, reference)
    note.note(desk.system, desk.nils, reference, "Mer om saken")
    assert desk.missed(desk.head)[reference].is_mentioned is False


def test_nobody_is_mentioned_who_may_not_read_the_ticket(desk: Desk) -> None:
    reference = desk.comes()
    note.note(desk.system, desk.nils, reference, f"@{desk.saku.name} vad tror du?")
    assert desk.kinds(desk.saku) == {}
    with desk.system.db.read() as session:
        assert session.scalars(select(TicketFollower)).all() == []
    with pytest.raises(NotFoundError):
        follow.follow(desk.system, desk.saku, reference)


def test_who_lost_a_ticket_is_told_once(desk: Desk) -> None:
    taken, moved = desk.comes(1), desk.comes(2)
    for reference in (taken, moved):
        assign.take(desk.system, desk.nils, reference)
        desk.looks(desk.nils, reference)
    assign.take(desk.system, desk.head, taken)
    to = next(iter(desk.saku.units))
    transfer.transfer(desk.system, desk.head, moved, to=to, reason="Deras sak")
    assert desk.kinds(desk.nils) == {taken: ["assigned"], moved: ["transferred"]}
    for reference in (taken, moved):
        desk.looks(desk.nils, reference)
    note.note(desk.system, desk.head, taken, "Nu är det mitt")
    assert desk.kinds(desk.nils) == {}


def test_all_is_seen_by_one_stroke_and_nothing_that_came_after_it(desk: Desk) -> None:
    one, other = desk.comes(1), desk.comes(2)
    for reference in (one, other):
        follow.follow(desk.system, desk.nils, reference)
        note.note(desk.system, desk.head, reference, "Nytt")
    shown = max(missed.newest for missed in desk.missed(desk.nils).values())
    note.note(desk.system, desk.head, one, "Ännu nyare")
    follow.see_all(desk.system, desk.nils, up_to=shown)
    assert desk.kinds(desk.nils) == {one: ["noted"]}


def test_a_look_never_goes_back_nor_beyond_what_there_is(desk: Desk) -> None:
    reference = desk.comes()
    follow.follow(desk.system, desk.nils, reference)
    draft.be_present(desk.system, desk.nils, reference, is_writing=False, shown=1)
    draft.be_present(desk.system, desk.nils, reference, is_writing=False, shown=2**31 - 1)
    note.note(desk.system, desk.head, reference, "Nytt")
    assert desk.kinds(desk.nils) == {reference: ["noted"]}


def test_followers_go_with_a_merged_ticket(desk: Desk) -> None:
    one, other = desk.comes(1), desk.comes(2)
    follow.follow(desk.system, desk.nils, one)
    merge.merge(desk.system, desk.head, one, into=other, reason="Samma")
    desk.looks(desk.nils, other)
    note.note(desk.system, desk.head, other, "Vidare här")
    assert desk.kinds(desk.nils) == {other: ["noted"]}


def test_of_a_protected_identity_no_word_is_told(desk: Desk) -> None:
    reference = desk.comes()
    follow.follow(desk.system, desk.nils, reference)
    note.note(desk.system, desk.head, reference, "Ring Siri")
    with desk.system.db.read() as session:
        person = session.scalars(select(Ticket.person_id).where(Ticket.reference == reference)).one()
    assert person is not None
    named = replace(desk.head, sees_protected=True)
    protect.protect(desk.system, named, person, kind="marked", reason="Skyddad enligt Skatteverket")
    found = desk.missed(desk.nils)[reference]
    assert (found.is_protected, found.subject, found.events, found.count) == (True, "", (), 1)


def test_old_looks_are_forgotten_and_so_is_old_news(desk: Desk) -> None:
    reference = desk.comes()
    follow.follow(desk.system, desk.nils, reference)
    note.note(desk.system, desk.head, reference, "Gammalt")
    desk.at.move_to(MONDAY + KEPT + 2 * HOUR)
    forget_old(desk.system)
    with desk.system.db.read() as session:
        assert session.scalars(select(TicketVisit)).all() == []
    assert desk.kinds(desk.nils) == {}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Anna Berg", {1}),
        ("hej @anna berg!", {1}),
        ("@Anna Bergström och @Anna Berg.", {1, 2}),
        ("@Anna Bergströms", set()),
        ("post@Anna Berg", set()),
        ("@Bo (Ö)", {3}),
        ("@Anna", set()),
        ("@Li", {4, 5}),
    ],
)
def test_names_are_found_whole_and_the_longer_one_first(text: str, named: set[int]) -> None:
    names = {1: "Anna Berg", 2: "Anna Bergström", 3: "Bo (Ö)", 4: "Li", 5: "Li"}
    assert named_in(text, names) == named
