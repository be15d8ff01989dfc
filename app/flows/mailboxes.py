"""Administrators keep mailboxes and folders in the desk: each is tried before it is kept, and read at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from app.accounts.policy import Viewer
from app.core.errors import InvalidInputError
from app.core.system import System
from app.flows.administer import demand_administrator, demand_seen
from app.flows.sources import NewSource, Tried, add_source, change_source, try_out
from app.texts.catalogue import N_

KINDS = {"imap": "email", "maildir": "email", "folder": "letter"}
"""kind -> the channel of what lies in it"""
FIELDS = {
    "imap": ("host", "port", "tls", "user", "folder", "move_to", "address"),
    "maildir": ("path", "address"),
    "folder": ("path",),
}
"""the settings that stand in the form; others are kept as a command at the machine has set them"""
SENT_TO = ("host", "port", "tls", "user")
"""what decides who gets the password: nobody may send a kept one elsewhere"""
PATIENCE = "10"
"""seconds that a try from the desk waits for a mail server"""


@dataclass(frozen=True)
class SourceForm:
    """A source as typed. `password` "" = as it is."""

    name: str
    kind: str
    settings: Mapping[str, str]
    password: str = ""


def attempt(system: System, viewer: Viewer, typed: SourceForm, *, kept: Mapping[str, str] | None) -> Tried:
    """Look into the source as it is typed; nothing is kept. `kept` are the settings of one that is there.

    Raises ForbiddenError, InvalidInputError, NotFoundError.
    """
    new, is_new = _checked(system, viewer, typed, kept=kept), kept is None
    password = typed.password if is_new or typed.password else None
    return try_out(system, new, password=password, name=None if is_new else typed.name, patience=PATIENCE)


def add(system: System, viewer: Viewer, typed: SourceForm) -> None:
    """Try the source and add it. Raises ForbiddenError, InvalidInputError naming the faulty field."""
    new = _checked(system, viewer, typed)
    if not 0 < len(typed.name.strip()) <= 100:
        raise InvalidInputError({"name": N_("Write a name of at most 100 characters.")})
    add_source(
        system, replace(new, name=typed.name.strip()), password=typed.password, by=viewer.user_id, patience=PATIENCE
    )


def change(
    system: System, viewer: Viewer, typed: SourceForm, *, kept: Mapping[str, str], seen: str | None = None
) -> None:
    """Change a source whose settings are `kept`, after trying it. `seen` is the digest that the form showed.

    Raises as `add` does, NotFoundError and ConflictError.
    """
    demand_seen(seen, kept)
    _checked(system, viewer, typed, kept=kept)
    told = {name: typed.settings.get(name, "").strip() for name in FIELDS[typed.kind]}
    change_source(
        system, typed.name, settings=told, password=typed.password or None, by=viewer.user_id, patience=PATIENCE
    )


def switch(system: System, viewer: Viewer, name: str, *, is_on: bool) -> None:
    """Read the source, or no longer. Raises ForbiddenError, NotFoundError, InvalidInputError when it does not open."""
    demand_administrator(viewer)
    change_source(system, name, is_enabled=is_on, by=viewer.user_id, patience=PATIENCE)


def _checked(system: System, viewer: Viewer, typed: SourceForm, *, kept: Mapping[str, str] | None = None) -> NewSource:
    demand_administrator(viewer)
    if typed.kind not in KINDS:
        raise InvalidInputError({"kind": N_("Choose what it is.")})
    told = {name: typed.settings.get(name, "").strip() for name in FIELDS[typed.kind]}
    path = told.get("path", "")
    if "path" in told and path != (kept or {}).get("path") and not _may_read(system, path):
        raise InvalidInputError(
            {"path": N_("Only folders below those that the machine's settings name (LUUKKU_FOLDER_ROOTS) can be read.")}
        )
    if kept is not None and not typed.password and any(told.get(key, "") != kept.get(key, "") for key in SENT_TO):
        raise InvalidInputError({"password": N_("Write the password again: it would go to another server or user.")})
    return NewSource(typed.name, KINDS[typed.kind], typed.kind, {name: value for name, value in told.items() if value})


def _may_read(system: System, path: str) -> bool:
    """Whether the path lies below a folder that the machine lets the desk read: what is read is moved away."""
    wanted = Path(path).resolve()
    roots = [Path(root).resolve() for root in system.settings.folder_roots.split(":") if root]
    return any(wanted.is_relative_to(root) for root in roots)
