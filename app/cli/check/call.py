"""The way of a call: it rings as a card, is answered in the desk, ends, and its note resolves the ticket."""

from __future__ import annotations

import re
import secrets

from app.cli.check.browser import Browser, Form, Page
from app.cli.check.steps import demand
from app.cli.check.world import World, call_unit, somebody, staff
from app.core import clock
from app.reports.trace import StepKind
from app.web.demo.doors import tell_call


def check_call(world: World) -> None:
    """Play the journey of a call. Raises MissingError at the first step that fails."""
    step, call_id = world.steps.step, f"check-{secrets.token_hex(6)}"
    step("The telephone exchange says that it rings", lambda: _ring(world, call_id))
    agent = staff(call_unit().name("en"), "agent").email
    browser = step("An agent of the unit that is called logs in", lambda: world.logged_in(agent))
    card = step("The agent sees the card", lambda: _card(world, browser))
    page = step("The agent answers: a ticket, its first response given", lambda: _answer(world, browser, card, call_id))
    step("The call ends", lambda: _end(world, call_id))
    step("The agent's note resolves it", lambda: _note(world, browser, page, call_id))


def _ring(world: World, call_id: str) -> None:
    _tell(world, call_id, "ringing")
    world.wait_for("phone", call_id, StepKind.RINGING, "The call is not on the ledger.")


def _tell(world: World, call_id: str, kind: str) -> None:
    told = {"call_id": call_id, "kind": kind, "at": clock.now().isoformat(), "number": somebody().phone}
    told |= {"name": somebody().name, "dialled": call_unit().phone, "language": "sv"}
    tell_call(world.target.system.settings, told)


def _card(world: World, browser: Browser) -> Form:
    """The card's form, found by the caller's name: others may ring at the same time."""

    def look() -> Form | None:
        page = browser.get("/desk/calls/ringing")
        cards = zip(re.split(r"<section", page.text)[1:], page.forms, strict=False)
        digits = somebody().phone[-6:]
        return next((form for card, form in cards if digits in re.sub(r"\D", "", card)), None)

    return world.steps.wait(look, "The card of the call did not show in the desk.")


def _answer(world: World, browser: Browser, card: Form, call_id: str) -> Page:
    page = browser.submit(card, {})
    demand(page.status == 200 and "/desk/tickets/" in page.url, f"Answering was met with {page.status}.")
    world.wait_for("phone", call_id, StepKind.CALL_ANSWERED, "The call does not count as answered.")
    clocks = [step for step in world.happened("phone", call_id) if step.kind is StepKind.CLOCK]
    met = any(step.facts["metric"] == "first_response" and step.facts["result"] == "met" for step in clocks)
    demand(met, "Answering did not stop the clock of the first response.")
    return page


def _end(world: World, call_id: str) -> None:
    _tell(world, call_id, "ended")
    world.wait_for("phone", call_id, StepKind.CALL_ENDED, "The call did not end.")


def _note(world: World, browser: Browser, page: Page, call_id: str) -> None:
    form = demand(page.form("/call-note"), "The ticket's page has no form for the note of the call.")
    noted = browser.submit(form, {"body": "Frågade om avgiften. Fick besked.", "then": "resolved"})
    demand(noted.status == 200, f"Keeping the note was met with {noted.status}.")
    world.wait_for("phone", call_id, StepKind.RESOLVED, "The note did not resolve the ticket.")
