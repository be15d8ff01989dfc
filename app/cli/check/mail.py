"""The way of a mail: in by the Maildir, answered in the desk, out by SMTP, and answered again."""

from __future__ import annotations

import re

from app.cli.check.browser import Browser, Page
from app.cli.check.steps import MissingError, demand
from app.cli.check.world import World, mail_unit, somebody, staff
from app.core import clock
from app.reports.trace import Step, StepKind
from app.web.demo.compose import Upload, Writing, answer_subject, mail_bytes
from app.web.demo.doors import drop_mail
from app.web.demo.examples import SAMPLES, examples
from app.web.demo.sent import Received


def check_mail(world: World) -> None:
    """Play the journey of a mail. Raises MissingError at the first step that fails."""
    step = world.steps.step
    key, message_id = step("A mail with a file attached is delivered to the Maildir", lambda: _deliver(world))
    step("It is on the ledger, its bytes kept", lambda: _on_the_ledger(world, key))
    routed = step("It is a ticket of its unit, and its clock runs", lambda: _ticket(world, key))
    step("Articles are suggested for it", lambda: _suggested(world, key))
    step("The receipt with the reference is back at the citizen", lambda: _receipt(world, routed.reference))
    browser = step("An agent of the unit logs in", lambda: world.logged_in(staff(routed.facts["unit"], "agent").email))
    filled = step(
        "The agent opens the ticket and puts in the first suggestion", lambda: _insert(world, browser, routed)
    )
    step("The agent answers and resolves", lambda: _answer(browser, filled))
    answer = step("The answer is back, in the thread of the question", lambda: _answered(world, message_id))
    again = step("The citizen answers it", lambda: _write_back(world, answer))
    step("That joins the same ticket and opens it again", lambda: _reopened(world, again, routed.reference))


def _deliver(world: World) -> tuple[str, str]:
    """The file's name, and the mail's Message-ID."""
    asked = demand(next(iter(examples()), None), "The demo has no example question.")
    file = Upload("Beslut och pass.pdf", (SAMPLES / "letter-appeal-en.pdf").read_bytes())
    raw = mail_bytes(somebody(), Writing(mail_unit().mailbox, asked.subject, asked.body, [file]), at=clock.now())
    found = re.search(rb"(?i)^message-id: <(.+)>", raw, re.MULTILINE)
    return drop_mail(world.target.system.settings, raw), found[1].decode() if found else ""


def _on_the_ledger(world: World, key: str) -> None:
    seen = world.wait_for("email", key, StepKind.LEDGER, "Nobody took the mail from the Maildir: does the worker run?")
    demand(seen.facts["is_kept"], "The mail's original bytes were not kept.")


def _ticket(world: World, key: str) -> Step:
    routed = world.wait_for("email", key, StepKind.ROUTED, "The mail did not become a ticket.")
    demand(routed.facts["unit"] == mail_unit().name("en"), f"The ticket went to {routed.facts['unit']}.")
    world.wait_for("email", key, StepKind.CLOCK, "No clock runs for the ticket.")
    return routed


def _suggested(world: World, key: str) -> None:
    missing = "No article was suggested: are the suggestions switched on, and does the worker run?"
    demand(world.wait_for("email", key, StepKind.SUGGESTED, missing).facts["count"], missing)


def _receipt(world: World, reference: str) -> None:
    missing = "The receipt did not arrive: does the mail server (sink) run?"
    receipt = world.wait_for_mail(somebody(), lambda mail: mail.is_automatic, missing, longer=0)
    digits = re.sub(r"\D", "", receipt.text)
    demand(reference in digits, "The receipt does not name the ticket's reference.")


def _insert(world: World, browser: Browser, routed: Step) -> Page:
    page = world.ticket(browser, routed.reference)
    demand("Beslut och pass.pdf" in page.text, "The ticket does not show the attached file.")
    offers = [value for name, value in page.buttons if name == "insert"]
    form = demand(page.form("/reply"), "The ticket's page has no form to answer with.")
    if not offers:
        raise MissingError("The ticket's page offers no suggestion.")
    filled = browser.submit(form, {"insert": offers[0]})
    again = demand(filled.form("/reply"), "The suggestion was put in, but the form is gone.")
    demand(len(again.fields.get("body", "")) > 100, "The suggestion's text is not in the answer.")
    return filled


def _answer(browser: Browser, filled: Page) -> None:
    form = demand(filled.form("/reply"), "There is no form to answer with.")
    answer = browser.submit(form, {"body": f"Hej Karin!\n\n{form.fields['body']}", "then": "resolved"})
    demand(answer.status == 200, f"Sending the answer was met with {answer.status}.")


def _answered(world: World, message_id: str) -> Received:
    missing = "The answer did not arrive: do the worker and the mail server (sink) run?"
    longer = world.target.undo_seconds
    answer = world.wait_for_mail(somebody(), lambda mail: not mail.is_automatic, missing, longer=longer)
    demand(answer.answers == message_id, "The answer's In-Reply-To does not name the citizen's mail.")
    demand("+" in answer.reply_to, "The answer has no signed address to reply to.")
    return answer


def _write_back(world: World, answer: Received) -> str:
    subject = answer_subject(answer.subject, "sv")
    raw = mail_bytes(
        somebody(), Writing(answer.reply_to, subject, "Tack! Gäller det barn också?", (), answer), at=clock.now()
    )
    return drop_mail(world.target.system.settings, raw)


def _reopened(world: World, key: str, reference: str) -> None:
    joined = world.wait_for("email", key, StepKind.JOINED, "The citizen's answer did not join a ticket.")
    demand(joined.reference == reference, "The citizen's answer joined another ticket.")
    world.wait_for("email", key, StepKind.REOPENED, "The ticket was not opened again.")
