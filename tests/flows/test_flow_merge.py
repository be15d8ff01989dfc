"""Merging, splitting and linking: whole sets of messages are compared, and what the clocks say."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, text

from app.core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from app.core.system import System
from app.flows import close, draft, label, link, merge, note, split
from app.flows.reply import Answer, reply
from app.flows.split import Split
from app.outbox.models import Delivery, OutboxRow
from app.screens.ticket_filter import TicketFilter
from app.screens.ticket_list import read_list
from app.screens.ticket_page import read_ticket_page
from app.screens.ticket_search import find_tickets
from app.sla.effects import facts
from app.sla.facts import unanswered_since
from app.sla.models import ClockRow
from app.tickets import queries
from app.tickets.drafts import Draft, Mode, Written
from app.tickets.labels import of_tickets
from app.tickets.models import Attachment, Event, Message, Ticket
from channels.contract import ChannelName
from tests.factories import MONDAY, Authority, arrives, mail
from tests.web.conftest import rich_mail

HOUR = timedelta(hours=1)
STRANGER = "Omar Övning <omar@example.se>"


@pytest.fixture
def desk(system: System, authority: Authority, at: time_machine.Coordinates) -> Desk:
    at.move_to(MONDAY + HOUR)
    return Desk(system, authority)


class Desk:
    """Nils's hands: two mails of Siri, an hour apart."""

    def __init__(self, system: System, authority: Authority) -> None:
        self.system, self.authority, self.nils = system, authority, authority.viewers["nils"]
        self.count = 0

    def comes(self, body: str = "Hej", **more: str) -> Ticket:
        self.count += 1
        number = f"1:{self.count}"
        raw = mail(body, message_id=f"m{self.count}@example.se", **more)
        return self.now(arrives(self.system, raw, item_id=number, at=MONDAY + self.count * HOUR).ticket_id)

    def now(self, ticket_id: int | None) -> Ticket:
        return self.authority.ticket(ticket_id)

    def merge(self, source: Ticket, into: Ticket, *, is_sure: bool = False) -> str:
        return merge.merge(
            self.system, self.nils, source.reference, into=into.reference, reason="Samma fråga", is_sure=is_sure
        )

    def answer(self, ticket: Ticket, *, has_left: bool = True) -> None:
        reply(self.system, self.nils, ticket.reference, Answer("Ja, det går bra.", ChannelName.EMAIL))
        if has_left:
            with self.system.db.begin() as session:
                for row in session.scalars(select(OutboxRow)):
                    row.state = Delivery.SENT

    def messages(self, ticket: Ticket) -> set[tuple[int, str]]:
        with self.system.db.read() as session:
            query = select(Message.id, Message.body).where(Message.ticket_id == ticket.id)
            return {(row.id, row.body.strip()) for row in session.execute(query)}

    def clocks(self, ticket: Ticket) -> dict[tuple[str, int], ClockRow]:
        with self.system.db.read() as session:
            rows = session.scalars(select(ClockRow).where(ClockRow.ticket_id == ticket.id))
            return {(row.metric, row.instance): row for row in rows}

    def unanswered(self, ticket: Ticket) -> datetime | None:
        with self.system.db.read() as session:
            return unanswered_since(facts(queries.history(session, ticket.id)))

    def kinds(self, ticket: Ticket) -> list[str]:
        with self.system.db.read() as session:
            return list(session.scalars(select(Event.kind).where(Event.ticket_id == ticket.id).order_by(Event.id)))

    def found(self, words: str) -> set[str]:
        with self.system.db.read() as session:
            return {hit.reference for hit in find_tickets(session, self.nils, words).hits}

    def listed(self, **wanted: str) -> set[str]:
        with self.system.db.read() as session:
            zone = MONDAY.tzinfo
            rows = read_list(session, TicketFilter.parse(wanted), self.nils, now=MONDAY, zone=zone)  # type: ignore[arg-type]
            return {row.reference for section in rows.sections for row in section.rows}

    def has_sound_index(self) -> bool:
        """Whether the full-text index agrees with itself; a wrong word taken out of it would show here."""
        if not self.system.settings.is_sqlite:
            return True
        with self.system.db.begin() as session:
            session.execute(text("INSERT INTO search_words (search_words) VALUES ('integrity-check')"))
        return True


