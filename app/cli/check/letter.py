"""The way of a letter: scanned into a folder, shown with its page, answered on paper, posted."""

from __future__ import annotations

import re

from app.cli.check.browser import Browser
from app.cli.check.steps import demand
from app.cli.check.world import World, somebody, staff
from app.reports.trace import Step, StepKind
from app.web.demo.doors import drop_letter
from app.web.demo.examples import letter

SAMPLE = "letter-new-address-sv.pdf"
TITLE = "kontroll"


def check_letter(world: World) -> Step:
    """Play the journey of a letter; its routing. Raises MissingError at the first step that fails."""
    step = world.steps.step
    name = step("A scanned letter lands in the folder", lambda: _drop(world))
    routed = step("It is a ticket", lambda: _ticket(world, name))
    agent = staff(routed.facts["unit"], "agent").email
    browser = step("An agent of its unit logs in", lambda: world.logged_in(agent))
    step("The agent sees the page", lambda: _picture(world, browser, routed.reference))
    step("The agent says who wrote it", lambda: _identify(world, browser, routed.reference))
    step("The agent answers by letter", lambda: _answer(world, browser, routed.reference))
    step("The letter can be printed", lambda: _print(world, browser, routed.reference))
    step("Marked as posted, it is the first response", lambda: _post(world, browser, routed.reference, name))
    return routed


def _drop(world: World) -> str:
    pdf = demand(letter(SAMPLE, is_fresh=True), "The demo has no sample letter.")
    return drop_letter(world.target.system.settings, pdf, TITLE)


def _ticket(world: World, name: str) -> Step:
    return world.wait_for(
        "letter", name, StepKind.ROUTED, "Nobody took the letter from its folder: does the worker run?"
    )


def _picture(world: World, browser: Browser, reference: str) -> None:
    page = world.ticket(browser, reference)
    sources = [source for source in page.sources if "/attachments/" in source]
    source = demand(next(iter(sources), ""), "The ticket's page shows no picture of the letter.")
    picture = browser.get(source)
    demand(picture.content_type.startswith("image/"), "The picture of the page cannot be opened.")


def _identify(world: World, browser: Browser, reference: str) -> None:
    form = demand(world.ticket(browser, reference).form("/identify"), "The page does not ask who the citizen is.")
    told = {"name": somebody().name, "postal": somebody().address}
    demand(browser.submit(form, told).status == 200, "Saying who wrote the letter was refused.")


def _answer(world: World, browser: Browser, reference: str) -> None:
    form = demand(world.ticket(browser, reference).form("/reply"), "The ticket's page has no form to answer with.")
    told = {"body": "Tack för ditt brev. Vi har noterat din nya adress.", "channel": "letter", "then": "resolved"}
    answer = browser.submit(form, told)
    demand(answer.status == 200, f"Writing the letter was met with {answer.status}.")


def _print(world: World, browser: Browser, reference: str) -> None:
    page = world.ticket(browser, reference)
    link = re.search(r'href="([^"]+/letter\.pdf)"', page.text)
    printed = browser.get(demand(link, "The ticket's page offers no letter to print.")[1])
    demand(printed.data.startswith(b"%PDF-"), "What is offered to print is no PDF.")


def _post(world: World, browser: Browser, reference: str, name: str) -> None:
    form = demand(world.ticket(browser, reference).form("/posted"), "The letter cannot be marked as posted.")
    demand(browser.submit(form, {}).status == 200, "Marking the letter as posted was refused.")
    world.wait_for("letter", name, StepKind.POSTED, "The letter does not count as posted.")
    clocks = [step for step in world.happened("letter", name) if step.kind is StepKind.CLOCK]
    met = any(step.facts["metric"] == "first_response" and step.facts["result"] == "met" for step in clocks)
    demand(met, "Posting the letter did not stop the clock of the first response.")
