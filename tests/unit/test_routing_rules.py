from __future__ import annotations

import pytest

from app.routing.rules import Facts, RoutingRule, decide

RULES = (
    RoutingRule(1, 10, "mailbox", "north@x.example", unit_id=1),
    RoutingRule(2, 20, "number", "+46846500400", unit_id=2),
    RoutingRule(3, 30, "words", "kort|uppehållstillstånd", language="sv", unit_id=3, topic_key="card"),
    RoutingRule(4, 40, "language", "fi", unit_id=4),
    RoutingRule(5, 50, "words", "avgift|maksu|fee", topic_key="fees"),
    RoutingRule(6, 99, "always", unit_id=9),
)


@pytest.mark.parametrize(
    ("facts", "unit", "kind", "found", "topic"),
    [
        (Facts(("north@x.example",), "sv", "vad kostar avgiften"), 1, "mailbox", "north@x.example", "fees"),
        (Facts(("+46846500400",), None, ""), 2, "number", "+46846500400", None),
        (Facts(("info@x.example",), "sv", "När kommer KORTET?"), 3, "words", "kort", "card"),
        (Facts(("info@x.example",), "fi", "kort om saken"), 4, "language", "fi", None),
        (Facts((), "en", "how do I pay the fee"), 9, "always", "", "fees"),
        (Facts((), "en", "coffee machines"), 9, "always", "", None),
    ],
)
def test_the_first_fitting_rule_decides_and_says_why(
    facts: Facts, unit: int, kind: str, found: str, topic: str | None
) -> None:
    decision = decide(facts, RULES)
    assert (decision.unit_id, decision.kind, decision.found, decision.topic_key) == (unit, kind, found, topic)


def test_the_order_is_that_of_the_positions_not_of_the_rows() -> None:
    facts = Facts(("north@x.example",), "fi", "kort")
    assert decide(facts, tuple(reversed(RULES))) == decide(facts, RULES)


def test_without_a_fitting_rule_nothing_is_decided() -> None:
    assert decide(Facts((), None, "hello"), RULES[:-1]).unit_id is None


def test_a_topic_of_another_unit_s_rule_is_not_taken_over() -> None:
    facts = Facts(("north@x.example",), "sv", "kort")
    assert decide(facts, RULES).topic_key is None


def test_rule_words_are_plain_words_not_patterns() -> None:
    rule = RoutingRule(1, 1, "words", "c.d|(", unit_id=1)
    assert decide(Facts((), None, "cxd ("), (rule,)).unit_id is None
