"""`luukku mail-in`: one mail from a mail server's pipe. It exits 0 only once the mail is committed."""

from __future__ import annotations

import hashlib
import sys

import click

TRY_AGAIN = 75
"""EX_TEMPFAIL of sysexits.h: the mail server keeps the mail and tries again"""


@click.command("mail-in")
@click.option("--recipient", default="", help="The mailbox it came to, as the mail server knows it.")
def mail_in(recipient: str) -> None:
    """Take one mail from standard input. Exits 75 (try again later) until it is committed."""
    try:
        _take(recipient)
    except Exception as error:  # noqa: BLE001 - whatever it is, the mail server must keep the mail
        click.echo(f"Not taken, try again: {_told(error)}", err=True)
        sys.exit(TRY_AGAIN)


def _told(error: Exception) -> str:
    """The error without a person's words: our own sentences hold none."""
    from app.core.errors import LuukkuError

    return str(error) if isinstance(error, LuukkuError) else type(error).__name__


def _take(recipient: str) -> None:
    from app.cli.root import system_for
    from app.core import clock
    from app.flows.receive import receive
    from channels.contract import ChannelName, RawItem

    raw = sys.stdin.buffer.read()
    item_id = hashlib.sha256(recipient.encode() + b"\0" + raw).hexdigest()
    item = RawItem(ChannelName.EMAIL, "mail-in", item_id, raw, clock.now(), recipient.lower())
    receive(system_for("mail-in"), [item])  # the sweep nudges within seconds: loading a broker here would cost more
