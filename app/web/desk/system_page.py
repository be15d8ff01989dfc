"""The page System: how sources, queues and processes fare, for administrators."""

from __future__ import annotations

import shutil

from flask import Blueprint, render_template

from app.core.errors import NotFoundError
from app.screens.limits import alarms
from app.screens.machinery import read_machinery
from app.texts.catalogue import N_
from app.web.context import reading, request_at, system, viewer
from app.web.language import gettext

machine = Blueprint("machine", __name__, url_prefix="/desk/system")
LINES = {
    "outbox_due": N_("Mails due to leave"),
    "outbox_later": N_("Mails waiting for their next try or for undo"),
    "outbox_claimed": N_("Mails being sent"),
    "outbox_needs_person": N_("Mails that a person must see to"),
    "suggestions": N_("Questions waiting for suggestions"),
    "quarantine": N_("Items in quarantine"),
}
KINDS = {"web": N_("Desk"), "worker": N_("Worker"), "listen": N_("Listener")}


@machine.get("/")
def index() -> str:
    """The page. Raises NotFoundError for anybody but an administrator."""
    if not viewer().is_admin:
        raise NotFoundError("There is no such page.")
    with reading() as session:
        told = read_machinery(session, now=request_at())
    disk = shutil.disk_usage(system().settings.data_dir)
    return render_template(
        "desk/system.html",
        told=told,
        alarms={(alarm.kind, alarm.name) for alarm in alarms(told)},
        line_words={name: gettext(words) for name, words in LINES.items()},
        kind_words={name: gettext(words) for name, words in KINDS.items()},
        disk=disk,
    )
