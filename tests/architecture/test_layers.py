"""Who may import whom."""

from __future__ import annotations

import ast
import configparser
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LATE_IMPORTS_ALLOWED = ("app/cli/", "channels/registry.py")
"""commands and adapters are loaded by name, so that `luukku mail-in` starts fast"""
READS_THE_ENVIRONMENT = "app/core/config.py"


def test_every_import_contract_is_kept(root: Path) -> None:
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([program, "--no-cache"], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_stage_of_the_house_stands_in_the_layers(root: Path) -> None:
    setup = configparser.ConfigParser()
    setup.read(root / "setup.cfg")
    layers = setup["importlinter:contract:layers"]["layers"].replace("|", " ").replace(":", " ").split()
    stages = {f"app.{path.stem}" for path in (root / "app").iterdir() if is_stage(path)}
    assert stages <= set(layers), f"not in any layer: {sorted(stages - set(layers))}"


def is_stage(path: Path) -> bool:
    if path.name.startswith(("__", ".")):
        return False
    return path.suffix == ".py" or (path.is_dir() and (path / "__init__.py").exists())


def test_the_application_package_itself_is_empty(root: Path) -> None:
    assert (root / "app/__init__.py").read_text(encoding="utf-8") == ""


def test_imports_stand_at_the_top_of_their_module(modules: list[Any]) -> None:
    late = [
        f"{module.name}:{node.lineno}"
        for module in modules
        if not module.name.startswith(LATE_IMPORTS_ALLOWED)
        for node in imports_in_functions(module.tree)
    ]
    assert not late


def imports_in_functions(tree: ast.Module) -> Iterator[ast.stmt]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from (node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom))


def test_only_the_settings_read_the_environment(modules: list[Any]) -> None:
    readers = {
        f"{module.name}: {ast.unparse(node)}"
        for module in modules
        if module.name != READS_THE_ENVIRONMENT
        for node in ast.walk(module.tree)
        if is_environment(node)
    }
    assert not readers


def is_environment(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        names = {name.name for name in node.names}
        return node.module == "environs" or (node.module == "os" and bool(names & {"environ", "environb", "getenv"}))
    return isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.environb", "os.getenv"}
