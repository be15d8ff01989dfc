"""`luukku up`: everything on this machine, and nothing of it left when it stops."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import click

from app.cli import reach
from app.cli.children import Child
from app.cli.demo_control import DemoControl
from app.cli.demo_state import has_newest_tables, has_tickets, is_loaded
from app.cli.demo_welcome import welcome
from app.cli.only_one import only_one
from app.cli.processes import web_arguments
from app.cli.root import settings_for
from app.cli.supervisor import Supervisor
from app.core.config import Settings, complete, environment_with
from app.core.demo import DemoPlaces
from app.core.errors import LuukkuError
from app.core.log import configure_logging
from app.core.system import System, create_system

PARTS = ("web", "worker", "listen", "sink")
PATIENCE = 60.0


@click.command()
@click.option("--demo", is_flag=True, help="With the demo authority, a console to play the citizen, and a mail sink.")
@click.option(
    "--without", "left_out", multiple=True, type=click.Choice(PARTS[1:]), help="Leave a part out; may be given twice."
)
@click.option("--history/--no-history", default=True, help="Whether a new demo begins with six weeks behind it.")
def up(left_out: tuple[str, ...], *, demo: bool, history: bool) -> None:
    """Start everything on this machine: desk, worker and listeners; Ctrl-C stops it."""
    begun = time.monotonic()
    settings = settings_for("up")
    if demo:
        settings = _demo_settings(settings)
    configure_logging(replace(settings, log_level="warning"), "up")
    with only_one(settings):
        reach.demand_free(settings)
        told = _prepare(settings, with_history=history)
        children = _children(settings, left_out)
        if settings.demo and not left_out:
            DemoControl(settings, children).start()
        supervisor = Supervisor(children)
        went_well = supervisor.run(
            lambda: reach.answers(settings),
            when_ready=lambda: _greet(settings, told, time.monotonic() - begun),
            patience=PATIENCE,
        )
    if not went_well:
        raise LuukkuError(f"The desk did not answer within {PATIENCE:.0f} s. Its last words:\n{_tail(settings, 'web')}")
    click.echo("Stopped.")


def _demo_settings(settings: Settings) -> Settings:
    """The same settings with the demo's mail server, on a port that is free now."""
    return complete(
        replace(
            settings,
            demo=True,
            smtp_host="127.0.0.1",
            smtp_port=reach.free_port(),
            smtp_tls="none",
            smtp_user="",
            smtp_password="",
        )
    )


def _prepare(settings: Settings, *, with_history: bool) -> list[str]:
    """Bring database and content up to date; what the person who starts it needs to know."""
    system = create_system(settings)
    try:
        if not has_newest_tables(system):
            from migrations.run import upgrade

            upgrade(settings.database_url)
        return _prepare_demo(system, with_history=with_history) if settings.demo else _first_administrator(system)
    finally:
        system.db.dispose()


def _prepare_demo(system: System, *, with_history: bool) -> list[str]:
    if not is_loaded(system):
        from app.cli.demo_content import load

        load(system)
        click.echo("The demo authority is loaded.")
    if with_history and not has_tickets(system):
        from app.cli.history.make import make_history

        click.echo(f"{make_history(system)} inquiries of the last six weeks are made up.")
    return welcome(system.settings)


def _first_administrator(system: System) -> list[str]:
    """On an empty database a person who can log in, with a password that is shown only now."""
    from app.cli.first_administrator import first_administrator

    made = first_administrator(system)
    if made is None:
        return []
    email, password = made
    return [
        f"  Log in as      {email}",
        f"  Password       {password}   (shown only now; change it with: luukku user password {email})",
        "",
        "  This database is empty. Load an authority with: luukku authority FILE",
    ]


def _children(settings: Settings, left_out: Collection[str]) -> list[Child]:
    environment = environment_with(**_settings_of_children(settings))
    commands = {"web": web_arguments(settings)}
    if settings.demo:
        commands["sink"] = _sink(settings)
    luukku = [sys.executable, "-m", "app.cli"]
    commands |= {"worker": [*luukku, "worker"], "listen": [*luukku, "listen"]}
    logs = settings.data_dir / "log"
    return [
        Child(name, arguments, environment, logs / f"{name}.log")
        for name, arguments in commands.items()
        if name not in left_out
    ]


def _settings_of_children(settings: Settings) -> dict[str, object]:
    if not settings.demo:
        return {}
    names = ("demo", "smtp_host", "smtp_port", "smtp_tls", "smtp_user", "smtp_password")
    return {name: getattr(settings, name) for name in names}


def _sink(settings: Settings) -> list[str]:
    """A mail server that keeps what it gets in a Maildir and sends nothing on."""
    sent = DemoPlaces(settings.data_dir).sent
    listen_at = f"{settings.smtp_host}:{settings.smtp_port}"
    return [
        sys.executable,
        "-m",
        "aiosmtpd",
        "-n",
        "-l",
        listen_at,
        "-c",
        "app.cli.demo_sink.LingeringMailbox",
        str(sent),
    ]


def _greet(settings: Settings, told: Collection[str], seconds: float) -> None:
    click.echo(f"\nLuukku is ready after {seconds:.1f} s.\n")
    click.echo(f"  The desk       {settings.base_url}/")
    for line in told:
        click.echo(line)
    click.echo(f"\nCtrl-C stops everything. Logs: {_short(settings.data_dir / 'log')}")


def _tail(settings: Settings, name: str) -> str:
    log = settings.data_dir / "log" / f"{name}.log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-12:])


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
