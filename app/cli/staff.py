"""Commands about the people who log in."""

from __future__ import annotations

import click

from app.cli.root import system_for


@click.group()
def user() -> None:
    """Add people who log in, give one a new password, or help one who lost their second factor."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="As colleagues and citizens read it.")
@click.option("--language", type=click.Choice(["sv", "fi", "en"]), default="sv", show_default=True, help="Of the desk.")
@click.option("--admin", is_flag=True, help="May configure the system; sees tickets only with a logged reason.")
@click.option("--unit", "units", multiple=True, help="KEY or KEY:head; may be given several times.")
@click.password_option(help="Asked for when not given; at least 12 characters.")
def add(email: str, name: str, language: str, units: tuple[str, ...], password: str, *, admin: bool) -> None:
    """Add a person with this EMAIL."""
    from app.flows.staff import NewUser, add_user

    add_user(system_for("user"), NewUser(email, name, language, admin, units), password=password)
    click.echo(f"{email} can log in.")


@user.command("password")
@click.argument("email")
@click.password_option(help="Asked for when not given; at least 12 characters.")
def new_password(email: str, password: str) -> None:
    """Give the person with this EMAIL a new password; their log-ins end."""
    from app.flows.staff import set_password

    set_password(system_for("user"), email, password)
    click.echo("The password is changed.")


@user.command("forget-factors")
@click.argument("email")
def without_factors(email: str) -> None:
    """Take the app, the passkeys and the outside identity from the person with this EMAIL, who lost them.

    The password opens again by itself; their log-ins end. Make sure that it is the person who asks.
    """
    from app.flows.staff import forget_factors

    forget_factors(system_for("user"), email)
    click.echo("The second factor, passkeys and outside identity are forgotten.")
