"""Routing rules kept in the desk: what comes next follows them, and what they say of a text is what intake does."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.core.errors import ConflictError, ForbiddenError, InvalidInputError
from app.core.system import System
from app.flows import routing_rules as flow
from app.flows.routing_rules import RuleFacts
from app.routing import service as routing
from app.routing.rules import RoutingRule, undecided
from app.tickets.models import Ticket
from tests.factories import Authority, arrives, mail


class Rules:
    """An administrator's hands."""

    def __init__(self, system: System, authority: Authority) -> None:
        self.system, self.admin = system, authority.viewers["admin"]
        self.north, self.southern = (authority.units[name].id for name in ("north", "southern"))

    def now(self) -> list[RoutingRule]:
        with self.system.db.read() as session:
            return routing.rules(session)

    @property
    def seen(self) -> str:
        return flow.digest(self.now())

    def save(self, facts: RuleFacts, rule_id: int | None = None) -> None:
        flow.save(self.system, self.admin, facts, seen=self.seen, rule_id=rule_id)

    def told(self) -> list[tuple[int, str, str]]:
        return [(rule.position, rule.kind, rule.value) for rule in self.now()]


@pytest.fixture
def rules(system: System, authority: Authority) -> Rules:
    return Rules(system, authority)


def routed(system: System, authority: Authority, body: str, number: int) -> Ticket:
    addresses = {"to": "info@migration.example", "sender": f"c{number}@example.se"}
    raw = mail(body, subject="Fråga", message_id=f"m{number}@example.se", **addresses)
    return authority.ticket(arrives(system, raw, item_id=f"1:{number}").ticket_id)


def test_a_rule_applies_to_the_next_mail(rules: Rules, system: System, authority: Authority) -> None:
    assert routed(system, authority, "Mitt pass är borta", 1).unit_id == rules.north
    rules.save(RuleFacts("words", "Pass, PASSI,, passport", unit_id=rules.southern))
    after = routed(system, authority, "Mitt pass är borta", 2)
    assert (after.unit_id, after.routing["found"]) == (rules.southern, "pass")
    assert rules.told()[-2:] == [(70, "words", "pass|passi|passport"), (80, "always", "")]


def test_what_a_trial_says_is_what_intake_does(rules: Rules, system: System, authority: Authority) -> None:
    texts = ["Mitt kort är borta, vad ska jag göra nu?", "Korttini on kadonnut, mitä minun pitää tehdä?", "?", "Hello"]
    for number, text in enumerate(texts):
        with system.db.read() as session:
            trial = flow.attempt(session, ["info@migration.example"], "Fråga", text)
        ticket = routed(system, authority, text, number)
        assert (ticket.unit_id, ticket.routing["rule"]) == (trial.unit_id, trial.decision.position), text
        assert ticket.routing["topic"] == trial.decision.topic_key


def test_rules_are_moved_and_removed_and_each_change_is_kept(rules: Rules, system: System) -> None:
    before = rules.told()
    second = rules.now()[1].id
    flow.move(system, rules.admin, second, by=-1, seen=rules.seen)
    assert [told[1:] for told in rules.told()] == [before[1][1:], before[0][1:], *(one[1:] for one in before[2:])]
    flow.move(system, rules.admin, second, by=-1, seen=rules.seen)
    flow.remove(system, rules.admin, second, seen=rules.seen)
    assert [told[1:] for told in rules.told()] == [before[0][1:], *(one[1:] for one in before[2:])]
    assert [told[0] for told in rules.told()] == [10 * number for number in range(1, len(before))]
    with system.db.read() as session:
        data = session.scalars(select(AuditEntry.data).where(AuditEntry.action == "rules_changed")).all()
    assert [(one["before"] is None, one["now"] is None) for one in data] == [(False, False), (False, True)]


def test_nobody_changes_rules_that_they_have_not_seen(rules: Rules, system: System) -> None:
    seen = rules.seen
    rules.save(RuleFacts("words", "pass", unit_id=rules.southern))
    before = rules.told()
    for act in (
        lambda: flow.move(system, rules.admin, 1, by=1, seen=seen),
        lambda: flow.remove(system, rules.admin, 1, seen=seen),
        lambda: flow.save(system, rules.admin, RuleFacts("always", unit_id=rules.north), seen=seen, rule_id=1),
    ):
        with pytest.raises(ConflictError):
            act()
    assert rules.told() == before


@pytest.mark.parametrize(
    ("facts", "fields"),
    [
        (RuleFacts("colour", "x", unit_id=1), {"kind"}),
        (RuleFacts("mailbox", "nobody", unit_id=1), {"value"}),
        (RuleFacts("number", "abc", unit_id=1), {"value"}),
        (RuleFacts("words", " , |", unit_id=1), {"value"}),
        (RuleFacts("language", "xx", unit_id=1), {"value"}),
        (RuleFacts("always"), {"unit"}),
        (RuleFacts("always", language="xx", unit_id=99), {"language", "unit"}),
        (RuleFacts("always", unit_id=1, topic_key="nothing"), {"topic"}),
    ],
)
def test_faults_are_named(rules: Rules, facts: RuleFacts, fields: set[str]) -> None:
    with pytest.raises(InvalidInputError) as told:
        rules.save(facts)
    assert set(told.value.fields) == fields


def test_only_administrators_change_the_routing(rules: Rules, system: System, authority: Authority) -> None:
    facts = RuleFacts("always", unit_id=rules.north)
    for name in ("nils", "nora"):
        with pytest.raises(ForbiddenError):
            flow.save(system, authority.viewers[name], facts, seen=rules.seen)


def test_numbers_and_addresses_are_kept_in_one_form(rules: Rules) -> None:
    rules.save(RuleFacts("number", "08-465 00 499", unit_id=rules.north))
    rules.save(RuleFacts("mailbox", " Info@Migration.Example ", unit_id=rules.north))
    assert [value for _, _, value in rules.told()][-3:] == ["+46846500499", "info@migration.example", ""]


def test_a_unit_behind_a_rule_that_always_fits_never_counts() -> None:
    first = RoutingRule(1, 10, "always", unit_id=1)
    assert undecided([first, RoutingRule(2, 20, "words", "x", unit_id=2)]) == {2}
    assert undecided([first, RoutingRule(2, 20, "words", "x", topic_key="card")]) == frozenset()
    assert undecided([RoutingRule(1, 10, "always", language="fi", unit_id=1), RoutingRule(2, 20, "always")]) == set()
