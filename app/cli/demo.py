"""`luukku demo`: the demo authority, its invented past, and a check that plays an inquiry through every door."""

from __future__ import annotations

import sys
from dataclasses import replace

import click

from app.cli.root import settings_for
from app.core.config import Settings, load_settings
from app.core.errors import LuukkuError
from app.core.log import configure_logging
from app.core.system import System, create_system


@click.group()
def demo() -> None:
    """Load the demo authority, or play one inquiry through every door."""


@demo.command()
def load() -> None:
    """Load the demo authority, its articles, its mailbox and its letter folder; loading twice changes nothing."""
    from app.cli.demo_content import load as load_content
    from app.core.demo import DEMO_PASSWORD
    from app.flows.articles import refresh_search

    system = _system()
    load_content(system)
    refresh_search(system)
    click.echo(f"The demo authority is loaded. New members of its staff log in with the password {DEMO_PASSWORD}.")


@demo.command()
def history() -> None:
    """Make up the six weeks before today, in a demo that has no tickets yet."""
    from app.cli.demo_state import authority_domain, has_tickets, is_loaded
    from app.cli.history.make import make_history

    system = _system()
    if not authority_domain(system) or not is_loaded(system):
        raise LuukkuError("Load the demo first: luukku demo load")
    if has_tickets(system):
        raise LuukkuError("This demo has tickets already; a past is only made up for an empty one.")
    click.echo(f"{make_history(system)} inquiries of the last six weeks are made up.")


@demo.command()
@click.option(
    "--without",
    "left_out",
    multiple=True,
    type=click.Choice(["worker", "listen", "sink"]),
    help="Leave a part out of the demo that the check starts, to see the check fail.",
)
@click.option("--patience", default=15.0, show_default=True, help="Seconds that a step may wait.")
def check(left_out: tuple[str, ...], patience: float) -> None:
    """Play one inquiry through every door; exits 1 when a step fails. Starts a demo of its own when none runs."""
    from app.cli.check.journey import go
    from app.cli.check.target import target

    settings = load_settings()  # without making keys: the demo that is checked may lie elsewhere and has its own
    configure_logging(replace(settings, log_level="warning"), "check")
    with target(settings, without=left_out) as there:
        went_well = go(there, patience=patience)
    if not went_well:
        sys.exit(1)


def _system() -> System:
    return create_system(_quiet("demo"))


def _quiet(process: str) -> Settings:
    """The settings; logs below a warning would only stand between the lines for people."""
    settings = settings_for(process)
    configure_logging(replace(settings, log_level="warning"), process)
    return settings
