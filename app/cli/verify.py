"""`luukku verify`: whether everything that came is where it must be."""

from __future__ import annotations

import sys

import click

from app.cli.root import system_for


@click.group()
def verify() -> None:
    """Check that nothing is lost: mail servers against the ledger, the ledger against its tickets, clocks too."""


@verify.command()
@click.option("--source", default="", help="Only the source of this name.")
@click.option("--repair", is_flag=True, help="File what is missing, by the ordinary way.")
def mail(source: str, *, repair: bool) -> None:
    """Compare what lies at the mail servers with the ledger; exits 1 when something is missing or cannot be asked."""
    from app.flows.verify import verify_mail

    system = system_for("verify", nudging=True)
    found = verify_mail(system, only=source, repair=repair, progress=_progress)
    if not found:
        click.echo("There is no mail source of this name." if source else "There is no mail source.", err=True)
        sys.exit(1)
    for one in found:
        click.echo(
            f"{one.source}: {one.seen} mails compared in {one.seconds:.1f} s,"
            f" {one.waiting} wait to be fetched, {len(one.missing)} are missing."
        )
        for listed in one.missing:
            click.echo(f"  missing: {listed.item_id}  <{listed.mail_id}>  {listed.at or ''}")
        if one.failure:
            click.echo(f"  It could not be compared: {one.failure}", err=True)
    sys.exit(1 if any(one.missing or one.failure for one in found) else 0)


@verify.command()
def ledger() -> None:
    """Check that each item of the ledger is where it says, with its original; exits 1 when one is not."""
    from app.intake.check import disagreements

    system, count = system_for("verify"), 0
    with system.db.read() as session:
        for count, sentence in enumerate(  # noqa: B007 - told after the loop
            disagreements(session, system.settings.data_dir, progress=_progress), start=1
        ):
            click.echo(sentence)
    click.echo(f"{count} disagreements." if count else "The ledger agrees with everything it points at.")
    sys.exit(1 if count else 0)


@verify.command()
@click.option("--repair", is_flag=True, help="Make what differs what the events say.")
def sla(*, repair: bool) -> None:
    """Rebuild every ticket's clocks from its events and compare; exits 1 when one differs and stays so."""
    from app.flows.verify_clocks import rebuild_clocks, verify_clocks

    system, differing = system_for("verify"), set()
    for found in verify_clocks(system, progress=_progress):
        click.echo(str(found))
        differing.add(found.ticket_id)
    for ticket_id in sorted(differing) if repair else ():
        rebuild_clocks(system, ticket_id)
    if not differing:
        click.echo("Every clock is what the events say.")
    else:
        click.echo(f"{len(differing)} tickets {'were put right' if repair else 'differ'}.")
    sys.exit(1 if differing and not repair else 0)


def _progress(what: str, seen: int) -> None:
    """Progress for a person who looks on."""
    if sys.stderr.isatty():
        click.echo(f"\r{what}: {seen}   ", nl=False, err=True)
