"""Steps of a check: each is timed and told as soon as it is done; a wait that lasts too long says what is missing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import click

from app.core.errors import LuukkuError

Found = TypeVar("Found")
LOOK_EVERY = 0.05


class MissingError(Exception):
    """What a step waited for did not come; the text says so in plain words."""


class Steps:
    """Runs steps one after another and keeps count."""

    def __init__(self, *, patience: float) -> None:
        self._patience = patience
        self._begun = time.monotonic()
        self.done = 0

    def step(self, name: str, act: Callable[[], Found]) -> Found:
        """What `act` gives. Raises MissingError after telling that the step failed, and why."""
        begun = time.monotonic()
        try:
            found = act()
        except (MissingError, LuukkuError, OSError) as error:
            click.echo(f"  ✗ {_ms(begun)}  {name}\n{'':13}{error}")
            raise MissingError(name) from error
        self.done += 1
        click.echo(f"  ✓ {_ms(begun)}  {name}")
        return found

    def wait(self, probe: Callable[[], Found | None], missing: str, *, longer: float = 0) -> Found:
        """The first thing that `probe` finds. Raises MissingError when nothing came in time."""
        until = time.monotonic() + self._patience + longer
        while True:
            found = probe()
            if found:
                return found
            if time.monotonic() > until:
                raise MissingError(f"{missing} (waited {self._patience + longer:.0f} s)")
            time.sleep(LOOK_EVERY)

    def total(self) -> str:
        """How many steps went well, and in what time."""
        return f"{self.done} steps in {time.monotonic() - self._begun:.1f} s"


def demand(found: Found | None, missing: str) -> Found:
    """The thing itself. Raises MissingError when it is not there."""
    if not found:
        raise MissingError(missing)
    return found


def _ms(begun: float) -> str:
    return f"{1000 * (time.monotonic() - begun):6.0f} ms"
