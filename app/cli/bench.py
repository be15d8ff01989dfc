"""`luukku bench`: measures this installation and prints a table."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def bench() -> None:
    """Measure how fast and how good this installation is."""


@bench.command()
@click.option(
    "--articles",
    type=click.Path(exists=True, path_type=Path),
    default=Path("demo/articles"),
    show_default=True,
    help="Folder of articles.",
)
@click.option(
    "--questions",
    type=click.Path(exists=True, path_type=Path),
    default=Path("demo/questions"),
    show_default=True,
    help="Folder of questions with their right articles.",
)
@click.option("--data", type=click.Path(exists=True, path_type=Path), help="A set with its own articles, instead.")
def knowledge(articles: Path, questions: Path, data: Path | None) -> None:
    """How often the right article is first or among three, per language, beside plain Whoosh."""
    from app.bench.knowledge import measure, measure_set

    for line in measure_set(data) if data else measure(articles, questions):
        click.echo(line)


@bench.command()
@click.option("--mails", default=200, show_default=True, help="How many mails each run files.")
@click.option(
    "--database", default="", help="A PostgreSQL URL of an EMPTY database; SQLite in a temporary folder without."
)
def intake(mails: int, database: str) -> None:
    """What a mail costs from raw bytes to ticket: CPU, commits, mails a second, with the disk's sync rate beside."""
    from app.bench.intake import measure

    for line in measure(mails, database):
        click.echo(line)


@bench.command()
def sla() -> None:
    """What a due instant and an elapsed time cost, and whether they equal a walk over minutes."""
    from app.bench.sla import measure

    for line in measure():
        click.echo(line)


@bench.command()
@click.option("--tickets", default=100_000, show_default=True, help="How many tickets the set has.")
@click.option("--requests", default=100, show_default=True, help="How often each page is asked for, after warming up.")
@click.option(
    "--database",
    default="",
    help="A PostgreSQL URL of an EMPTY database, too; else SQLite in a temporary folder alone.",
)
def web(tickets: int, requests: int, database: str) -> None:
    """What list, ticket, search and other pages cost: CPU, queries, bytes, and whether they are below our goals."""
    from app.bench.web import measure

    for line in measure(tickets, requests, database):
        click.echo(line)
