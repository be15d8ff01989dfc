"""Who works here: invitations, lost passwords, leaving and handing over; whole sets of tickets are compared."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.accounts import sessions
from app.accounts.links import AccessLink
from app.accounts.models import AuditEntry, LoginSession, User
from app.accounts.passwords import is_right
from app.core import clock
from app.core.errors import ForbiddenError, InvalidInputError, NotFoundError
from app.core.system import System
from app.flows import access_links, assign, close, handover, people, protect
from app.flows.people import PersonFacts
from app.tickets.models import Event, Ticket
from channels.contract import ChannelError, OutboundMessage, UnreachableError
from tests.factories import MONDAY, Authority, arrives, mail

PASSWORD = "blå bil på en grön väg"


class Post:
    """A mail server that takes what it is told to take."""

    def __init__(self) -> None:
        self.mails: list[OutboundMessage] = []
        self.refuses: list[Exception] = []

    def send(self, message: OutboundMessage) -> None:
        if self.refuses:
            raise self.refuses.pop(0)
        self.mails.append(message)

    def token(self) -> str:
        found = re.search(r"/welcome/(\S+)", self.mails[-1].text)
        assert found
        return found[1]


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture(autouse=True)
def _on_monday(at: time_machine.Coordinates) -> None:
    at.move_to(MONDAY)


def facts(authority: Authority, **more: object) -> PersonFacts:
    north = authority.units["north"].id
    return replace(PersonFacts("Åsa Ö", "asa@migration.example", "sv", places={north: "agent"}), **more)  # type: ignore[arg-type]


def users(system: System) -> dict[str, User]:
    with system.db.read() as session:
        return {user.email.partition("@")[0]: user for user in session.scalars(select(User))}


def test_somebody_is_invited_and_chooses_a_password(system: System, authority: Authority, post: Post) -> None:
    user_id = people.invite(system, authority.viewers["admin"], facts(authority))
    assert not is_right("", "a password that nobody has"), "nothing fits who has no password yet"
    assert access_links.send_mails(system, post) == 1
    mail_ = post.mails[0]
    assert (mail_.to.address, mail_.language, mail_.is_automatic) == ("asa@migration.example", "sv", True)
    token = post.token()
    assert access_links.invited(system, token).is_new
    with pytest.raises(InvalidInputError):
        access_links.choose_password(system, token, "short")
    assert access_links.choose_password(system, token, PASSWORD) == "asa@migration.example"
    user = users(system)["asa"]
    assert is_right(user.password_hash, PASSWORD)
    assert [(place.unit_id, place.role) for place in user.memberships] == [(authority.units["north"].id, "agent")]
    with pytest.raises(NotFoundError):
        access_links.choose_password(system, token, "another long password")
    assert access_links.send_mails(system, post) == 0
    with system.db.read() as session:
        actions = session.execute(select(AuditEntry.action, AuditEntry.user_id)).all()
    admin = authority.viewers["admin"].user_id
    assert [tuple(row) for row in actions] == [("user_invited", admin), ("password_changed", user_id)]


def test_only_the_newest_link_works_and_only_for_its_time(
    system: System, authority: Authority, post: Post, at: time_machine.Coordinates
) -> None:
    user_id = people.invite(system, authority.viewers["admin"], facts(authority))
    access_links.send_mails(system, post)
    first = post.token()
    access_links.send_link(system, authority.viewers["admin"], user_id)
    access_links.send_mails(system, post)
    second = post.token()
    forged = second[:-1] + ("0" if second[-1] != "0" else "1")
    for wrong in (first, forged, "1", "1-", "x-y", "99999999999-0", ""):
        with pytest.raises(NotFoundError):
            access_links.invited(system, wrong)
    at.move_to(MONDAY + timedelta(days=6, hours=23))
    access_links.invited(system, second)
    at.move_to(MONDAY + timedelta(days=7, seconds=1))
    with pytest.raises(NotFoundError):
        access_links.invited(system, second)


def test_a_lost_password_is_replaced_and_log_ins_end(system: System, authority: Authority, post: Post) -> None:
    nils = authority.viewers["nils"].user_id
    with system.db.begin() as session:
        sessions.start(session, nils, at=clock.now(), hours=10)
    for _ in range(5):
        access_links.ask_for_link(system, " NILS@migration.example ")
        access_links.ask_for_link(system, "nobody@migration.example")
    assert access_links.send_mails(system, post) == 1, "of three an hour the newest one leaves"
    assert {mail_.to.address for mail_ in post.mails} == {"nils@migration.example"}
    with system.db.read() as session:
        assert len(session.scalars(select(AccessLink)).all()) == 3
    access_links.choose_password(system, post.token(), PASSWORD)
    with system.db.read() as session:
        assert session.scalars(select(LoginSession.revoked_at).where(LoginSession.user_id == nils)).all() != [None]
    assert is_right(users(system)["nils"].password_hash, PASSWORD)


def test_a_link_waits_for_the_mail_server_and_tells_when_it_is_refused(
    system: System, authority: Authority, post: Post, at: time_machine.Coordinates
) -> None:
    people.invite(system, authority.viewers["admin"], facts(authority))
    post.refuses = [UnreachableError("away"), ChannelError("later", permanent=False)]
    assert access_links.send_mails(system, post) == 1
    assert access_links.send_mails(system, post) == 0
    at.move_to(MONDAY + timedelta(seconds=31))
    assert access_links.send_mails(system, post) == 1
    at.move_to(MONDAY + timedelta(hours=1))
    post.refuses = [ChannelError("no such box", permanent=True)]
    assert access_links.send_mails(system, post) == 1
    with system.db.read() as session:
        link = session.scalars(select(AccessLink)).one()
    assert (link.state, link.failure, post.mails) == ("failed", "no such box", [])


def test_a_worker_that_is_killed_leaves_the_mail_to_the_next(
    system: System, authority: Authority, post: Post, at: time_machine.Coordinates
) -> None:
    people.invite(system, authority.viewers["admin"], facts(authority))
    post.refuses = [KeyboardInterrupt()]  # type: ignore[list-item]
    with pytest.raises(KeyboardInterrupt):
        access_links.send_mails(system, post)
    assert access_links.send_mails(system, post) == 0
    at.move_to(MONDAY + timedelta(minutes=6))
    assert access_links.send_mails(system, post) == 1
    assert len(post.mails) == 1


def test_faults_of_a_person_are_named_each(system: System, authority: Authority) -> None:
    wrong = PersonFacts(" ", "nils@migration.example", "xx", places={99: "agent"})
    with pytest.raises(InvalidInputError) as told:
        people.invite(system, authority.viewers["admin"], wrong)
    assert set(told.value.fields) == {"name", "email", "language", "places"}
    with pytest.raises(ForbiddenError):
        people.invite(system, authority.viewers["nora"], facts(authority))


def test_a_person_changes_units_and_what_was_before_is_kept(system: System, authority: Authority) -> None:
    nils, southern = authority.viewers["nils"].user_id, authority.units["southern"].id
    new = PersonFacts("Nils N", "nils@migration.example", "fi", sees_protected=True, places={southern: "head"})
    people.change(system, authority.viewers["admin"], nils, new)
    user = users(system)["nils"]
    assert [(place.unit_id, place.role) for place in user.memberships] == [(southern, "head")]
    assert (user.name, user.language, user.sees_protected) == ("Nils N", "fi", True)
    with system.db.read() as session:
        data = session.scalars(select(AuditEntry.data).where(AuditEntry.action == "user_changed")).one()
    assert data["before"]["places"] == {str(authority.units["north"].id): "agent"}
    assert set(data["now"]) == {"name", "language", "sees_protected", "places"}


def test_the_last_administrator_stays(system: System, authority: Authority) -> None:
    admin = authority.viewers["admin"]
    with pytest.raises(InvalidInputError):
        people.leave(system, admin, admin.user_id)
    with pytest.raises(InvalidInputError) as told:
        people.change(system, admin, admin.user_id, PersonFacts("Admin", "admin@migration.example", "en"))
    assert set(told.value.fields) == {"is_admin"}


def test_who_leaves_is_out_at_once_and_may_come_back(system: System, authority: Authority, post: Post) -> None:
    nils, admin = authority.viewers["nils"].user_id, authority.viewers["admin"]
    with system.db.begin() as session:
        key = sessions.start(session, nils, at=clock.now(), hours=10)
    access_links.ask_for_link(system, "nils@migration.example")
    people.leave(system, admin, nils)
    assert access_links.send_mails(system, post) == 0
    with system.db.read() as session:
        assert sessions.find(session, key, at=clock.now(), settings=system.settings) is None
    access_links.ask_for_link(system, "nils@migration.example")
    assert access_links.send_mails(system, post) == 0
    ticket = arrives(system, mail("Hej"), item_id="1:1").ticket_id
    reference = authority.ticket(ticket).reference
    with pytest.raises(InvalidInputError):
        assign.assign(system, authority.viewers["nora"], reference, to=nils)
    people.come_back(system, admin, nils)
    assert users(system)["nils"].is_active
    assert access_links.send_mails(system, post) == 1


def test_every_open_ticket_of_who_leaves_is_handed_over(system: System, authority: Authority) -> None:
    nils, nora, admin = (authority.viewers[name] for name in ("nils", "nora", "admin"))
    north = authority.units["north"].id
    references = []
    for number in range(handover.BATCH + 7):
        raw = mail("Hej", message_id=f"m{number}@example.se", sender=f"c{number}@example.se")
        references.append(authority.ticket(arrives(system, raw, item_id=f"1:{number}").ticket_id).reference)
    for reference in references[1:]:
        assign.take(system, nils, reference)
    close.resolve(system, nils, references[1])
    with system.db.read() as session:
        person = session.scalars(select(Ticket.person_id).where(Ticket.reference == references[2])).one()
    assert person is not None
    protect.protect(system, nora, person, kind="marked", reason="Enligt Skatteverket")
    assert handover.hand_over(system, admin, nils.user_id, {north: nora.user_id}) == len(references) - 2
    with system.db.read() as session:
        now = {row.reference: row.assignee_id for row in session.scalars(select(Ticket))}
        by_admin = session.scalars(select(Event.id).where(Event.user_id == admin.user_id)).all()
    expected = dict.fromkeys(references, nora.user_id) | {references[0]: None, references[1]: nils.user_id}
    assert now == expected | {references[2]: None}, "a protected identity goes to nobody who is not named for it"
    assert len(by_admin) == len(references) - 2
    assert handover.hand_over(system, admin, nora.user_id, {north: None}) == len(references) - 3
    with pytest.raises(InvalidInputError) as told:
        handover.hand_over(system, admin, nils.user_id, {north: authority.viewers["saku"].user_id})
    assert set(told.value.fields) == {f"unit-{north}"}
