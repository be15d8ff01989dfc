"""What agents do with items that became nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from app.core.system import System
from app.flows import rework
from app.flows.rework import Filing
from app.intake.models import Fate, Inbound
from app.tickets.models import Attachment, Message
from channels.contract import ChannelName
from tests.factories import MONDAY, Authority, arrives, mail

BROKEN = b"From nobody\n\nno header at all"
MACHINE = {"Auto_Submitted": "auto-replied"}


def quarantined(system: System) -> int:
    """A mail for the unit north that cannot be read."""
    filed = arrives(system, b"", item_id="9:9")
    with system.db.begin() as session:
        entry = session.get_one(Inbound, filed.inbound_id)
        entry.recipient = "north@migration.example"
    assert filed.fate == "quarantined"
    return entry.id


def ignored(system: System) -> int:
    filed = arrives(system, mail(message_id="auto@example.se", **MACHINE), item_id="9:8")
    assert filed.fate == "ignored"
    assert filed.inbound_id is not None
    return filed.inbound_id


def entry_of(system: System, inbound_id: int) -> Inbound:
    with system.db.read() as session:
        return session.get_one(Inbound, inbound_id)


def test_an_automatic_mail_that_was_a_citizen_s_becomes_a_ticket_by_hand(
    system: System, authority: Authority, at: time_machine.Coordinates
) -> None:
    inbound_id, nils = ignored(system), authority.viewers["nils"]
    at.shift(timedelta(hours=3))
    reference = rework.file(system, nils, inbound_id, Filing(unit_id=authority.units["north"].id, subject="Mitt kort"))
    entry = entry_of(system, inbound_id)
    ticket = authority.ticket(entry.ticket_id)
    assert (ticket.reference, ticket.subject, ticket.arrived_at) == (reference, "Mitt kort", MONDAY)
    assert (entry.fate, entry.handled_by) == (Fate.TICKET, nils.user_id)
    assert ticket.person_id is not None


def test_what_cannot_be_read_is_filed_with_its_original_as_a_file(system: System, authority: Authority) -> None:
    inbound_id, nils = quarantined(system), authority.viewers["nils"]
    filing = Filing(unit_id=authority.units["north"].id, subject="Oläsligt", sender="siri@example.se")
    rework.file(system, nils, inbound_id, filing)
    with system.db.read() as session:
        message = session.scalars(select(Message).where(Message.inbound_id == inbound_id)).one()
        files = session.scalars(select(Attachment).where(Attachment.message_id == message.id)).all()
    assert (message.sender, [file.filename for file in files]) == ("siri@example.se", ["message.eml"])


def test_an_item_joins_the_ticket_that_it_belongs_to(system: System, authority: Authority) -> None:
    ticket = authority.ticket(arrives(system, mail()).ticket_id)
    inbound_id = quarantined(system)
    rework.file(system, authority.viewers["nils"], inbound_id, Filing(reference=ticket.reference))
    entry = entry_of(system, inbound_id)
    assert (entry.fate, entry.ticket_id) == (Fate.JOINED, ticket.id)


def not_read_yet(system: System, monkeypatch: pytest.MonkeyPatch) -> int:
    """A good mail for the unit north that came while its reader was broken."""

    class Broken:
        def parse(self, _item: object, *, settings: object) -> None:
            raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("channels.reading.channel", lambda _name: Broken())
        inbound_id = arrives(system, mail()).inbound_id
    with system.db.begin() as session:
        entry = session.get_one(Inbound, inbound_id)
        entry.recipient = "north@migration.example"
    return entry.id


def test_a_mended_reader_files_what_it_could_not_read(
    system: System, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbound_id = not_read_yet(system, monkeypatch)
    assert rework.retry(system, authority.viewers["nils"], inbound_id) == Fate.TICKET
    assert entry_of(system, inbound_id).mail_id == "first@example.se"
    assert arrives(system, mail(), item_id="again").fate == "ignored"


def test_what_came_once_more_meanwhile_and_was_read_makes_no_second_ticket(
    system: System, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbound_id = not_read_yet(system, monkeypatch)
    again = arrives(system, mail(), item_id="again")
    assert rework.retry(system, authority.viewers["nils"], inbound_id) == Fate.IGNORED
    entry = entry_of(system, inbound_id)
    assert (entry.duplicate_of, entry.ticket_id) == (again.inbound_id, again.ticket_id)


def test_what_was_filed_by_hand_is_known_when_it_comes_once_more(
    system: System, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbound_id = not_read_yet(system, monkeypatch)
    nils = authority.viewers["nils"]
    reference = rework.file(system, nils, inbound_id, Filing(unit_id=authority.units["north"].id))
    again = arrives(system, mail(), item_id="again")
    assert (again.fate, authority.ticket(again.ticket_id).reference) == ("ignored", reference)


def test_what_still_cannot_be_read_stays_and_is_told(system: System, authority: Authority) -> None:
    inbound_id = quarantined(system)
    with pytest.raises(InvalidInputError):
        rework.retry(system, authority.viewers["nils"], inbound_id)
    assert (entry_of(system, inbound_id).fate, entry_of(system, inbound_id).handled_at) == (Fate.QUARANTINED, None)


def test_dismissing_needs_a_reason_and_keeps_who_and_why(system: System, authority: Authority) -> None:
    first, second, nils = quarantined(system), ignored(system), authority.viewers["nils"]
    with pytest.raises(InvalidInputError):
        rework.dismiss(system, nils, [first], reason="  ")
    with system.db.begin() as session:
        session.get_one(Inbound, second).recipient = "north@migration.example"
    assert rework.dismiss(system, nils, [first, second], reason="Reklam") == 2
    for inbound_id in (first, second):
        entry = entry_of(system, inbound_id)
        assert (entry.fate, entry.note, entry.handled_by) == (Fate.IGNORED, "Reklam", nils.user_id)
    with system.db.read() as session:
        audited = session.scalars(select(AuditEntry.reason).where(AuditEntry.action == "inbound_dismissed")).all()
    assert audited == ["Reklam"] * 2


WORK: dict[str, Callable[[System, Authority, str, int], object]] = {
    "retry": lambda system, authority, who, item: rework.retry(system, authority.viewers[who], item),
    "file": lambda system, authority, who, item: rework.file(
        system, authority.viewers[who], item, Filing(unit_id=min(authority.viewers[who].units))
    ),
    "dismiss": lambda system, authority, who, item: rework.dismiss(system, authority.viewers[who], [item], reason="x"),
}


@pytest.mark.parametrize("verb", WORK)
def test_the_second_of_two_is_told_that_somebody_was_faster(system: System, authority: Authority, verb: str) -> None:
    inbound_id = quarantined(system)
    rework.dismiss(system, authority.viewers["nora"], [inbound_id], reason="Reklam")
    with pytest.raises((ConflictError, InvalidInputError)):
        WORK[verb](system, authority, "nils", inbound_id)
    assert entry_of(system, inbound_id).handled_by == authority.viewers["nora"].user_id


@pytest.mark.parametrize("verb", WORK)
def test_another_unit_has_nothing_to_do_with_it(system: System, authority: Authority, verb: str) -> None:
    inbound_id = quarantined(system)
    with pytest.raises(NotFoundError):
        WORK[verb](system, authority, "saku", inbound_id)


def test_nobody_files_into_a_unit_or_ticket_that_is_not_theirs(system: System, authority: Authority) -> None:
    inbound_id, nils = quarantined(system), authority.viewers["nils"]
    foreign = arrives(system, mail(to="southern@migration.example", message_id="s@x.org"), item_id="7:7")
    wrong = [
        (Filing(unit_id=authority.units["southern"].id), ForbiddenError),
        (Filing(reference=authority.ticket(foreign.ticket_id).reference), NotFoundError),
        (Filing(), InvalidInputError),
        (Filing(unit_id=authority.units["north"].id, sender="no address"), InvalidInputError),
    ]
    for filing, error in wrong:
        with pytest.raises(error):
            rework.file(system, nils, inbound_id, filing)
    assert entry_of(system, inbound_id).fate == Fate.QUARANTINED


def test_a_step_of_a_call_can_only_be_dismissed(system: System, authority: Authority) -> None:
    filed = arrives(system, b"{}", item_id="c", channel=ChannelName.PHONE)
    assert filed.inbound_id is not None
    nora = authority.viewers["nora"]
    with pytest.raises(InvalidInputError):
        rework.file(system, nora, filed.inbound_id, Filing(unit_id=authority.units["north"].id))
    assert rework.dismiss(system, nora, [filed.inbound_id], reason="x") == 1
