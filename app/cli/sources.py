"""Commands about mailboxes and folders."""

from __future__ import annotations

from typing import TextIO

import click

from app.cli.root import system_for


@click.group()
def source() -> None:
    """Add and list mailboxes and folders that inquiries come from."""


@source.command()
@click.argument("name")
@click.option("--channel", type=click.Choice(["email", "letter"]), required=True, help="What lies in it.")
@click.option("--kind", type=click.Choice(["imap", "maildir", "folder"]), required=True, help="How it is opened.")
@click.option(
    "--set",
    "pairs",
    multiple=True,
    metavar="KEY=VALUE",
    help="host, port, user, tls, path and so on; address: whose mailbox it is.",
)
@click.option("--ask-password", is_flag=True, help="Ask for the mailbox's password; it is kept encrypted.")
@click.option("--password-file", type=click.File(), help="Or read it from a file, for scripts.")
def add(
    name: str, channel: str, kind: str, pairs: tuple[str, ...], password_file: TextIO | None, *, ask_password: bool
) -> None:
    """Add a source called NAME, after trying to open it."""
    from app.flows.sources import NewSource, add_source

    password = password_file.read().strip() if password_file else ""
    if ask_password:
        password = click.prompt("Password", hide_input=True)
    settings = dict(pair.partition("=")[::2] for pair in pairs)
    add_source(system_for("source"), NewSource(name, channel, kind, settings), password=password)
    click.echo(f"{name} is read from now on.")


@source.command("set")
@click.argument("name")
@click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A setting to change; KEY= takes it out.")
@click.option("--ask-password", is_flag=True, help="Ask for the mailbox's new password; it is kept encrypted.")
@click.option("--password-file", type=click.File(), help="Or read it from a file, for scripts.")
@click.option("--on/--off", "is_enabled", default=None, help="Whether it is read at all.")
def change(
    name: str, pairs: tuple[str, ...], password_file: TextIO | None, *, ask_password: bool, is_enabled: bool | None
) -> None:
    """Change the source called NAME, after trying to open it; nothing needs to be started anew."""
    from app.flows.sources import change_source

    password = password_file.read().strip() if password_file else None
    if ask_password:
        password = click.prompt("Password", hide_input=True)
    settings = dict(pair.partition("=")[::2] for pair in pairs)
    change_source(system_for("source"), name, settings=settings, password=password, is_enabled=is_enabled)
    click.echo(f"{name} is changed.")


@source.command("list")
def show() -> None:
    """List the sources, how far they are read and what fails."""
    from app.flows.sources import list_sources

    for line in list_sources(system_for("source")):
        click.echo(line)
