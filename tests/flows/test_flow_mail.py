from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from app.core.system import System
from app.flows import receive as receive_flow
from app.flows.receive import receive
from app.intake.models import Inbound
from app.outbox.models import OutboxRow
from app.people.models import Person
from app.tickets.models import Attachment, Message, Ticket
from channels.contract import ChannelName, RawItem
from tests.factories import MONDAY, Authority, arrives, mail
from tests.queries import count_queries


@pytest.fixture(autouse=True)
def _monday_morning() -> object:
    with time_machine.travel(MONDAY + timedelta(seconds=5), tick=False) as at:
        yield at


def count(system: System, model: type) -> int:
    with system.db.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def outbox(system: System) -> list[OutboxRow]:
    with system.db.read() as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def test_a_mail_becomes_a_ticket_with_person_unit_topic_and_clock(system: System, authority: Authority) -> None:
    filed = arrives(system, mail())
    ticket = authority.ticket(filed.ticket_id)
    assert filed.fate == "ticket"
    assert (ticket.subject, ticket.channel, ticket.language, ticket.state) == (
        "Resa innan kortet",
        "email",
        "sv",
        "new",
    )
    assert ticket.unit_id == authority.units["north"].id
    assert ticket.routing["kind"] == "mailbox"
    assert ticket.routing["topic"] == "card"
    assert ticket.due_at == MONDAY + timedelta(hours=4)
    with system.db.read() as session:
        assert session.get_one(Person, ticket.person_id).name == "Siri Testsson"


def test_the_receipt_has_the_reference_and_nothing_the_sender_wrote(system: System, authority: Authority) -> None:
    ticket = authority.ticket(arrives(system, mail("Klicka på http://evil.example", subject="Vinst!")).ticket_id)
    (row,) = outbox(system)
    assert row.is_automatic
    assert row.to_address == "siri.testsson@example.se"
    shown = f"{ticket.reference[:4]} {ticket.reference[4:8]} {ticket.reference[8:]}"
    assert shown in row.subject
    assert "evil" not in row.text + row.html + row.subject
    assert "Vinst" not in row.text + row.html + row.subject


def test_the_same_item_and_the_same_mail_again_change_nothing(system: System, authority: Authority) -> None:
    first = arrives(system, mail(), item_id="1:1")
    assert arrives(system, mail(), item_id="1:1").fate == "seen"
    again = arrives(system, mail(), item_id="1:2")
    assert (again.fate, again.ticket_id) == ("ignored", first.ticket_id)
    assert (count(system, Ticket), count(system, Message), len(outbox(system))) == (1, 2, 1)


def test_a_citizen_s_answer_lands_in_the_same_ticket_by_token_and_by_message(
    system: System, authority: Authority
) -> None:
    first = arrives(system, mail())
    (receipt,) = outbox(system)
    by_token = mail("Tack!", to=receipt.reply_to, subject="Re: kvitto", message_id="second@example.se")
    by_thread = mail("En sak till", subject="något", message_id="third@example.se", In_Reply_To=f"<{receipt.mail_id}>")
    joined = [arrives(system, raw, item_id=f"2:{n}") for n, raw in enumerate((by_token, by_thread))]
    assert [(filed.fate, filed.ticket_id) for filed in joined] == [("joined", first.ticket_id)] * 2
    assert len(outbox(system)) == 1


def test_a_stranger_with_the_reference_in_the_subject_gets_a_linked_ticket(
    system: System, authority: Authority
) -> None:
    first = arrives(system, mail())
    reference = authority.ticket(first.ticket_id).reference
    stranger = mail(
        "Jag vill veta mer", subject=f"Re: [{reference}]", sender="x@example.org", message_id="stranger@example.org"
    )
    other = authority.ticket(arrives(system, stranger, item_id="2:1").ticket_id)
    assert other.id != first.ticket_id
    assert other.possible_reply_to == first.ticket_id


def test_our_token_from_another_sender_joins_unconfirmed(system: System, authority: Authority) -> None:
    first = arrives(system, mail())
    (receipt,) = outbox(system)
    raw = mail("Jag svarar för Siri", to=receipt.reply_to, sender="x@example.org", message_id="x@example.org")
    joined = arrives(system, raw, item_id="2:1")
    with system.db.read() as session:
        message = session.scalars(select(Message).where(Message.sender == "x@example.org")).one()
    assert (joined.ticket_id, message.is_confirmed) == (first.ticket_id, False)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated", "Precedence": "bulk"},
        {"Precedence": "bulk", "List_Id": "<news.example.org>"},
    ],
)
def test_machines_get_no_receipt(system: System, authority: Authority, headers: dict[str, str]) -> None:
    arrives(system, mail("Jag är på semester", subject="Autosvar: frånvaro", **headers))
    assert outbox(system) == []


