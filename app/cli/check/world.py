"""What the steps of a check share: the demo that is checked, what the outside world sees of it, and its people."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from app.cli.check.browser import Browser, Page
from app.cli.check.steps import Steps, demand
from app.cli.check.target import Target
from app.core.demo import DEMO_PASSWORD, DemoPlaces
from app.reports.trace import Step, StepKind, trace
from app.web.demo.cast import Citizen, LogIn, Place, somebody_of, units
from app.web.demo.sent import Received, received_by


@dataclass(frozen=True)
class World:
    """Everything that a step may touch."""

    target: Target
    steps: Steps

    def happened(self, channel: str, key: str) -> tuple[Step, ...]:
        """What became of an item so far."""
        with self.target.system.db.read() as session:
            return trace(session, channel=channel, key=key)

    def wait_for(self, channel: str, key: str, kind: StepKind, missing: str) -> Step:
        """The first step of a kind that an item went through. Raises MissingError."""
        return self.steps.wait(
            lambda: next((step for step in self.happened(channel, key) if step.kind is kind), None), missing
        )

    def wait_for_mail(
        self, citizen: Citizen, fits: Callable[[Received], bool], missing: str, *, longer: float
    ) -> Received:
        """The first mail to the citizen that fits. Raises MissingError."""
        folder = DemoPlaces(self.target.system.settings.data_dir).sent
        return self.steps.wait(
            lambda: next((mail for mail in received_by(folder, citizen.email) if fits(mail)), None),
            missing,
            longer=longer,
        )

    def logged_in(self, email: str) -> Browser:
        """A browser in which this person is logged in. Raises MissingError."""
        browser = Browser(self.target.base_url)
        demand(browser.log_in(email, DEMO_PASSWORD), f"The desk did not let {email} in.")
        return browser

    def ticket(self, browser: Browser, reference: str) -> Page:
        """A ticket's page. Raises MissingError."""
        page = browser.get(f"/desk/tickets/{reference}")
        return demand(page if page.status == 200 else None, f"The ticket's page answered {page.status}.")


def staff(unit_name: str, role: str) -> LogIn:
    """Somebody of the unit of this English name, as agent or head. Raises MissingError."""
    found = (somebody_of(unit.key, role) for unit in units() if unit.name("en") == unit_name)
    return demand(next(found, None), f"Nobody of {unit_name} is {role}.")


def unit(key: str) -> Place:
    """A unit of the demo by its key."""
    return next(found for found in units() if found.key == key)


def mail_unit() -> Place:
    """The unit that the check writes to."""
    return units()[0]


def call_unit() -> Place:
    """The unit that the check calls."""
    return units()[-1]


@cache
def somebody() -> Citizen:
    """A citizen that nobody has played before, so that what comes back can be nobody else's."""
    token = secrets.token_hex(4)
    email = f"kontroll-{token}@example.se"
    return Citizen("check", f"Karin Kontroll {token}", "sv", email, "+46701740699", "Provgatan 1\n871 99 Härnösand")
