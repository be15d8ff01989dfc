"""`luukku --help` explains every command, and every command explains what it takes."""

from __future__ import annotations

import importlib.metadata

import click
import pytest
from click.testing import CliRunner

from app.cli.main import COMMANDS, cli


def test_the_help_lists_every_command_with_what_it_does() -> None:
    shown = " ".join(CliRunner().invoke(cli, ["--help"]).output.split())
    for name, (_module, explained) in COMMANDS.items():
        assert f"{name} {explained}" in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_explains_itself_and_its_options(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    for one in with_subcommands(command):
        assert one.help, one.name
        silent = [option.name for option in one.params if isinstance(option, click.Option) and not option.help]
        assert not silent, f"{one.name}: options without a help text: {silent}"


def with_subcommands(command: click.Command) -> list[click.Command]:
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return [command, *(deeper for one in below for deeper in with_subcommands(one))]


def test_the_entry_point_of_the_package_is_the_command() -> None:
    (entry,) = importlib.metadata.entry_points(group="console_scripts", name="luukku")
    assert entry.value == "app.cli.main:main"
