"""Mailboxes and folders: where inquiries come from, whether that works, and a look into them before they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.core.errors import ConflictError, InvalidInputError, NotFoundError
from app.flows import mailboxes as flow
from app.flows.administer import digest
from app.flows.mailboxes import FIELDS, KINDS, SourceForm
from app.flows.sources import Tried
from app.sources.models import Source
from app.texts.catalogue import N_
from app.web.admin.forms import differing, shown_digest
from app.web.admin.overview import demand_admin
from app.web.context import reading, system, viewer
from app.web.language import gettext
from app.web.reasons import source_words

mailboxes = Blueprint("mailboxes", __name__, url_prefix="/desk/admin/mailboxes")
Answer = Response | str | tuple[str, int]
KIND_WORDS = {
    "imap": N_("Mailbox at a mail server (IMAP)"),
    "maildir": N_("Folder of mails (Maildir)"),
    "folder": N_("Folder of scanned letters"),
}
LABELS = {
    "host": N_("Mail server"),
    "port": N_("Port; empty for the usual one"),
    "tls": N_("Encryption"),
    "user": N_("User"),
    "folder": N_("Folder in the mailbox; empty for INBOX"),
    "move_to": N_("Move what was taken to this folder; empty leaves it"),
    "address": N_("Whose mailbox it is, if all of it is for one address"),
    "path": N_("Path on the machine"),
}
TLS = (("tls", N_("TLS from the start")), ("starttls", "STARTTLS"), ("none", N_("none: only within the machine")))


@mailboxes.get("/")
def index() -> str:
    """All sources and how they fare."""
    demand_admin()
    with reading() as session:
        listed = session.scalars(select(Source).order_by(Source.name)).all()
    return render_template("admin/mailboxes.html", listed=listed, kind_words=_kind_words(), words=source_words)


@mailboxes.get("/new")
def new() -> Answer:
    """An empty form of a kind."""
    demand_admin()
    kind = request.args.get("kind", "imap")
    return _page(None, {"kind": kind if kind in KINDS else "imap", "tls": "tls"})


@mailboxes.post("/new")
def add() -> Answer:
    """Add a source, or with `wish=try` only look into it."""
    demand_admin()
    return _done(None, request.form.get("kind", ""), request.form.get("name", ""))


@mailboxes.get("/<int:source_id>")
def show(source_id: int) -> Answer:
    """A source."""
    demand_admin()
    source = _source(source_id)
    return _page(source, {**source.settings, "kind": source.kind})


@mailboxes.post("/<int:source_id>")
def change(source_id: int) -> Answer:
    """Change a source, look into it (`wish=try`), or switch it (`wish=on`, `off`)."""
    demand_admin()
    source, wish = _source(source_id), request.form.get("wish", "")
    if wish not in {"on", "off"}:
        return _done(source, source.kind, source.name)
    try:
        flow.switch(system(), viewer(), source.name, is_on=wish == "on")
    except InvalidInputError as error:
        return _page(source, {**source.settings, "kind": source.kind}, faults=error.fields), 422
    return redirect(url_for("mailboxes.show", source_id=source_id), 303)


def _done(source: Source | None, kind: str, name: str) -> Answer:
    form = request.form
    typed = SourceForm(name, kind, {key: form.get(key, "") for key in FIELDS.get(kind, ())}, form.get("password", ""))
    shown = {**form, "kind": kind}
    try:
        if form.get("wish") == "try":
            tried = flow.attempt(system(), viewer(), typed, kept=source.settings if source else None)
            return _page(source, shown, tried=tried)
        if source is None:
            flow.add(system(), viewer(), typed)
        else:
            flow.change(system(), viewer(), typed, kept=source.settings, seen=form.get("seen"))
    except InvalidInputError as error:
        return _page(source, shown, faults=error.fields), 422
    except ConflictError as error:
        return _page(source, shown, faults={"": str(error)}, is_conflict=True), 409
    return redirect(url_for("mailboxes.index"), 303)


def _source(source_id: int) -> Source:
    with reading() as session:
        source = session.get(Source, source_id)
    if source is None:
        raise NotFoundError("There is no such source.")
    return source


def _kind_words() -> dict[str, str]:
    return {kind: gettext(words) for kind, words in KIND_WORDS.items()}


def _page(
    source: Source | None,
    typed: Mapping[str, Any],
    *,
    faults: Mapping[str, str] | None = None,
    tried: Tried | None = None,
    is_conflict: bool = False,
) -> str:
    kind = str(typed["kind"]) if typed["kind"] in KINDS else "imap"
    said = {"" if name == "source" else name: source_words(gettext(text)) for name, text in (faults or {}).items()}
    return render_template(
        "admin/mailbox.html",
        source=source,
        kind=kind,
        kind_words=_kind_words(),
        typed=typed,
        faults=said,
        tried=tried,
        seen=shown_digest(digest(source.settings), is_conflict=is_conflict) if source else "",
        now=differing(typed, {name: source.settings.get(name, "") for name in FIELDS[kind]})
        if source and is_conflict
        else {},
        fields=[(name, gettext(LABELS[name])) for name in FIELDS[kind]],
        tls=[(value, gettext(words)) for value, words in TLS],
        words=source_words,
    )
