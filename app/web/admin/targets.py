"""What each unit promises, by channel and metric, with what a change does to open tickets before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts.models import Unit
from app.core.errors import ConflictError, InvalidInputError
from app.flows import promises
from app.flows.promises import PolicyFacts, PromiseFacts
from app.screens.effect_of_change import Effect, effect_of_change
from app.sla.facts import Metric, Target
from app.sla.models import PolicyRow
from app.sla.policy import NO_PROMISE, Policy
from app.sla.service import policy_in_force
from app.texts.catalogue import N_
from app.tickets.states import PAUSE_REASONS
from app.web.admin.forms import differing, shown_digest
from app.web.admin.overview import demand_business, own_unit, own_units
from app.web.context import reading, request_at, system, viewer
from app.web.language import gettext, spoken
from app.web.row_ids import row_id
from channels.contract import ChannelName

targets = Blueprint("targets", __name__, url_prefix="/desk/admin/targets")
Answer = Response | str | tuple[str, int]
UNIT_NAMES = {
    "hours": N_("hours of opening time"),
    "minutes": N_("minutes of opening time"),
    "working_days": N_("working days"),
    "clock_hours": N_("hours by the clock"),
    "clock_minutes": N_("minutes by the clock"),
    "weeks": N_("weeks, by statute"),
    "months": N_("months, by statute"),
}


@dataclass(frozen=True)
class Asked:
    """What a unit's form shows: the policy kept, the fields as typed, and what is to be said about them."""

    unit: Unit
    row: PolicyRow | None
    typed: Mapping[str, str]
    effect: Effect | None = None
    faults: Mapping[str, str] | None = None
    is_conflict: bool = False


@targets.get("/")
def index() -> str:
    """The units that the person answers for, with what they promise for a first response."""
    demand_business()
    with reading() as session:
        listed = [(unit, _policy(policy_in_force(session, unit.id))) for unit in own_units()]
    return render_template("admin/targets.html", listed=listed, channels=[*ChannelName])


@targets.get("/<int:unit_id>")
def show(unit_id: int) -> str:
    """What a unit promises."""
    unit = own_unit(unit_id)
    row = _row(unit)
    return _page(Asked(unit, row, _fields(_policy(row))))


@targets.post("/<int:unit_id>")
def change(unit_id: int) -> Answer:
    """Show what the change would do (`look`), keep it for new tickets (`new`) or for open ones too (`open`)."""
    unit, form = own_unit(unit_id), request.form
    facts, then = _facts(form), form.get("then", "look")
    try:
        if then == "look":
            return _page(Asked(unit, _row(unit), form, effect=_effect(unit, promises.read(facts))))
        seen = form.get("seen", type=row_id) or 0
        promises.save(system(), viewer(), unit_id, facts, seen=seen, open_too=then == "open")
    except InvalidInputError as error:
        return _page(Asked(unit, _row(unit), form, faults=error.fields)), 422
    except ConflictError as error:
        return _page(Asked(unit, _row(unit), form, faults={"": str(error)}, is_conflict=True)), 409
    return redirect(url_for("targets.show", unit_id=unit_id, kept=then), 303)


def _row(unit: Unit) -> PolicyRow | None:
    with reading() as session:
        return policy_in_force(session, unit.id)


def _policy(row: PolicyRow | None) -> Policy:
    return Policy.from_data(row.data) if row else NO_PROMISE


def _effect(unit: Unit, policy: Policy) -> Effect:
    with reading() as session:
        return effect_of_change(session, unit.id, policy=policy, now=request_at())


def _facts(form: Mapping[str, str]) -> PolicyFacts:
    typed = {
        (str(channel), metric): PromiseFacts(
            *(form.get(f"{channel}-{metric}{part}", "") for part in ("", "-unit", "-share"))
        )
        for channel in ChannelName
        for metric in Metric
    }
    return PolicyFacts(typed, form.get("country", ""), frozenset(r for r in PAUSE_REASONS if form.get(f"pause-{r}")))


def _fields(policy: Policy) -> dict[str, str]:
    """A policy as its form shows it."""
    typed = {f"pause-{reason}": "1" for reason in policy.pause_on}
    for (channel, metric), promise in policy.promises.items():
        amount, unit = amount_of(promise.target)
        field = f"{channel}-{metric}"
        typed |= {field: str(amount), f"{field}-unit": unit, f"{field}-share": str(round(promise.share * 100))}
        typed |= {"country": promise.target.country} if promise.target.country else {}
    return typed


def amount_of(target: Target) -> tuple[int, str]:
    """How a target is written: whole hours where it can be."""
    for unit, (kind, size) in promises.UNITS.items():
        if target.kind == kind and target.amount % size == 0:
            return target.amount // size, unit
    raise ValueError(f"no unit for {target}")


def _page(asked: Asked) -> str:
    kept = _fields(_policy(asked.row))
    return render_template(
        "admin/target.html",
        unit=asked.unit,
        seen=shown_digest(str(asked.row.id if asked.row else 0), is_conflict=asked.is_conflict),
        typed=asked.typed,
        now=differing(asked.typed, kept) if asked.is_conflict else {},
        effect=asked.effect,
        faults=spoken(asked.faults),
        channels=[*ChannelName],
        metrics=[*Metric],
        units=[(unit, gettext(name)) for unit, name in UNIT_NAMES.items()],
        statutory=("weeks", "months"),
        pauses=PAUSE_REASONS,
        kept="" if asked.faults else request.args.get("kept", ""),
    )