def test_the_messages_go_on_in_the_other_ticket_and_only_there(desk: Desk) -> None:
    older, younger = desk.comes("Hur länge gäller mitt kort?"), desk.comes("Hallå, är någon där?", subject="Igen")
    label.put_label(desk.system, desk.nils, younger.reference, "brådskande")
    note.note(desk.system, desk.nils, younger.reference, "Hon ringde också.")
    before = desk.messages(older) | desk.messages(younger)
    assert desk.merge(younger, older) == older.reference
    assert desk.messages(older) == before
    assert desk.messages(younger) == set()
    assert desk.now(younger.id).merged_into == older.id
    assert desk.now(older.id).asked_in == younger.asked_in
    with desk.system.db.read() as session:
        assert of_tickets(session, [older.id]) == {older.id: ("brådskande",)}
    assert desk.found("hallå") == {older.reference}
    assert desk.found("ringde") == {older.reference}
    assert desk.found("igen") == {older.reference}, "found by the words of its own mail's subject"
    assert desk.has_sound_index()
    assert desk.listed() == {older.reference}
    assert desk.listed(state="resolved") == set()


def test_files_sendings_and_suggestions_go_with_their_messages(desk: Desk) -> None:
    older = desk.comes()
    with_files = desk.now(arrives(desk.system, rich_mail(), item_id="9:9").ticket_id)
    desk.answer(with_files)
    with desk.system.db.read() as session:
        files = set(session.scalars(select(Attachment.id)))
        sendings = set(session.scalars(select(OutboxRow.id)))
    assert files
    desk.merge(with_files, older, is_sure=True)
    with desk.system.db.read() as session:
        assert set(session.scalars(select(Attachment.id).where(Attachment.ticket_id == older.id))) == files
        assert set(session.scalars(select(OutboxRow.id).where(OutboxRow.ticket_id == older.id))) >= sendings - {1}
        assert not session.scalar(select(OutboxRow.id).where(OutboxRow.ticket_id == with_files.id))
    assert desk.has_sound_index()


def test_the_older_wait_decides_and_the_ticket_that_is_gone_counts_no_more(
    desk: Desk, at: time_machine.Coordinates
) -> None:
    older, younger = desk.comes(), desk.comes()
    at.move_to(MONDAY + 3 * HOUR)
    desk.merge(older, younger)
    clocks = desk.clocks(younger)
    assert clocks["first_response", 1].started_at == MONDAY + HOUR
    assert {row.result for row in desk.clocks(older).values()} == {"merged"}
    assert {row.counted_at for row in desk.clocks(older).values()} == {None}


def test_a_late_ticket_that_is_merged_is_late_once(desk: Desk, at: time_machine.Coordinates) -> None:
    older, younger = desk.comes(), desk.comes()
    at.move_to(MONDAY + timedelta(days=2))
    desk.merge(older, younger)
    assert desk.clocks(older)["first_response", 1].counted_at is None
    assert desk.clocks(younger)["first_response", 1].result == "overdue"


def test_an_answered_ticket_that_gets_an_unanswered_one_waits_again(desk: Desk, at: time_machine.Coordinates) -> None:
    answered, asked = desk.comes(), desk.comes()
    desk.answer(answered)
    close.resolve(desk.system, desk.nils, answered.reference)
    at.move_to(MONDAY + 4 * HOUR)
    desk.merge(asked, answered)
    assert desk.now(answered.id).state == "open"
    assert desk.unanswered(answered) == MONDAY + 2 * HOUR
    assert desk.kinds(answered)[-2:] == ["merged", "reopened"]


def test_an_answered_one_leaves_the_other_as_it_was(desk: Desk) -> None:
    answered, resolved = desk.comes(), desk.comes()
    desk.answer(answered)
    close.resolve(desk.system, desk.nils, resolved.reference)
    desk.merge(answered, resolved)
    assert desk.now(resolved.id).state == "resolved"


def test_what_is_sent_to_the_merged_ticket_comes_to_the_other(desk: Desk) -> None:
    older, younger = desk.comes(), desk.comes()
    desk.merge(younger, older)
    again = mail("Tack!", message_id="x@example.se", In_Reply_To="<m2@example.se>")
    by_number = mail("Tack igen!", message_id="y@example.se", subject=f"Re: Ärende {younger.reference}")
    assert arrives(desk.system, again, item_id="8:1").ticket_id == older.id
    assert arrives(desk.system, by_number, item_id="8:2").ticket_id == older.id


def test_a_chain_of_merges_ends_in_the_last(desk: Desk) -> None:
    first, second, third = desk.comes(), desk.comes(), desk.comes()
    everything = desk.messages(first) | desk.messages(second) | desk.messages(third)
    desk.merge(first, second)
    desk.merge(second, third)
    assert {desk.now(one.id).merged_into for one in (first, second)} == {third.id}
    assert desk.messages(third) == everything
    late = mail("Sent", message_id="z@example.se", In_Reply_To="<m1@example.se>")
    assert arrives(desk.system, late, item_id="8:1").ticket_id == third.id


