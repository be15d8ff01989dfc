"""The authority's name, and the limits that apply at once. Audited with what was before."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.accounts import audit
from app.accounts.models import Authority
from app.accounts.policy import Viewer
from app.accounts.tuning import RANGES
from app.core import clock
from app.core.errors import InvalidInputError
from app.core.system import System
from app.flows.administer import demand_administrator, demand_seen
from app.texts.catalogue import N_, SUPPORTED

DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
LONGEST_NAME = 120


def tune(
    system: System,
    viewer: Viewer,
    *,
    names: Mapping[str, str],
    domain: str,
    limits: Mapping[str, str],
    seen: str | None = None,
) -> None:
    """Keep names by language, the mail domain and the limits; "" for a limit = as the environment says.

    `seen` is the digest that the form showed. Raises ForbiddenError, InvalidInputError naming each faulty field,
    ConflictError.
    """
    demand_administrator(viewer)
    told = {tag: " ".join(names.get(tag, "").split()) for tag in SUPPORTED}
    faults = {
        f"name-{tag}": N_("Write a name of at most 120 characters.")
        for tag, name in told.items()
        if not 0 < len(name) <= LONGEST_NAME
    }
    kept_domain = domain.strip().lower()
    if not DOMAIN.fullmatch(kept_domain) or len(kept_domain) > 255:
        faults["domain"] = N_("Write a domain, such as authority.example.")
    kept = {name: _number(value) for name, value in limits.items() if name in RANGES and value.strip()}
    faults |= {name: N_("Write a whole number within the limits.") for name in kept if not _fits(name, kept[name])}
    if faults:
        raise InvalidInputError(faults)
    with system.db.begin() as session:
        _keep(session, viewer, {"names": told, "domain": kept_domain, "tuned": kept}, seen)


def facts_of(authority: Authority | None) -> dict[str, object]:
    """The authority's facts as they are kept."""
    return {name: getattr(authority, name, None) for name in ("names", "domain", "tuned")}


def _keep(session: Session, viewer: Viewer, now: Mapping[str, object], seen: str | None) -> None:
    known = session.get(Authority, 1, with_for_update=True)
    demand_seen(seen, facts_of(known))
    authority, before = known or Authority(id=1, tuned={}), facts_of(known)
    changed = [name for name, value in now.items() if before[name] != value]
    if not changed:
        return
    for name in changed:
        setattr(authority, name, now[name])
    session.add(authority)
    was, told = ({name: values[name] for name in changed} for values in (before, now))
    audit.note(session, "settings_changed", at=clock.now(), user_id=viewer.user_id, before=was, now=told)


def _number(text: str) -> int:
    """The number that was typed; -1 for what is none."""
    said = text.strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else -1


def _fits(name: str, value: int) -> bool:
    low, high = RANGES[name]
    return low <= value <= high
