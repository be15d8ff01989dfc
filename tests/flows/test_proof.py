"""The proof must be able to say that something is lost or sent twice."""

from __future__ import annotations

from app.core.system import System
from app.flows.deliver import deliver
from app.reports.proof import Brought, Outcome, Proof, prove
from tests.factories import Authority, arrives, mail
from tests.flows.test_flow_delivery import Wire


def brought(*names: str, is_taken: bool = True) -> list[Brought]:
    return [Brought("email", name, f"title of {name}", is_taken) for name in names]


def proved(system: System, came: list[Brought], sent: list[str]) -> Proof:
    with system.db.read() as session:
        return prove(session, came, sent)


def test_everything_is_accounted_for_by_what_became_of_it(system: System, authority: Authority) -> None:
    arrives(system, mail(), item_id="1.a")
    arrives(system, mail(), item_id="2.a")
    arrives(system, b"", item_id="3.a")
    arrives(system, mail(message_id="x@x.org", Auto_Submitted="auto-replied"), item_id="4.a")
    wire = Wire()
    deliver(system, wire)
    sent = [message.message_id for message in wire.taken]
    came = brought("1.a", "2.a", "3.a", "4.a") + brought("5.a", is_taken=False)
    found = proved(system, came, sent)
    assert found.outcomes == {
        Outcome.TICKET: 1,
        Outcome.DUPLICATE: 1,
        Outcome.QUARANTINED: 1,
        Outcome.IGNORED: 1,
        Outcome.WAITING: 1,
    }
    assert found.is_whole
    assert (found.came, found.left, found.waiting) == (5, 1, ("title of 5.a",))


def test_what_was_taken_and_is_on_no_ledger_is_lost(system: System, authority: Authority) -> None:
    arrives(system, mail(), item_id="1.a")
    found = proved(system, brought("1.a", "2.a"), [])
    assert (found.lost, found.is_whole) == (("title of 2.a",), False)


def test_what_the_mail_server_has_twice_or_from_nobody_is_named(system: System, authority: Authority) -> None:
    arrives(system, mail(), item_id="1.a")
    wire = Wire()
    deliver(system, wire)
    (message,) = wire.taken
    twice = proved(system, brought("1.a"), [message.message_id] * 2)
    assert (twice.left, twice.doubled, twice.is_whole) == (1, (message.message_id,), False)
    strange = proved(system, brought("1.a"), [message.message_id, "who@knows.example"])
    assert (strange.strangers, strange.is_whole) == (("who@knows.example",), False)
