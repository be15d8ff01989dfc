"""Settings of the authority: its name, and limits that apply at once."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts.models import Authority
from app.accounts.tuning import RANGES
from app.core.errors import ConflictError, InvalidInputError
from app.flows import tuning as flow
from app.flows.administer import digest
from app.texts.catalogue import N_, SUPPORTED
from app.web.admin.forms import differing, shown_digest
from app.web.admin.overview import demand_admin
from app.web.context import reading, system, viewer
from app.web.language import gettext, spoken

tuning = Blueprint("tuning", __name__, url_prefix="/desk/admin/settings")
Answer = Response | str | tuple[str, int]
WORDS = {
    "undo_seconds": N_("Seconds for which an answer can be taken back"),
    "session_idle_minutes": N_("Minutes without a sign of life after which a log-in ends"),
    "session_hours": N_("Hours after which a log-in ends in any case"),
    "mails_per_domain_minute": N_("Mails to one domain a minute"),
    "receipts_per_address_day": N_("Receipts to one address a day"),
    "receipts_per_domain_hour": N_("Receipts to one domain an hour"),
    "receipts_per_hour": N_("Receipts an hour in all"),
}


@tuning.get("/")
def index() -> str:
    """The form with what applies."""
    demand_admin()
    return _page(is_kept="kept" in request.args)


@tuning.post("/")
def keep() -> Answer:
    """Keep them."""
    demand_admin()
    form = request.form
    try:
        flow.tune(
            system(),
            viewer(),
            names={tag: form.get(f"name-{tag}", "") for tag in SUPPORTED},
            domain=form.get("domain", ""),
            limits={name: form.get(name, "") for name in RANGES},
            seen=form.get("seen"),
        )
    except InvalidInputError as error:
        return _page(form, error.fields), 422
    except ConflictError as error:
        return _page(form, {"": str(error)}, is_conflict=True), 409
    return redirect(url_for("tuning.index", kept=1), 303)


def _kept(authority: Authority | None) -> dict[str, str]:
    """What is kept, as the fields of the form."""
    if authority is None:
        return {}
    limits = {name: str(authority.tuned.get(name, "")) for name in RANGES}
    names = {f"name-{tag}": str(authority.names.get(tag, "")) for tag in SUPPORTED}
    return {**limits, **names, "domain": authority.domain}


def _page(
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
    *,
    is_kept: bool = False,
    is_conflict: bool = False,
) -> str:
    said = spoken(faults)
    limits = [(name, gettext(WORDS[name]), *RANGES[name], getattr(system().settings, name)) for name in RANGES]
    with reading() as session:
        authority = session.get(Authority, 1)
    kept = _kept(authority)
    shown = kept if typed is None else typed
    seen = shown_digest(digest(flow.facts_of(authority)), is_conflict=is_conflict)
    now = differing(shown, kept) if is_conflict else {}
    values = {"typed": shown, "faults": said, "limits": limits, "is_kept": is_kept, "seen": seen, "now": now}
    return render_template("admin/tuning.html", **values)
