"""What a newcomer to the demo must know: where the console is and who can log in."""

from __future__ import annotations

from app.core.config import Settings
from app.core.demo import DEMO_PASSWORD
from app.web.demo.cast import log_ins, somebody_of, units


def welcome(settings: Settings) -> list[str]:
    """The lines to print: the console's address, an agent, the head of the same unit and an administrator."""
    first = units()[0]
    roles = {
        f"agent, {first.name('en')}": somebody_of(first.key, "agent"),
        "head of that unit": somebody_of(first.key, "head"),
        "administrator": next((person for person in log_ins() if person.is_admin), None),
    }
    people = [f"{person.email:<28} {role}" for role, person in roles.items() if person is not None]
    return [
        f"  Demo console   {settings.base_url}/demo/   (there you play the citizen)",
        f"  Break it       {settings.base_url}/demo/break   (nothing gets lost by it: {settings.base_url}/demo/proof)",
        "",
        *(f"  {'' if line else 'Log in as':<14} {told}" for line, told in enumerate(people)),
        f"  Password       {DEMO_PASSWORD}   (everybody's, in the demo; the console lists more people)",
    ]
