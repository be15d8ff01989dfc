"""Citizens: duplicates are merged and parted by whole sets, and a protected identity is seen by nobody unnamed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.models import AuditEntry, User
from app.accounts.policy import Viewer
from app.core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from app.core.system import System
from app.flows import assign, citizen, close, note, protect, reply, unite
from app.flows.call import take_event
from app.flows.contacts import Identity
from app.people.models import ContactPoint, Person
from app.screens import access
from app.screens.citizen import find_citizen, read_citizen, survivor_of
from app.screens.outgoing import read_outgoing
from app.screens.ringing import read_ringing
from app.screens.ticket_filter import TicketFilter
from app.screens.ticket_list import read_list
from app.screens.ticket_page import read_ticket_page
from app.screens.ticket_search import find_tickets
from app.tickets.models import Message, Ticket
from channels.contract import ChannelName
from tests.factories import MONDAY, Authority, arrives, mail
from tests.web.conftest import ring

Holdings = set[tuple[str, int, int]]


@pytest.fixture
def nils(authority: Authority, at: time_machine.Coordinates) -> Viewer:
    return authority.viewers["nils"]


def comes(system: System, authority: Authority, number: int, **more: str) -> Ticket:
    raw = mail(message_id=f"m{number}@example.se", **more)
    return authority.ticket(arrives(system, raw, item_id=f"1:{number}").ticket_id)


def holdings(system: System) -> Holdings:
    """What hangs on whom: table, row, person."""
    with system.db.read() as session:
        return {
            (name, row.id, row.person_id)
            for name, table in unite.TABLES.items()
            for row in session.execute(select(table.id, table.person_id).where(table.person_id.is_not(None)))
        }


@pytest.fixture
def two(system: System, authority: Authority, nils: Viewer) -> tuple[Ticket, Ticket]:
    """Siri by two addresses."""
    private = comes(system, authority, 1, sender="Siri Testsson <siri.testsson@example.se>")
    return private, comes(system, authority, 2, sender="S. Testsson <siri@work.example>")


def test_everything_of_a_duplicate_goes_over_and_back(
    system: System, authority: Authority, nils: Viewer, two: tuple[Ticket, Ticket]
) -> None:
    kept, gone = (ticket.person_id or 0 for ticket in two)
    take_event(system, ring("c1", MONDAY))
    before = holdings(system)
    unite.unite(system, nils, kept, duplicate_id=gone, reason="Samma person, två adresser")
    assert {person for _, _, person in holdings(system)} >= {kept}
    assert holdings(system) == {(name, row, kept if person == gone else person) for name, row, person in before}
    with system.db.read() as session:
        card = read_citizen(session, nils, kept)
        assert survivor_of(session, gone) == kept
    assert {ticket.reference for ticket in card.tickets} == {ticket.reference for ticket in two}
    assert [merge.by for merge in card.merges] == ["Nils"]
    assert unite.undo(system, nils, card.merges[0].id) == kept
    assert holdings(system) == before
    with pytest.raises(ConflictError):
        unite.undo(system, nils, card.merges[0].id)


def test_what_came_after_a_merging_stays_with_who_was_kept(
    system: System, authority: Authority, nils: Viewer, two: tuple[Ticket, Ticket]
) -> None:
    kept, gone = (ticket.person_id or 0 for ticket in two)
    unite.unite(system, nils, kept, duplicate_id=gone, reason="x")
    later = comes(system, authority, 3, sender="siri@work.example", subject="Nytt")
    assert later.person_id == kept, "both addresses are hers now"
    with system.db.read() as session:
        merge_id = read_citizen(session, nils, kept).merges[0].id
    unite.undo(system, nils, merge_id)
    assert authority.ticket(later.id).person_id == kept
    assert comes(system, authority, 4, sender="siri@work.example", subject="Nyare").person_id == gone


def test_an_answer_to_a_merged_citizen_joins_their_ticket(
    system: System, authority: Authority, nils: Viewer, two: tuple[Ticket, Ticket]
) -> None:
    kept, gone = (ticket.person_id or 0 for ticket in two)
    unite.unite(system, nils, kept, duplicate_id=gone, reason="x")
    raw = mail("Tack", message_id="r@example.se", sender="siri@work.example", In_Reply_To="<m1@example.se>")
    assert arrives(system, raw, item_id="2:1").ticket_id == two[0].id


def test_only_citizens_whom_one_may_see_are_merged(
    system: System, authority: Authority, nils: Viewer, two: tuple[Ticket, Ticket]
) -> None:
    stranger = comes(system, authority, 5, sender="pekka@example.fi", to="southern@migration.example")
    before = holdings(system)
    with pytest.raises(NotFoundError):
        unite.unite(system, nils, two[0].person_id or 0, duplicate_id=stranger.person_id or 0, reason="x")
    with pytest.raises(InvalidInputError):
        unite.unite(system, nils, two[0].person_id or 0, duplicate_id=two[0].person_id or 0, reason="x")
    with pytest.raises(NotFoundError):
        unite.unite(system, nils, two[0].person_id or 0, duplicate_id=4711, reason="x")
    assert holdings(system) == before
    with pytest.raises(NotFoundError), system.db.read() as session:
        read_citizen(session, nils, stranger.person_id or 0)


def test_whom_one_means_is_found_by_what_is_known(
    system: System, authority: Authority, nils: Viewer, two: tuple[Ticket, Ticket]
) -> None:
    citizen.add_contact(system, nils, two[0].person_id or 0, Identity(phone="070-174 06 05"), region="SE")
    with system.db.read() as session:
        for said in (two[0].reference, " Siri.Testsson@Example.se ", "0701740605", "+46 70 174 06 05"):
            assert find_citizen(session, nils, said, region="SE") == two[0].person_id
        for said in ("", "nobody@example.se", "4711", "070-000 00 00"):
            with pytest.raises(InvalidInputError):
                find_citizen(session, nils, said, region="SE")


def test_contacts_come_and_go(system: System, authority: Authority, nils: Viewer, two: tuple[Ticket, Ticket]) -> None:
    person_id = two[0].person_id or 0
    told = Identity(email="New@example.se", phone="070-174 06 05", postal="Gatan 1, 111 11 Stockholm")
    citizen.add_contact(system, nils, person_id, told, region="SE")
    citizen.describe(system, nils, person_id, name="  Siri   Testsson ", language="fi")
    with system.db.read() as session:
        card = read_citizen(session, nils, person_id)
    assert (card.person.name, card.person.language) == ("Siri Testsson", "fi")
    assert [row.value for row in card.contacts] == [
        "siri.testsson@example.se",
        "new@example.se",
        "+46701740605",
        "Gatan 1\n111 11 Stockholm",
    ]
    citizen.remove_contact(system, nils, person_id, card.contacts[1].id)
    with pytest.raises(NotFoundError):
        citizen.remove_contact(system, nils, two[1].person_id or 0, card.contacts[0].id)
    for bad in (Identity(), Identity(email="x"), Identity(phone="12"), Identity(email="siri@work.example")):
        with pytest.raises(InvalidInputError):
            citizen.add_contact(system, nils, person_id, bad, region="SE")
    with system.db.read() as session:
        assert len(read_citizen(session, nils, person_id).contacts) == 3


# Protected identity


@pytest.fixture
def hidden(system: System, authority: Authority, nils: Viewer) -> Ticket:
    """A ticket of somebody whose identity nils has just marked; another one of the same unit stands beside it."""
    comes(system, authority, 9, sender="Omar <omar@example.se>", subject="Öppet")
    ticket = comes(system, authority, 1, subject="Hemligt ord")
    citizen.add_contact(
        system, nils, ticket.person_id or 0, Identity(phone="070-174 06 05", postal="Gatan 1"), region="SE"
    )
    protect.protect(system, nils, ticket.person_id or 0, kind="marked", reason="Beslut visat i telefon")
    return ticket


@pytest.fixture
def named(system: System, authority: Authority) -> Viewer:
    with system.db.begin() as session:
        session.get_one(User, authority.viewers["nora"].user_id).sees_protected = True
    return replace(authority.viewers["nora"], sees_protected=True)


def cleared(viewer: Viewer, ticket: Ticket) -> Viewer:
    return replace(viewer, cleared=frozenset({ticket.person_id or 0}))


def every_look(system: System, viewer: Viewer, ticket: Ticket) -> dict[str, Callable[[], object]]:
    """All that opens a ticket or a citizen."""
    reference, person_id = ticket.reference, ticket.person_id or 0
    answer = reply.Answer("x", ChannelName.EMAIL)

    def page() -> object:
        with system.db.read() as session:
            return read_ticket_page(session, viewer, reference, now=MONDAY)

    def card() -> object:
        with system.db.read() as session:
            return read_citizen(session, viewer, person_id)

    return {
        "page": page,
        "card": card,
        "reply": lambda: reply.reply(system, viewer, reference, answer),
        "note": lambda: note.note(system, viewer, reference, "x"),
        "take": lambda: assign.take(system, viewer, reference),
        "resolve": lambda: close.resolve(system, viewer, reference),
        "describe": lambda: citizen.describe(system, viewer, person_id, name="x", language=""),
        "unprotect": lambda: protect.unprotect(system, viewer, person_id, reason="long enough to be one"),
    }


def test_nobody_opens_what_is_protected_but_the_named_with_a_reason(
    system: System, authority: Authority, nils: Viewer, hidden: Ticket, named: Viewer
) -> None:
    for viewer in (nils, authority.viewers["nora"], named, cleared(nils, hidden)):
        for look in every_look(system, viewer, hidden).values():
            with pytest.raises(access.ProtectedIdentityError):
                look()
    with pytest.raises(NotFoundError):
        every_look(system, authority.viewers["saku"], hidden)["page"]()
    protect.open_protected(system, named, hidden.person_id or 0, reason="Svarar på hennes fråga", login_id=7)
    for look in every_look(system, cleared(named, hidden), hidden).values():
        look()


def test_no_list_tells_who_it_is(system: System, nils: Viewer, hidden: Ticket, named: Viewer) -> None:
    reply_to = "siri.testsson@example.se"
    with system.db.read() as session:
        for viewer in (nils, named, cleared(named, hidden)):
            listed = read_list(session, TicketFilter(), viewer, now=MONDAY, zone=MONDAY.tzinfo)  # type: ignore[arg-type]
            rows = {row.reference: row for section in listed.sections for row in section.rows}
            assert len(rows) == 2
            row = rows[hidden.reference]
            assert (row.subject, row.person, row.is_protected) == ("", "", True)
            mails = read_outgoing(session, viewer, now=MONDAY).waiting
            assert {mail.is_protected for mail in mails if mail.row.to_address == reply_to} == {True}
        for words in ("hemligt", "siri", "testsson"):
            assert find_tickets(session, nils, words).hits == ()
            assert find_tickets(session, named, words).hits == ()
        assert find_tickets(session, cleared(named, hidden), "hemligt").hits
        assert find_tickets(session, nils, "öppet").hits


def test_a_number_proves_nothing_so_a_call_tells_nothing(system: System, nils: Viewer, hidden: Ticket) -> None:
    take_event(system, ring("c1", MONDAY))
    with system.db.read() as session:
        (ringing,) = read_ringing(session, nils, now=MONDAY)
    assert (ringing.name, ringing.tickets) == ("", ())
    take_event(system, ring("c1", MONDAY, "answered"))
    with system.db.read() as session:
        call = session.scalars(select(Ticket).where(Ticket.channel == "phone")).one()
        read_ticket_page(session, nils, call.reference, now=MONDAY)
    assert call.person_id is None


def test_it_is_given_only_to_the_named(system: System, authority: Authority, hidden: Ticket, named: Viewer) -> None:
    with pytest.raises(InvalidInputError):
        assign.assign(system, cleared(named, hidden), hidden.reference, to=authority.viewers["nils"].user_id)


def test_a_protected_registration_keeps_no_address(
    system: System, authority: Authority, hidden: Ticket, named: Viewer
) -> None:
    viewer, person_id = cleared(named, hidden), hidden.person_id or 0
    protect.protect(system, viewer, person_id, kind="registration", reason="Beslut från Skatteverket")
    with system.db.read() as session:
        kinds = set(session.scalars(select(ContactPoint.kind).where(ContactPoint.person_id == person_id)))
    assert kinds == {"email", "phone"}
    with pytest.raises(InvalidInputError):
        citizen.add_contact(system, viewer, person_id, Identity(postal="Gatan 2"), region="SE")


def test_merged_with_anybody_the_stronger_protection_stays(
    system: System, authority: Authority, nils: Viewer, two: tuple[Ticket, Ticket], named: Viewer
) -> None:
    open_one, closed = (ticket.person_id or 0 for ticket in two)
    protect.protect(system, nils, closed, kind="registration", reason="Beslut från Skatteverket")
    with pytest.raises(access.ProtectedIdentityError):
        unite.unite(system, nils, open_one, duplicate_id=closed, reason="x")
    unite.unite(system, cleared(named, two[1]), open_one, duplicate_id=closed, reason="x")
    with system.db.read() as session:
        assert session.get_one(Person, open_one).protection == "registration"
        assert not session.scalars(select(Message.id).where(Message.person_id == closed)).all()


def test_each_look_is_kept_and_nothing_else_of_the_citizen(system: System, hidden: Ticket, named: Viewer) -> None:
    viewer = cleared(named, hidden)
    for bad in ("", "kort", " " * 20):
        with pytest.raises(InvalidInputError):
            protect.open_protected(system, named, hidden.person_id or 0, reason=bad, login_id=7)
    unnamed = replace(named, sees_protected=False)
    with pytest.raises(ForbiddenError):
        protect.open_protected(system, unnamed, hidden.person_id or 0, reason="Svarar på frågan", login_id=7)
    protect.open_protected(system, named, hidden.person_id or 0, reason="Svarar på frågan", login_id=7)
    with system.db.read() as session:
        page = read_ticket_page(session, viewer, hidden.reference, now=MONDAY)
    assert page.person is not None
    protect.note_look(system, viewer, page.person, ticket_id=hidden.id)
    with system.db.read() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    kept = [(row.action, row.user_id, row.data.get("person"), row.data.get("login")) for row in rows[-2:]]
    assert kept == [
        ("protected_opened", named.user_id, hidden.person_id, 7),
        ("protected_seen", named.user_id, hidden.person_id, None),
    ]
    assert "Siri" not in " ".join(f"{row.data} {row.reason}" for row in rows)
