"""The whole journey through every door, as a citizen, an agent and a unit head would go it."""

from __future__ import annotations

import click

from app.cli.check.call import check_call
from app.cli.check.figures import Cell, Figures, check_growth, check_report, read_figures
from app.cli.check.letter import check_letter
from app.cli.check.mail import check_mail
from app.cli.check.steps import MissingError, Steps
from app.cli.check.target import Target
from app.cli.check.world import World, call_unit, mail_unit
from app.reports.trace import Step
from app.web.demo.cast import units


def go(target: Target, *, patience: float) -> bool:
    """Go the journey and tell each step; whether all went well. A step waits at most `patience` seconds."""
    world = World(target, Steps(patience=patience))
    try:
        _go(world)
    except MissingError as error:
        click.echo(f"\nFailed at: {error}.\nBefore it went well: {world.steps.total()}.")
        return False
    click.echo(f"\nAll is well: {world.steps.total()}.")
    return True


def _go(world: World) -> None:
    before = {unit.key: read_figures(world, unit.key) for unit in units()}
    click.echo("E-mail")
    check_mail(world)
    click.echo("Telephone")
    check_call(world)
    click.echo("Letter")
    routed = check_letter(world)
    click.echo("Report")
    cells = [Cell(mail_unit().key, "email"), Cell(call_unit().key, "phone"), Cell(_key(routed), "letter")]
    keys = {cell.unit_key for cell in cells}
    world.steps.step("The heads read the report", lambda: check_report(world, keys))
    world.steps.step("Its figures, as CSV, count all three", lambda: _counted(world, before, cells))


def _counted(world: World, before: dict[str, Figures], cells: list[Cell]) -> None:
    for cell in cells:
        check_growth(before[cell.unit_key], read_figures(world, cell.unit_key), [cell])


def _key(routed: Step) -> str:
    return next(unit.key for unit in units() if unit.name("en") == routed.facts["unit"])
