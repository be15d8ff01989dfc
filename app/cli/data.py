"""Commands that set up what the database holds."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import click

from app.cli.root import settings_for, system_for
from app.core.errors import LuukkuError


@click.command()
def migrate() -> None:
    """Create or update the database's tables."""
    from migrations.run import upgrade

    upgrade(settings_for("migrate").database_url)
    click.echo("The database is up to date.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def authority(file: Path) -> None:
    """Load an authority's units, calendars, targets, staff and rules from a JSON FILE. New people get one password."""
    from app.flows.found import found

    password = secrets.token_urlsafe(12)
    try:
        found(system_for("authority"), json.loads(file.read_text("utf-8")), password=password)
    except ValueError as error:
        raise LuukkuError(f"{file} cannot be read as JSON: {error}.") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise LuukkuError(f"{file} lacks {error} or holds it in another form: see docs/authority.md.") from error
    click.echo(f"Loaded. New members of staff log in with the password {password} until they change it.")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def articles(folder: Path) -> None:
    """Load knowledge base articles from a FOLDER of files named KEY.LANGUAGE.md."""
    from app.flows.articles import load_articles, refresh_search

    system = system_for("articles")
    click.echo(f"{load_articles(system, folder)} texts were new or changed.")
    refresh_search(system)


@click.command()
def reindex() -> None:
    """Rebuild the article search index from the database."""
    from app.flows.articles import rebuild_search

    click.echo(f"{rebuild_search(system_for('reindex'))} texts are in the index.")