def test_an_out_of_office_adds_to_its_ticket_and_reopens_nothing(system: System, authority: Authority) -> None:
    first = arrives(system, mail())
    (receipt,) = outbox(system)
    raw = mail(
        "Jag är borta", message_id="ooo@example.se", In_Reply_To=f"<{receipt.mail_id}>", Auto_Submitted="auto-replied"
    )
    joined = arrives(system, raw, item_id="2:1")
    ticket = authority.ticket(first.ticket_id)
    assert (joined.fate, joined.ticket_id, ticket.state) == ("joined", first.ticket_id, "new")
    assert ticket.asked_in == 1


def test_one_address_gets_at_most_five_receipts_a_day(system: System, authority: Authority) -> None:
    for number in range(8):
        arrives(system, mail(message_id=f"m{number}@example.se"), item_id=f"1:{number}")
    assert count(system, Ticket) == 8
    assert len(outbox(system)) == 5


@pytest.mark.parametrize("missing", ["Message-ID", "Date", "From", "all"])
def test_a_mail_without_the_usual_headers_still_becomes_a_ticket(
    system: System, authority: Authority, missing: str
) -> None:
    lines = mail().split(b"\n")
    gone = (b"message-id:", b"date:", b"from:") if missing == "all" else (missing.lower().encode() + b":",)
    raw = b"\n".join(line for line in lines if not line.lower().startswith(gone))
    filed = arrives(system, raw)
    assert filed.fate == "ticket"
    assert authority.ticket(filed.ticket_id).arrived_at == MONDAY


def test_a_mail_of_thirty_megabytes_is_kept_whole(system: System, authority: Authority) -> None:
    import email
    import os

    message = email.message_from_bytes(mail(), policy=email.policy.default)
    assert isinstance(message, email.message.EmailMessage)
    payload = os.urandom(22 * 1024 * 1024)
    message.add_attachment(payload, maintype="application", subtype="octet-stream", filename="film.bin")
    raw = message.as_bytes()
    assert len(raw) > 29 * 1024 * 1024
    arrives(system, raw)
    from app.core import storage

    with system.db.read() as session:
        attachment = session.scalars(select(Attachment)).one()
        entry = session.scalars(select(Inbound)).one()
        assert storage.load(session, system.settings.data_dir, attachment.blob_id) == payload
        assert entry.blob_id is not None
        assert storage.load(session, system.settings.data_dir, entry.blob_id) == raw


def test_an_unreadable_item_is_quarantined_alone(system: System, authority: Authority) -> None:
    items = [
        RawItem(ChannelName.EMAIL, "test", "1", mail(message_id="a@example.se"), MONDAY),
        RawItem(ChannelName.LETTER, "test", "2", b"no pdf", MONDAY),
        RawItem(ChannelName.EMAIL, "test", "3", mail(message_id="b@example.se"), MONDAY),
    ]
    assert [filed.fate for filed in receive(system, items)] == ["ticket", "quarantined", "ticket"]


def test_an_item_that_breaks_the_filing_does_not_take_the_others_along(
    system: System, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = receive_flow.sort_out

    def breaks_on_poison(session, system, entry, message):  # type: ignore[no-untyped-def]
        if message.subject == "poison":
            raise RuntimeError("a fault in our own code")
        whole(session, system, entry, message)

    monkeypatch.setattr(receive_flow, "sort_out", breaks_on_poison)
    items = [
        RawItem(ChannelName.EMAIL, "test", str(n), mail(subject=subject, message_id=f"{n}@example.se"), MONDAY)
        for n, subject in enumerate(("one", "poison", "two"))
    ]
    filed = receive(system, items)
    assert [row.fate for row in filed] == ["ticket", "quarantined", "ticket"]
    with system.db.read() as session:
        quarantined = session.scalars(select(Inbound).where(Inbound.fate == "quarantined")).one()
    assert quarantined.reason == "filing_failed"


def test_finnish_goes_to_the_finnish_unit_when_no_mailbox_decides(system: System, authority: Authority) -> None:
    raw = mail(
        "Hei, olen muuttanut Helsinkiin ja haluaisin tietää milloin oleskelulupakortti saapuu postissa.",
        subject="Missä kortti viipyy",
        to="info@migration.example",
    )
    ticket = authority.ticket(arrives(system, raw).ticket_id)
    assert (ticket.unit_id, ticket.language) == (authority.units["southern"].id, "fi")
    assert ticket.routing["kind"] == "language"


def test_each_mail_of_a_batch_costs_the_same_statements_however_many_came_before(
    system: System, authority: Authority
) -> None:
    def batch(first: int, size: int) -> list[RawItem]:
        numbers = range(first, first + size)
        raws = [mail(sender=f"c{number}@example.org", message_id=f"m{number}@example.org") for number in numbers]
        return [RawItem(ChannelName.EMAIL, "test", str(number), raw) for number, raw in zip(numbers, raws, strict=True)]

    receive(system, batch(0, 3))
    spent = []
    for first, size in ((10, 1), (20, 5), (40, 20)):
        with count_queries(system.db.engine) as counted:
            receive(system, batch(first, size))
        spent.append(counted.count)
    a_mail = (spent[2] - spent[1]) / 15
    assert a_mail <= 24, f"{spent}\n{counted}"
    assert spent[0] <= 35, spent
