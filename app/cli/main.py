"""The command `luukku`. Commands are loaded by name, so that `luukku mail-in` starts fast."""

from __future__ import annotations

import importlib
import sys

import click

COMMANDS = {
    "up": ("app.cli.up", "Start everything on this machine: desk, worker and listeners; Ctrl-C stops it."),
    "web": ("app.cli.processes", "Start the desk (web server) alone."),
    "worker": ("app.cli.processes", "Start a worker: it reads sources, suggests, sends mail and goes its rounds."),
    "listen": ("app.cli.processes", "Watch the sources and nudge the workers when something comes."),
    "migrate": ("app.cli.data", "Create or update the database's tables."),
    "authority": ("app.cli.data", "Load an authority's units, calendars, targets, staff and rules from a file."),
    "articles": ("app.cli.data", "Load knowledge base articles from a folder of Markdown files."),
    "reindex": ("app.cli.data", "Rebuild the article search index from the database."),
    "user": ("app.cli.staff", "Add people who log in, or give one a new password."),
    "source": ("app.cli.sources", "Add and list mailboxes and folders that inquiries come from."),
    "verify": ("app.cli.verify", "Check that nothing is lost: mail servers against the ledger, the ledger in itself."),
    "backup": ("app.cli.backup", "Make a backup of database and files while everything runs."),
    "restore": ("app.cli.backup", "Restore a backup, here or on another machine."),
    "mail-in": ("app.cli.mail_in", "Take one mail from standard input (for a mail server's pipe)."),
    "demo": ("app.cli.demo", "Load the demo authority, or play one inquiry through every door."),
    "bench": ("app.cli.bench", "Measure how fast and how good this installation is."),
}


class Lazy(click.Group):
    """A group whose commands are imported when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, explained) for name, (_module, explained) in COMMANDS.items()])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def cli() -> None:
    """Luukku: the desk of a national customer service.

    Settings come from LUUKKU_* variables; docs/settings.md lists them.
    """


def main() -> None:
    """Run the command line; our own errors are said in plain words, without a traceback."""
    try:
        cli(prog_name="luukku")
    except Exception as error:
        told = _plain_words(error)
        if told is None:
            raise
        click.echo(told, err=True)
        sys.exit(1)


def _plain_words(error: Exception) -> str | None:
    """What to tell a person who can do something about the error; None for a fault of ours."""
    from sqlalchemy.exc import DBAPIError

    from app.core.errors import LuukkuError

    if isinstance(error, LuukkuError):
        return str(error)
    if isinstance(error, DBAPIError):
        said = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
        return f"The database cannot be used: {said[0]}. Where its tables are missing or old, run: luukku migrate"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}."
    return None
