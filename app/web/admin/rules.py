"""Routing rules: in plain words, in their order, and tried on a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core.errors import ConflictError, InvalidInputError, NotFoundError
from app.flows import routing_rules as flow
from app.flows.routing_rules import RuleFacts, Trial
from app.routing import service as routing
from app.routing.models import RuleKind
from app.routing.rules import RoutingRule, undecided
from app.screens.routing import first_unit, topics_by_key
from app.texts.catalogue import N_
from app.tickets.models import Topic
from app.web.admin.forms import shown_digest
from app.web.admin.overview import demand_admin
from app.web.context import language, reading, system, viewer
from app.web.desk.labels import language_name
from app.web.desk.words_for_lists import unit_name
from app.web.language import gettext, spoken
from app.web.row_ids import number_of
from channels.phone.numbers import display_number
from knowledge_base.language import SERVED

rules = Blueprint("rules", __name__, url_prefix="/desk/admin/routing")
Answer = Response | str | tuple[str, int]
KINDS = {
    RuleKind.MAILBOX: N_("the address that it was sent to"),
    RuleKind.NUMBER: N_("the number that was called"),
    RuleKind.WORDS: N_("words in it"),
    RuleKind.LANGUAGE: N_("the language that it is written in"),
    RuleKind.ALWAYS: N_("nothing: it always fits"),
}
CONDITIONS = {
    RuleKind.MAILBOX: N_("It was sent to %(value)s"),
    RuleKind.NUMBER: N_("%(value)s was called"),
    RuleKind.WORDS: N_("One of the words is in it: %(value)s"),
    RuleKind.LANGUAGE: N_("It is written in %(value)s"),
    RuleKind.ALWAYS: N_("Whatever it is"),
}


@dataclass(frozen=True)
class Line:
    """A rule in words: when it fits, the language it is narrowed to, and where it leads."""

    rule: RoutingRule
    when: str
    narrowed: str
    unit: str
    topic: str
    is_undecided: bool = False
    """its unit never counts, as a rule before it always fits"""


@rules.get("/")
def index() -> Answer:
    """All rules, and the field for trying them."""
    demand_admin()
    return _page()


@rules.get("/try")
def attempt() -> Answer:
    """What the rules make of a text."""
    demand_admin()
    given = request.args
    with reading() as session:
        addresses = [part.strip().lower() for part in given.get("to", "")[:400].split(",") if part.strip()]
        try:
            trial = flow.attempt(session, addresses, given.get("subject", "")[:300], given.get("text", "")[:20_000])
        except NotFoundError:  # there is no unit yet
            trial = None
    return _page(trial=trial)


@rules.get("/new")
def new() -> Answer:
    """An empty form."""
    demand_admin()
    return _form(None, {"kind": request.args.get("kind", RuleKind.MAILBOX)})


@rules.post("/new")
def add() -> Answer:
    """Add a rule."""
    return _kept(None)


@rules.get("/<int:rule_id>")
def edit(rule_id: int) -> Answer:
    """The form of a rule."""
    demand_admin()
    rule = _rule(rule_id)
    value, tongue = rule.value.replace("|", ", ") if rule.kind == RuleKind.WORDS else rule.value, rule.language or ""
    if rule.kind == RuleKind.LANGUAGE:
        value, tongue = "", rule.value
    typed = {"kind": rule.kind, "value": value, "language": tongue}
    return _form(rule_id, {**typed, "unit": str(rule.unit_id or ""), "topic": rule.topic_key or ""})


@rules.post("/<int:rule_id>")
def change(rule_id: int) -> Answer:
    """Change a rule."""
    return _kept(rule_id)


@rules.post("/<int:rule_id>/order")
def order(rule_id: int) -> Answer:
    """Move a rule up or down, or take it away."""
    demand_admin()
    wish, seen = request.form.get("wish", ""), request.form.get("seen", "")
    acts: dict[str, Callable[[], None]] = {
        "up": lambda: flow.move(system(), viewer(), rule_id, by=-1, seen=seen),
        "down": lambda: flow.move(system(), viewer(), rule_id, by=1, seen=seen),
        "remove": lambda: flow.remove(system(), viewer(), rule_id, seen=seen),
    }
    try:
        if wish in acts:
            acts[wish]()
    except ConflictError as error:
        return _page(fault=str(error)), 409
    return redirect(url_for("rules.index", _anchor=f"rule-{rule_id}" if wish != "remove" else None), 303)


def _kept(rule_id: int | None) -> Answer:
    demand_admin()
    form = request.form
    try:
        flow.save(system(), viewer(), _typed(form), seen=form.get("seen", ""), rule_id=rule_id)
    except InvalidInputError as error:
        is_tongue = form.get("kind") == RuleKind.LANGUAGE
        faults = {"language" if is_tongue and name == "value" else name: told for name, told in error.fields.items()}
        return _form(rule_id, form, faults), 422
    except ConflictError as error:
        return _form(rule_id, form, {"": str(error)}, is_conflict=True), 409
    return redirect(url_for("rules.index"), 303)


def _typed(form: Mapping[str, str]) -> RuleFacts:
    """The rule of a form, in which the language that a rule looks at and the one it is narrowed to share a field."""
    kind, value, tongue = form.get("kind", ""), form.get("value", ""), form.get("language", "")
    if kind == RuleKind.LANGUAGE:
        value, tongue = tongue, ""
    unit = form.get("unit", "")
    return RuleFacts(kind, value, tongue, number_of(unit), form.get("topic", ""))


def _rule(rule_id: int) -> RoutingRule:
    with reading() as session:
        found = next((rule for rule in routing.rules(session) if rule.id == rule_id), None)
    if found is None:
        raise NotFoundError("There is no such rule.")
    return found


def _page(*, trial: Trial | None = None, fault: str = "") -> str:
    with reading() as session:
        known, topics = routing.rules(session), topics_by_key(session)
        first = first_unit(session)
        never = undecided(known)
        lines = [_line(rule, topics, is_undecided=rule.id in never) for rule in known]
        has_end = any(rule.kind == RuleKind.ALWAYS and rule.unit_id and not rule.language for rule in known)
    return render_template(
        "admin/rules.html",
        lines=lines,
        seen=flow.digest(known),
        fallback="" if has_end or first is None else first.name(language()),
        trial=trial,
        fits=[(_line(rule, topics), found) for rule, found in trial.fits] if trial else [],
        topic=_topic_name(topics, trial.unit_id, trial.decision.topic_key) if trial else "",
        fault=gettext(fault) if fault else "",
    )


def _form(
    rule_id: int | None,
    typed: Mapping[str, Any],
    faults: Mapping[str, str] | None = None,
    *,
    is_conflict: bool = False,
) -> str:
    said = spoken(faults)
    with reading() as session:
        known, topics = routing.rules(session), topics_by_key(session)
    return render_template(
        "admin/rule.html",
        rule_id=rule_id,
        typed=typed,
        faults=said,
        seen=shown_digest(flow.digest(known), is_conflict=is_conflict),
        others=[_line(rule, topics) for rule in known] if is_conflict else [],
        kinds=[(kind, gettext(words)) for kind, words in KINDS.items()],
        tongues=[(tag, language_name(tag)) for tag in SERVED],
        topics=_topic_choices(topics),
    )


def _topic_choices(topics: Mapping[str, list[Topic]]) -> list[tuple[str, str]]:
    named = {key: alike[0].name(language()) for key, alike in topics.items()}
    return sorted(named.items(), key=lambda pair: pair[1].lower())


def _line(rule: RoutingRule, topics: Mapping[str, list[Topic]], *, is_undecided: bool = False) -> Line:
    kind = RuleKind(rule.kind)
    shown = {
        RuleKind.WORDS: rule.value.replace("|", ", "),
        RuleKind.NUMBER: display_number(rule.value),
        RuleKind.LANGUAGE: language_name(rule.value),
    }.get(kind, rule.value)
    return Line(
        rule,
        gettext(CONDITIONS[kind], value=shown),
        language_name(rule.language) if rule.language else "",
        unit_name(rule.unit_id),
        _topic_name(topics, rule.unit_id, rule.topic_key),
        is_undecided=is_undecided,
    )


def _topic_name(topics: Mapping[str, list[Topic]], unit_id: int | None, key: str | None) -> str:
    """A topic's name, that of the unit where it has one; "" for none."""
    known = topics.get(key or "", [])
    own = [topic for topic in known if topic.unit_id == unit_id] or known
    return own[0].name(language()) if own else key or ""
