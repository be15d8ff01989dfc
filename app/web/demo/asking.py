"""The forms of the console's first column: each drops one thing at a door and comes back to watch it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from flask import redirect, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.errors import ConflictError
from app.web.context import system
from app.web.demo import doors, examples
from app.web.demo.cast import Citizen
from app.web.demo.compose import Upload, Writing, mail_bytes
from app.web.demo.console import Scene, address_of, console, page, scene, the_notes
from app.web.demo.notes import Dropped
from app.web.language import gettext
from channels.phone.numbers import normalise_number

__all__ = ["console"]
LANGUAGES = ("sv", "fi", "en")
Answer = Response | tuple[str, int]


@console.post("/person")
def make_up() -> Answer:
    """A new person to play."""
    now = scene()
    told = {name: request.form.get(name, "").strip() for name in ("name", "email", "phone", "address", "language")}
    faults = {}
    if not told["name"]:
        faults["name"] = gettext("Write a name.")
    if told["email"] and (told["email"].count("@") != 1 or told["email"].startswith("@") or " " in told["email"]):
        faults["email"] = gettext("Write an address such as name@example.org.")
    if faults:
        return _again(now, faults)
    language = told.pop("language")
    citizen = Citizen(key=f"p{secrets.token_hex(4)}", language=language if language in LANGUAGES else "en", **told)
    the_notes().add_person(citizen)
    return redirect(address_of(now, who=citizen.key, item=""), 303)


@console.post("/mail")
def send_mail() -> Answer:
    """The citizen sends a mail, new or as an answer."""
    now = scene("email")
    subject, body = request.form.get("subject", "").strip(), request.form.get("body", "").replace("\r\n", "\n")
    files = _uploads()
    faults = {}
    if not now.who.email:
        faults["body"] = gettext("This person has no e-mail address; choose somebody else, or call.")
    elif not (subject or body.strip() or files):
        faults["body"] = gettext("Write something first.")
    if faults:
        return _again(now, faults)
    to = now.answers.reply_to if now.answers else request.form.get("to", "")
    raw = mail_bytes(now.who, Writing(to, subject, body, files, now.answers), at=clock.now())
    key = doors.drop_mail(system().settings, raw)
    if request.form.get("twice"):
        doors.drop_mail(system().settings, raw)
    return _watch(now, "email", key, subject or body[:60])


@console.post("/sample")
def send_sample() -> Answer:
    """One of the awkward mails, as it is."""
    now, name = scene("email"), request.form.get("sample", "")
    raw = examples.awkward_mail(name)
    if raw is None:
        return _again(now, {"sample": gettext("Choose one of the mails.")})
    return _watch(now, "email", doors.drop_mail(system().settings, raw), gettext(examples.AWKWARD[name]))


@console.post("/call")
def call() -> Answer:
    """The citizen calls: it rings at a unit."""
    now, call_id = scene("phone"), f"demo-{secrets.token_hex(6)}"
    dialled, number = request.form.get("dialled", ""), request.form.get("number", "").strip()
    if number and normalise_number(number) is None:
        return _again(now, {"number": gettext("Write a telephone number such as 070-174 06 05.")})
    told = {"number": number, "name": now.who.name if number else "", "dialled": dialled, "language": now.who.language}
    return _tell(now, call_id, "ringing", told) or _watch(now, "phone", call_id, number or gettext("withheld number"))


@console.post("/hang-up")
def hang_up() -> Answer:
    """The citizen ends the call."""
    now, call_id = scene("phone"), request.form.get("call", "")
    return _tell(now, call_id, "ended", {}) or redirect(address_of(now, tab="phone", item=call_id), 303)


@console.post("/letter")
def drop_letter() -> Answer:
    """A scanned letter lands in the folder: an uploaded PDF, or one of the samples."""
    now, upload, name = scene("letter"), request.files.get("pdf"), request.form.get("sample", "")
    is_fresh = not request.form.get("same")
    pdf = upload.stream.read() if upload and upload.filename else examples.letter(name, is_fresh=is_fresh)
    if not pdf:
        return _again(now, {"pdf": gettext("Choose a letter, or a PDF of your own.")})
    title = (upload.filename if upload and upload.filename else name).rpartition(".")[0]
    return _watch(now, "letter", doors.drop_letter(system().settings, pdf, title), title)


def _uploads() -> list[Upload]:
    """The files of the form, each read and closed."""
    read = []
    for file in request.files.getlist("files"):
        with file.stream as stream:
            read.append(Upload(file.filename or "file", stream.read()))
    return [upload for upload in read if upload.data]


def _tell(now: Scene, call_id: str, kind: str, told: Mapping[str, str]) -> Answer | None:
    """Tell the call door; the page with what went wrong, or None when it took it."""
    event = {"call_id": call_id, "kind": kind, "at": clock.now().isoformat(), **told}
    try:
        doors.tell_call(system().settings, event)
    except ConflictError as error:
        return _again(now, {"number": gettext(str(error))})
    return None


def _watch(now: Scene, channel: str, key: str, title: str) -> Response:
    the_notes().add_dropped(Dropped(now.who.key, channel, key, title, clock.now()))
    return redirect(address_of(now, tab=channel, item=key), 303)


def _again(now: Scene, faults: dict[str, str]) -> tuple[str, int]:
    typed = {name: value for name, value in request.form.items() if name != "csrf_token"}
    return page(now, typed=typed, faults=faults), 422
