"""Keeps programs running until it is told to stop, and then leaves none behind."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence

import click

from app.cli.children import Child

LOOK_EVERY = 0.1
STOP_WITHIN = 10.0
"""seconds in which programs may end by themselves; after that they are killed"""


class Supervisor:
    """Starts its children, starts again those that die, and stops all of them at Ctrl-C or SIGTERM."""

    def __init__(self, children: Sequence[Child]) -> None:
        self._children = children
        self._stops = 0

    def run(self, is_ready: Callable[[], bool], *, when_ready: Callable[[], None], patience: float) -> bool:
        """Run until told to stop; False when `is_ready` was not true within `patience` seconds."""
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            for child in self._children:
                child.start()
            if not self._become_ready(is_ready, patience):
                return self._stops > 0
            when_ready()
            while not self._stops:
                self._look_after()
                time.sleep(LOOK_EVERY)
            return True
        finally:
            self.stop_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def stop_all(self) -> None:
        """Ask all to stop, wait, and kill what is left."""
        for child in self._children:
            child.ask_to_stop()
        until = time.monotonic() + STOP_WITHIN
        while time.monotonic() < until and self._stops < 2 and not all(child.is_gone() for child in self._children):
            time.sleep(0.05)
        for child in self._children:
            if not child.is_gone():
                click.echo(f"The {child.name} did not stop in time and was ended.")
            child.kill()

    def _become_ready(self, is_ready: Callable[[], bool], patience: float) -> bool:
        until = time.monotonic() + patience
        while time.monotonic() < until and not self._stops:
            if is_ready():
                return True
            self._look_after()
            time.sleep(LOOK_EVERY / 2)
        return False

    def _look_after(self) -> None:
        for child in self._children:
            if child.has_died():
                code = child.process.returncode if child.process else 0
                pause = child.plan_restart()
                click.echo(
                    f"The {child.name} stopped ({_how(code)}); it is started again in {pause:.0f} s. Log: {child.log}"
                )
            elif child.is_due():
                child.start()

    def _stop(self, _number: int, _frame: object) -> None:
        self._stops += 1


def _how(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
