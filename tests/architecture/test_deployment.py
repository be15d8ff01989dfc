"""What the deployment files and the handbook name exists."""

from __future__ import annotations

import configparser
import re
from dataclasses import fields
from pathlib import Path

import pytest

from app.cli.main import COMMANDS, cli
from app.core.config import Settings

DEPLOY = Path(__file__).resolve().parents[2] / "docs" / "deploy"
UNITS = sorted([*DEPLOY.rglob("*.service"), *DEPLOY.rglob("*.timer")])
HANDBOOK = DEPLOY.parent / "operations.md"


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_unit_file_runs_a_command_that_there_is(unit: Path) -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit)
    assert parser.has_section("Unit")
    if unit.suffix == ".service":
        program, command = parser["Service"]["ExecStart"].split()[:2]
        assert program.endswith("/bin/luukku")
        assert command in COMMANDS
        assert parser["Service"]["User"] == "luukku"


@pytest.mark.parametrize(
    "file", [*DEPLOY.rglob("*.env"), HANDBOOK], ids=lambda path: str(path.relative_to(DEPLOY.parent))
)
def test_every_setting_that_is_named_is_one(file: Path) -> None:
    known = {f"LUUKKU_{field.name.upper()}" for field in fields(Settings)}
    named = {name.removesuffix("_FILE") for name in re.findall(r"LUUKKU_[A-Z_]+", file.read_text())}
    assert named
    assert named <= known


def test_every_command_of_the_handbook_is_one() -> None:
    context = cli.make_context("luukku", [], resilient_parsing=True)
    for words in re.findall(r"luukku ([a-z][a-z-]*(?: (?:mail|ledger|list|add|set)\b)?)", HANDBOOK.read_text()):
        name, *sub = words.split()
        command = cli.get_command(context, name)
        assert command is not None, words
        if sub and hasattr(command, "commands"):
            assert sub[0] in command.commands, words