def test_a_merged_ticket_cannot_be_worked_on_and_says_where_to_go(desk: Desk) -> None:
    older, younger = desk.comes(), desk.comes()
    desk.merge(younger, older)
    for act in (
        lambda: close.reopen(desk.system, desk.nils, younger.reference),
        lambda: note.note(desk.system, desk.nils, younger.reference, "x"),
        lambda: desk.merge(younger, older),
    ):
        with pytest.raises(ConflictError):
            act()
    with pytest.raises(InvalidInputError):
        desk.merge(older, younger)
    with desk.system.db.read() as session:
        page = read_ticket_page(session, desk.nils, younger.reference, now=MONDAY)
    assert (page.merged_into, page.can_work) == (older.reference, False)


def test_different_citizens_are_merged_only_by_who_is_sure(desk: Desk) -> None:
    hers, his = desk.comes(), desk.comes(sender=STRANGER)
    with pytest.raises(merge.OtherCitizenError):
        desk.merge(his, hers)
    assert desk.now(his.id).merged_into is None
    desk.merge(his, hers, is_sure=True)
    assert desk.now(hers.id).person_id == hers.person_id, "answers still go to her alone"
    again = mail("Och?", message_id="x@example.se", In_Reply_To="<m2@example.se>", sender=STRANGER)
    joined = arrives(desk.system, again, item_id="8:1")
    assert joined.ticket_id != hers.id, "he is no part of her ticket"


def test_it_waits_for_an_answer_that_is_on_its_way(desk: Desk) -> None:
    older, younger = desk.comes(), desk.comes()
    desk.answer(younger, has_left=False)
    with pytest.raises(ConflictError):
        desk.merge(younger, older)
    assert desk.now(younger.id).merged_into is None


def test_no_word_of_a_draft_is_lost(desk: Desk) -> None:
    older, younger = desk.comes(), desk.comes()
    for ticket, body in ((older, "Början"), (younger, "Slutet")):
        draft.save(desk.system, desk.nils, ticket.reference, Mode.REPLY, Written(body), revision=0)
    draft.save(desk.system, desk.nils, younger.reference, Mode.NOTE, Written("Anteckning"), revision=0)
    desk.merge(younger, older)
    with desk.system.db.read() as session:
        drafts = {(row.ticket_id, row.mode): row.body for row in session.scalars(select(Draft))}
    assert drafts == {(older.id, "reply"): "Början\n\nSlutet", (older.id, "note"): "Anteckning"}


@pytest.mark.parametrize(("into", "reason", "field"), [("4711", "x", "into"), ("", "x", "into"), ("ok", " ", "reason")])
def test_it_needs_a_ticket_and_a_reason(into: str, reason: str, field: str, desk: Desk) -> None:
    older, younger = desk.comes(), desk.comes()
    into = older.reference if into == "ok" else into
    with pytest.raises(InvalidInputError) as told:
        merge.merge(desk.system, desk.nils, younger.reference, into=into, reason=reason)
    assert set(told.value.fields) == {field}


def test_nobody_merges_with_what_is_not_theirs(desk: Desk) -> None:
    north, south = desk.comes(), desk.comes(to="southern@migration.example")
    with pytest.raises(InvalidInputError):
        desk.merge(north, south)
    with pytest.raises((NotFoundError, ForbiddenError)):
        desk.merge(south, north)
    assert {desk.now(one.id).merged_into for one in (north, south)} == {None}


def test_a_message_becomes_a_ticket_that_has_waited_since_it_came(desk: Desk, at: time_machine.Coordinates) -> None:
    ticket = desk.comes("Hur länge gäller kortet?")
    raw = mail("Och en annan sak: jag har flyttat.", message_id="b@example.se", In_Reply_To="<m1@example.se>")
    arrives(desk.system, raw, item_id="8:1", at=MONDAY + 2 * HOUR)
    second = desk.now(ticket.id).asked_in
    at.move_to(MONDAY + 2.5 * HOUR)
    desk.answer(ticket)
    third = mail("Och min son?", message_id="c@example.se", In_Reply_To="<m1@example.se>")
    arrives(desk.system, third, item_id="8:2", at=MONDAY + 3 * HOUR)
    asked = desk.now(ticket.id).asked_in
    everything = desk.messages(ticket)
    at.move_to(MONDAY + 5 * HOUR)
    assert desk.unanswered(ticket) == MONDAY + 3 * HOUR
    wish = Split("Sonens ärende", ticket.unit_id, "En annan person")
    started = split.split(desk.system, desk.nils, ticket.reference, asked or 0, wish)
    with desk.system.db.read() as session:
        new = session.scalars(select(Ticket).where(Ticket.reference == started)).one()
    assert desk.messages(new) == {row for row in everything if row[0] == asked}
    assert desk.messages(ticket) == everything - desk.messages(new)
    assert desk.clocks(new)["first_response", 1].started_at == MONDAY + 3 * HOUR
    assert desk.unanswered(ticket) is None, "nothing is unanswered here any more"
    assert (new.asked_in, desk.now(ticket.id).asked_in) == (asked, second)
    assert desk.found("son") == {started}
    assert desk.has_sound_index()
    with desk.system.db.read() as session:
        related = read_ticket_page(session, desk.nils, started, now=MONDAY).related
    assert [one.reference for one in related] == [ticket.reference]


