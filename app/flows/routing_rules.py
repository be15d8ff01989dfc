"""Administrators keep the routing rules, and try them on a text. Changes apply to what comes next, and are audited."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import audit
from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import ConflictError, InvalidInputError, NotFoundError
from app.core.system import System
from app.flows import administer
from app.flows.administer import demand_administrator
from app.flows.contacts import is_whole_address
from app.flows.start import facts_of, unit_of
from app.routing import service as routing
from app.routing.models import Rule, RuleKind
from app.routing.rules import Decision, RoutingRule, decide, fitting
from app.screens.directory import takes_tickets
from app.texts.catalogue import N_
from app.tickets.models import Topic
from channels.phone.numbers import normalise_number
from knowledge_base.language import SERVED, guess_language

STEP = 10
LONGEST = 1000


@dataclass(frozen=True)
class RuleFacts:
    """A rule as typed; `language` narrows it to messages in that language, "" = any."""

    kind: str
    value: str = ""
    language: str = ""
    unit_id: int | None = None
    topic_key: str = ""


@dataclass(frozen=True)
class Trial:
    """What the rules make of a text: the guessed language, the decision, the unit's id, and all rules that fit."""

    language: str | None
    decision: Decision
    unit_id: int
    fits: tuple[tuple[RoutingRule, str], ...]


def save(system: System, viewer: Viewer, facts: RuleFacts, *, seen: str, rule_id: int | None = None) -> None:
    """Add a rule at the end, before one that always fits, or change one.

    `seen` is the digest of the rules that the form showed. Raises ForbiddenError, NotFoundError, InvalidInputError
    naming each faulty field, ConflictError when the rules are others by now.
    """
    demand_administrator(viewer)
    with system.db.begin() as session:
        rows = _held(session, seen)
        value = _value(system, facts)
        _check(session, facts)
        row = _row(rows, rule_id) if rule_id is not None else Rule(position=_last_place(rows))
        before = None if rule_id is None else _told(row)
        row.kind, row.value, row.language = facts.kind, value, facts.language or None
        row.unit_id, row.topic_key = facts.unit_id, facts.topic_key or None
        session.add(row)
        session.flush()
        _renumber(session)
        _note(session, viewer, before=before, now=_told(row))


def remove(system: System, viewer: Viewer, rule_id: int, *, seen: str) -> None:
    """Take a rule away. Raises as `save` does."""
    demand_administrator(viewer)
    with system.db.begin() as session:
        row = _row(_held(session, seen), rule_id)
        before = _told(row)
        session.delete(row)
        session.flush()
        _renumber(session)
        _note(session, viewer, before=before, now=None)


def move(system: System, viewer: Viewer, rule_id: int, *, by: int, seen: str) -> None:
    """Move a rule one place up (-1) or down (1); at the end it stays. Raises as `save` does."""
    demand_administrator(viewer)
    with system.db.begin() as session:
        rows = _held(session, seen)
        at = rows.index(_row(rows, rule_id))
        to = at + (1 if by > 0 else -1)
        if 0 <= to < len(rows):
            before = _told(rows[at])
            rows[at].position, rows[to].position = rows[to].position, rows[at].position
            session.flush()
            _renumber(session)
            _note(session, viewer, before=before, now=_told(rows[at]))


def attempt(session: Session, addresses: Iterable[str], subject: str, text: str) -> Trial:
    """What the rules would make of a message that came now from somebody unknown; nothing is written."""
    language = guess_language(f"{subject}\n{text}")
    facts, rules = facts_of(addresses, subject, text, language), routing.rules(session)
    decision = decide(facts, rules)
    return Trial(language, decision, unit_of(session, decision).id, tuple(fitting(facts, rules)))


def digest(rules: Sequence[RoutingRule]) -> str:
    """A short word that is another one as soon as any rule is."""
    return administer.digest([asdict(rule) for rule in rules])


def _held(session: Session, seen: str) -> list[Rule]:
    """All rules in their order, held. Raises ConflictError when they are not those that were seen."""
    rows = list(session.scalars(select(Rule).order_by(Rule.position, Rule.id).with_for_update()))
    if digest(routing.rules(session)) != seen:
        raise ConflictError(N_("Somebody else has changed the rules meanwhile. This is how they are now."))
    return rows


def _row(rows: Iterable[Rule], rule_id: int) -> Rule:
    row = next((row for row in rows if row.id == rule_id), None)
    if row is None:
        raise NotFoundError("There is no such rule.")
    return row


def _last_place(rows: Sequence[Rule]) -> int:
    """The place behind all rules, but before one at the end that always fits."""
    last = rows[-1] if rows else None
    if last is not None and last.kind == RuleKind.ALWAYS:
        return last.position - 1
    return last.position + 1 if last else STEP


def _renumber(session: Session) -> None:
    for number, row in enumerate(session.scalars(select(Rule).order_by(Rule.position, Rule.id)).all(), start=1):
        row.position = number * STEP


def _value(system: System, facts: RuleFacts) -> str:
    """The value as it is kept. Raises InvalidInputError naming the field."""
    said = facts.value.strip()
    match facts.kind:
        case RuleKind.MAILBOX:
            kept, fault = said.lower(), N_("Write a whole e-mail address.")
            is_right = is_whole_address(kept)
        case RuleKind.NUMBER:
            kept, fault = normalise_number(said, system.settings.phone_region) or "", N_("This is no telephone number.")
            is_right = bool(kept)
        case RuleKind.WORDS:
            words = dict.fromkeys(word.strip().lower() for word in re.split(r"[|,\n]", said))
            kept, fault = "|".join(word for word in words if word), N_("Write the words, with commas between them.")
            is_right = bool(kept)
        case RuleKind.LANGUAGE:
            kept, fault, is_right = said, N_("Choose one of the languages."), said in SERVED
        case RuleKind.ALWAYS:
            return ""
        case _:
            raise InvalidInputError({"kind": N_("Choose what the rule looks at.")})
    if not is_right or len(kept) > LONGEST:
        raise InvalidInputError({"value": fault})
    return kept


def _check(session: Session, facts: RuleFacts) -> None:
    faults: dict[str, str] = {}
    if facts.language and facts.language not in SERVED:
        faults["language"] = N_("Choose one of the languages.")
    if facts.unit_id is None and not facts.topic_key:
        faults["unit"] = N_("Choose a unit, a topic or both.")
    elif facts.unit_id is not None and not takes_tickets(session, facts.unit_id):
        faults["unit"] = "Choose a unit."
    if facts.topic_key and not _has_topic(session, facts):
        faults["topic"] = N_("This unit has no such topic.") if facts.unit_id else N_("No unit has this topic.")
    if faults:
        raise InvalidInputError(faults)


def _has_topic(session: Session, facts: RuleFacts) -> bool:
    query = select(Topic.id).where(Topic.key == facts.topic_key, ~Topic.is_retired)
    if facts.unit_id is not None:
        query = query.where(Topic.unit_id == facts.unit_id)
    return session.scalar(query.limit(1)) is not None


def _told(row: Rule) -> dict[str, object]:
    names = ("position", "kind", "value", "language", "unit_id", "topic_key")
    return {name: getattr(row, name) for name in names}


def _note(
    session: Session, viewer: Viewer, *, before: Mapping[str, object] | None, now: Mapping[str, object] | None
) -> None:
    audit.note(session, "rules_changed", at=clock.now(), user_id=viewer.user_id, before=before, now=now)
