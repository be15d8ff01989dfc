"""Units, topics and the limits set in the desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from app.accounts.models import AuditEntry, Membership, Unit, User
from app.accounts.models import Authority as AuthorityRow
from app.accounts.tuning import RANGES, merged, tuned
from app.core.errors import ConflictError, ForbiddenError, InvalidInputError
from app.core.system import System
from app.flows import close, transfer, tuning, units
from app.flows.reply import Answer, reply
from app.flows.units import UnitFacts
from app.outbox.models import OutboxRow
from app.routing.models import Rule
from app.sla.models import CalendarRow
from app.sla.service import policy_in_force
from app.tickets.models import Ticket, Topic
from channels.contract import ChannelName
from tests.factories import MONDAY, Authority, arrives, mail

NAMES = {"sv": "Enhet väst", "fi": "Yksikkö länsi", "en": "Unit west"}
WEST = UnitFacts(NAMES, "fi", "Europe/Helsinki", "West@migration.example", "08-465 00 400", "Gatan 1\n111 11 Sthlm")


def test_a_new_unit_promises_what_another_one_does(system: System, authority: Authority) -> None:
    admin, north = authority.viewers["admin"], authority.units["north"].id
    west = units.add(system, admin, WEST, like=north)
    with system.db.read() as session:
        unit = session.get_one(Unit, west)
        assert (unit.key, unit.mailbox, unit.phone) == ("unit-west", "west@migration.example", "+46846500400")
        calendars = {row.unit_id: row.data for row in session.scalars(select(CalendarRow).order_by(CalendarRow.id))}
        assert calendars[west] == {**calendars[north], "tz": "Europe/Helsinki"}

        promised, likewise = (policy_in_force(session, unit_id) for unit_id in (west, north))
        assert promised is not None
        assert likewise is not None
        assert promised.data == likewise.data
        assert promised.data["targets"]
    ticket = arrives(system, mail("Hej"), item_id="1:1").ticket_id
    transfer.transfer(system, authority.viewers["nils"], authority.ticket(ticket).reference, to=west, reason="Deras")
    assert authority.ticket(ticket).due_at is not None


def test_another_time_zone_is_another_calendar_and_the_old_one_stays(system: System, authority: Authority) -> None:
    admin, north = authority.viewers["admin"], authority.units["north"]
    with system.db.read() as session:
        before = session.scalars(select(CalendarRow).where(CalendarRow.unit_id == north.id)).all()
    kept = UnitFacts(dict(north.names), "sv", "Europe/Helsinki", north.mailbox, north.phone, north.postal_address)
    units.change(system, admin, north.id, kept)
    units.change(system, admin, north.id, kept)
    with system.db.read() as session:
        after = session.scalars(select(CalendarRow).where(CalendarRow.unit_id == north.id)).all()
        audited = session.scalars(select(AuditEntry.data).where(AuditEntry.action == "unit_changed")).all()
    assert [row.data for row in after[:-1]] == [row.data for row in before]
    assert after[-1].data == {**before[-1].data, "tz": "Europe/Helsinki"}
    assert [data["now"] for data in audited] == [{"timezone": "Europe/Helsinki"}]


def test_faults_of_a_unit_are_named_each(system: System, authority: Authority) -> None:
    admin, north = authority.viewers["admin"], authority.units["north"]
    wrong = UnitFacts({"sv": "x"}, "xx", "Mars/Base", north.mailbox, "abc", "")
    with pytest.raises(InvalidInputError) as told:
        units.add(system, admin, wrong, like=north.id)
    named = {"name-fi", "name-en", "language", "timezone", "mailbox", "phone", "postal_address"}
    assert set(told.value.fields) == named
    with pytest.raises(ForbiddenError):
        units.add(system, authority.viewers["nora"], WEST, like=north.id)


def test_a_unit_is_closed_when_nothing_needs_it(system: System, authority: Authority) -> None:
    admin, north = authority.viewers["admin"], authority.units["north"].id
    southern = authority.units["southern"].id
    ticket = authority.ticket(arrives(system, mail("Hej"), item_id="1:1").ticket_id).reference
    with pytest.raises(ConflictError, match="open tickets"):
        units.close(system, admin, north)
    close.resolve(system, authority.viewers["nils"], ticket)
    with pytest.raises(ConflictError, match="People"):
        units.close(system, admin, north)
    with system.db.begin() as session:
        for place in session.scalars(select(Membership).where(Membership.unit_id == north)):
            session.delete(place)
    with pytest.raises(ConflictError, match="routing"):
        units.close(system, admin, north)
    with system.db.begin() as session:
        for rule in session.scalars(select(Rule).where(Rule.unit_id == north)):
            rule.unit_id = southern
    units.close(system, admin, north)
    other = authority.ticket(arrives(system, mail("Hej", message_id="b@example.se"), item_id="1:2").ticket_id)
    assert other.unit_id == southern
    with pytest.raises(InvalidInputError):
        transfer.transfer(system, authority.viewers["saku"], other.reference, to=north, reason="Deras")
    units.reopen(system, admin, north)
    transfer.transfer(system, authority.viewers["saku"], other.reference, to=north, reason="Deras")


def test_topics_are_added_renamed_and_retired_by_the_head(system: System, authority: Authority) -> None:
    nora, north = authority.viewers["nora"], authority.units["north"].id
    topic = units.save_topic(system, nora, north, NAMES)
    units.save_topic(system, nora, north, {**NAMES, "en": "Card 2"}, topic_id=topic)
    units.retire_topic(system, nora, north, topic, is_retired=True)
    with system.db.read() as session:
        row = session.get_one(Topic, topic)
        assert (row.key, row.name("en"), row.is_retired) == ("unit-west", "Card 2", True)
    with pytest.raises(InvalidInputError) as told:
        units.save_topic(system, nora, north, {"sv": "x"})
    assert set(told.value.fields) == {"name-fi", "name-en"}
    with pytest.raises(ForbiddenError):
        units.save_topic(system, authority.viewers["suvi"], north, NAMES)


def test_a_retired_topic_is_given_to_no_new_ticket(system: System, authority: Authority) -> None:
    nora, north = authority.viewers["nora"], authority.units["north"].id
    before = authority.ticket(arrives(system, mail("Mitt kort"), item_id="1:1").ticket_id)
    assert before.topic_id is not None
    units.retire_topic(system, nora, north, before.topic_id, is_retired=True)
    after = authority.ticket(arrives(system, mail("Mitt kort", message_id="b@example.se"), item_id="1:2").ticket_id)
    with system.db.read() as session:
        assert session.get_one(Ticket, before.id).topic_id == before.topic_id
    assert after.topic_id is None


def test_a_limit_applies_at_once_and_a_persons_own_before_it(
    system: System, authority: Authority, at: time_machine.Coordinates
) -> None:
    at.move_to(MONDAY)
    nils, admin = authority.viewers["nils"], authority.viewers["admin"]

    def waits() -> timedelta:
        with system.db.read() as session:
            number = (session.scalar(select(func.count()).select_from(Ticket)) or 0) + 1
        raw = mail("Hej", message_id=f"m{number}@example.se", sender=f"c{number}@example.se")
        reference = authority.ticket(arrives(system, raw, item_id=f"1:{number}").ticket_id).reference
        reply(system, nils, reference, Answer("Ja.", ChannelName.EMAIL))
        with system.db.read() as session:
            newest = select(OutboxRow).where(~OutboxRow.is_automatic).order_by(OutboxRow.id.desc()).limit(1)
            return session.scalars(newest).one().not_before - MONDAY

    assert waits() == timedelta(seconds=system.settings.undo_seconds)
    tuning.tune(system, admin, names=NAMES, domain="migration.example", limits={"undo_seconds": "45"})
    assert waits() == timedelta(seconds=45)
    with system.db.begin() as session:
        session.get_one(User, nils.user_id).undo_seconds = 0
    assert waits() == timedelta(0)
    tuning.tune(system, admin, names=NAMES, domain="migration.example", limits={"undo_seconds": ""})
    with system.db.read() as session:
        assert tuned(session, system.settings) == system.settings
        assert session.get_one(AuthorityRow, 1).names == NAMES


def test_limits_out_of_their_range_are_refused_and_never_obeyed(system: System, authority: Authority) -> None:
    wrong = {name: str(high + 1) for name, (_, high) in RANGES.items()}
    with pytest.raises(InvalidInputError) as told:
        tuning.tune(system, authority.viewers["admin"], names=NAMES, domain="nodomain", limits=wrong)
    assert set(told.value.fields) == {*RANGES, "domain"}
    with pytest.raises(ForbiddenError):
        tuning.tune(system, authority.viewers["nora"], names=NAMES, domain="a.example", limits={})
    settings = replace(system.settings)
    unusable = {"undo_seconds": -5, "session_hours": True, "secret_key": "x", "receipts_per_hour": "7"}
    assert merged(settings, unusable) == settings
