"""Break something, and the proof that nothing is lost or sent twice by it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes
from email.policy import default
from functools import lru_cache
from pathlib import Path

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core.demo import DemoPlaces
from app.core.errors import ConflictError, NotFoundError
from app.core.nudge import Queue
from app.reports.proof import Brought, Outcome, Proof, prove
from app.texts.catalogue import N_
from app.web.context import system
from app.web.demo import doors
from app.web.demo.asking import console
from app.web.demo.sent import _files, _read
from app.web.language import gettext

__all__ = ["console"]
WAYS = {
    "mail-server": (
        N_("Stop the mail server"),
        N_("Answers and receipts cannot leave. They wait in the outbox and leave when it is back."),
    ),
    "mid-send": (
        N_("Kill the worker in mid-send"),
        N_(
            "The next mail that leaves reaches the mail server, and the worker is killed before it hears so. Nobody can"
            " tell then: the mail shows as perhaps sent and is not sent again by itself."
        ),
    ),
    "writes": (
        N_("Refuse writes"),
        N_("Nothing can be saved. Mails stay in their mailbox, the desk says so; afterwards everything is filed."),
    ),
}
OUTCOMES = {
    Outcome.TICKET: N_("became a ticket"),
    Outcome.JOINED: N_("joined a ticket or a call"),
    Outcome.DUPLICATE: N_("had been delivered before"),
    Outcome.IGNORED: N_("needed nobody, with a reason"),
    Outcome.QUARANTINED: N_("wait in quarantine for a person"),
    Outcome.WAITING: N_("lie at the door still"),
    Outcome.LOST: N_("are lost"),
}


@console.get("/break")
def breaking() -> str:
    """What can be broken, and what is broken now."""
    said = {name: (gettext(title), gettext(words)) for name, (title, words) in WAYS.items()}
    is_possible = {name: name != "writes" or system().settings.is_sqlite for name in WAYS}
    return render_template(
        "demo/break.html", ways=said, state=_state(), is_possible=is_possible, again=request.args.get("again", type=int)
    )


@console.post("/break/<name>")
def break_it(name: str) -> Response:
    """Break it, or with `mend` make everything whole."""
    if name not in {*WAYS, "mend"}:
        raise NotFoundError("There is no such thing to break.")
    _ask("POST", f"/{name}")
    return redirect(url_for("console.breaking"), 303)


@console.post("/again")
def deliver_again() -> Response:
    """Everything that ever came by mail or letter comes once more, and every queue is nudged twice."""
    places, settings = DemoPlaces(system().settings.data_dir), system().settings
    mails = [file.read_bytes() for file in _mail_files(places)]
    letters = [file for file in _letter_files(places) if file.is_file()]
    for raw in mails:
        doors.drop_mail(settings, raw)
    for letter in letters:
        doors.drop_letter(settings, letter.read_bytes(), letter.stem)
    for queue in (*Queue, *Queue):
        system().nudge(queue)
    return redirect(url_for("console.breaking", again=len(mails) + len(letters)), 303)


@console.get("/proof")
def proof() -> str:
    """What came in, what became of it, what went out: nothing lost, nothing twice."""
    found = read_proof()
    outcomes = [(outcome, gettext(words), found.outcomes.get(outcome, 0)) for outcome, words in OUTCOMES.items()]
    return render_template("demo/proof.html", proof=found, outcomes=outcomes)


def read_proof() -> Proof:
    """The proof over the doors' own files and the mail server's."""
    places = DemoPlaces(system().settings.data_dir)
    sent = [_read(path).message_id for path in _files(places.sent)]
    with system().db.read() as session:
        return prove(session, [*_mails(places), *_letters(places)], sent)


def _mails(places: DemoPlaces) -> Iterator[Brought]:
    for file in _mail_files(places):
        yield Brought("email", file.name.partition(":")[0], _subject(file), is_taken=file.parent.name == "cur")


def _letters(places: DemoPlaces) -> Iterator[Brought]:
    for file in _letter_files(places):
        yield Brought("letter", file.name, file.name, is_taken=file.parent != places.letters)


def _mail_files(places: DemoPlaces) -> list[Path]:
    return [file for part in ("new", "cur") for file in sorted((places.mail_in / part).glob("*"))]


def _letter_files(places: DemoPlaces) -> list[Path]:
    return [file for part in ("", "done", "held") for file in sorted((places.letters / part).glob("*.pdf"))]


@lru_cache(maxsize=10_000)
def _subject(file: Path) -> str:
    """What the mail is called in lists: its Message-ID and subject as they stand there."""
    try:
        head = message_from_bytes(file.read_bytes()[:20_000], policy=default)
        return f"{head.get('Message-ID', file.name)} {str(head.get('Subject', ''))[:80]}".strip()
    except Exception:  # noqa: BLE001 - some of the samples are no mails on purpose
        return file.name


def _state() -> dict[str, float]:
    """What is broken now and for how many seconds; nothing while nobody listens."""
    try:
        return _ask("GET", "/")
    except ConflictError:
        return {}


def _ask(method: str, path: str) -> dict[str, float]:
    """Ask the supervisor. Raises ConflictError when none listens."""
    try:
        told = json.loads(DemoPlaces(system().settings.data_dir).control.read_text(encoding="utf-8"))
        with closing(http.client.HTTPConnection("127.0.0.1", told["port"], timeout=15)) as line:
            line.request(method, path, headers={"Authorization": f"Bearer {told['token']}"})
            answer: dict[str, float] = json.loads(line.getresponse().read())
    except (OSError, ValueError, KeyError, http.client.HTTPException) as error:
        raise ConflictError("This can be broken only where luukku up --demo runs.") from error
    return answer