def test_what_a_ticket_began_with_is_copied_and_not_moved(desk: Desk) -> None:
    ticket = desk.now(arrives(desk.system, rich_mail(), item_id="9:9").ticket_id)
    first = ticket.asked_in or 0
    with pytest.raises(InvalidInputError) as told:
        split.split(desk.system, desk.nils, ticket.reference, first, Split("x", ticket.unit_id, "y"))
    assert set(told.value.fields) == {"how"}
    before = desk.messages(ticket)
    wish = Split("Den andra frågan", ticket.unit_id, "Två frågor", is_copied=True)
    started = split.split(desk.system, desk.nils, ticket.reference, first, wish)
    with desk.system.db.read() as session:
        new = session.scalars(select(Ticket).where(Ticket.reference == started)).one()
        files = [
            session.scalars(select(Attachment.blob_id).where(Attachment.ticket_id == one.id)).all()
            for one in (ticket, new)
        ]
    assert desk.messages(ticket) == before
    assert {body for _, body in desk.messages(new)} <= {body for _, body in before}
    assert files[0] == files[1] != []
    assert desk.clocks(ticket)["first_response", 1].stopped_at is None, "it is still unanswered here too"


def test_a_stranger_in_a_ticket_is_a_citizen_of_their_own_once_split_off(desk: Desk) -> None:
    hers, his = desk.comes(), desk.comes(sender=STRANGER)
    desk.merge(his, hers, is_sure=True)
    wish = Split("Omars fråga", hers.unit_id, "Fel person")
    started = split.split(desk.system, desk.nils, hers.reference, his.asked_in or 0, wish)
    with desk.system.db.read() as session:
        new = session.scalars(select(Ticket).where(Ticket.reference == started)).one()
    assert new.person_id == his.person_id
    clock = desk.clocks(hers)["first_response", 1]
    assert clock.started_at == MONDAY + HOUR, "hers alone"


def test_a_split_can_go_to_another_unit_and_needs_its_fields(desk: Desk) -> None:
    ticket = desk.comes()
    with pytest.raises(InvalidInputError) as told:
        split.split(desk.system, desk.nils, ticket.reference, ticket.asked_in or 0, Split(" ", 99, "x", is_copied=True))
    assert set(told.value.fields) == {"subject", "unit"}
    with pytest.raises(NotFoundError):
        split.split(desk.system, desk.nils, ticket.reference, 4711, Split("x", ticket.unit_id, "x"))
    south = desk.authority.units["southern"].id
    started = split.split(
        desk.system, desk.nils, ticket.reference, ticket.asked_in or 0, Split("Resa", south, "Deras", is_copied=True)
    )
    with pytest.raises(NotFoundError), desk.system.db.read() as session:
        read_ticket_page(session, desk.nils, started, now=MONDAY)
    with desk.system.db.read() as session:
        (related,) = read_ticket_page(session, desk.nils, ticket.reference, now=MONDAY).related
    assert (related.reference, related.subject) == (started, ""), "its number, and nothing of what is in it"


def test_links_are_seen_from_both_sides_once(desk: Desk) -> None:
    one, other = desk.comes(), desk.comes(sender=STRANGER)
    for _ in range(2):
        link.link(desk.system, desk.nils, one.reference, to=other.reference, reason="Makar")
    with desk.system.db.read() as session:
        seen = [read_ticket_page(session, desk.nils, ticket.reference, now=MONDAY) for ticket in (one, other)]
    assert [[(found.reference, found.why) for found in page.related] for page in seen] == [
        [(other.reference, "Makar")],
        [(one.reference, "Makar")],
    ]
    assert desk.kinds(one).count("linked") == desk.kinds(other).count("linked") == 1
    for _ in range(2):
        link.unlink(desk.system, desk.nils, other.reference, other=one.reference)
    with desk.system.db.read() as session:
        assert read_ticket_page(session, desk.nils, one.reference, now=MONDAY).related == ()
    with pytest.raises(InvalidInputError):
        link.link(desk.system, desk.nils, one.reference, to=one.reference, reason="x")
