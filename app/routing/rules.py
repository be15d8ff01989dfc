"""Which unit an inquiry goes to, and why. Pure: facts and rules in, a decision with its reason out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.routing.models import RuleKind


@dataclass(frozen=True)
class RoutingRule:
    """One rule; the lowest fitting position that names a unit decides the unit, likewise for the topic."""

    id: int
    position: int
    kind: str
    value: str = ""
    language: str | None = None
    unit_id: int | None = None
    topic_key: str | None = None


@dataclass(frozen=True)
class Facts:
    """What routing looks at: where it came to, in which language (None = unknown), and its words."""

    recipients: tuple[str, ...]
    language: str | None
    text: str


@dataclass(frozen=True)
class Decision:
    """The unit, and which rule and words led there; `unit_id` is None when no rule fits."""

    unit_id: int | None = None
    position: int | None = None
    kind: str = ""
    found: str = ""
    topic_key: str | None = None


def decide(facts: Facts, rules: Sequence[RoutingRule]) -> Decision:
    """The first fitting rule's unit with the reason; the topic may come from a later rule of the same or no unit."""
    decision = Decision()
    for rule, found in fitting(facts, rules):
        if decision.unit_id is None and rule.unit_id is not None:
            decision = replace(decision, unit_id=rule.unit_id, position=rule.position, kind=rule.kind, found=found)
        if decision.topic_key is None and rule.topic_key and rule.unit_id in {None, decision.unit_id}:
            decision = replace(decision, topic_key=rule.topic_key)
    return decision


def fitting(facts: Facts, rules: Sequence[RoutingRule]) -> list[tuple[RoutingRule, str]]:
    """All rules that fit, in their order, each with what it found ("" for a rule that always fits)."""
    told = ((rule, _fits(rule, facts)) for rule in sorted(rules, key=lambda rule: rule.position))
    return [(rule, found) for rule, found in told if found is not None]


def undecided(rules: Sequence[RoutingRule]) -> frozenset[int]:
    """The rules whose unit never counts, as one before them always fits and names a unit."""
    ordered = sorted(rules, key=lambda rule: rule.position)
    last = next((rule for rule in ordered if rule.kind == RuleKind.ALWAYS and rule.unit_id and not rule.language), None)
    return frozenset(rule.id for rule in ordered if last and rule.position > last.position and rule.unit_id)


def _fits(rule: RoutingRule, facts: Facts) -> str | None:
    """What of the facts the rule found ("" for a rule that always fits), or None."""
    if rule.language and rule.language != facts.language:
        return None
    match RuleKind(rule.kind):
        case RuleKind.MAILBOX | RuleKind.NUMBER:
            return rule.value if rule.value.lower() in facts.recipients else None
        case RuleKind.LANGUAGE:
            return rule.value if rule.value == facts.language else None
        case RuleKind.WORDS:
            return _word_in(rule.value, facts.text)
        case RuleKind.ALWAYS:
            return ""


def _word_in(words: str, text: str) -> str | None:
    """The first of the words that begins a word of the text, as Swedish and Finnish endings follow the stem."""
    parts = [re.escape(word.strip().casefold()) for word in words.split("|") if word.strip()]
    hit = re.search(rf"\b({'|'.join(parts)})", text.casefold()) if parts else None
    return hit.group(1) if hit else None
