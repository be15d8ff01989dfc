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


@source.command("list")
def show() -> None:
    """List the sources, how far they are read and what fails."""
    from app.flows.sources import list_sources

    for line in list_sources(system_for("source")):
        click.echo(line)
