"""Small pieces with telling names."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path
from typing import Any

LONGEST_FUNCTION = 40
LONGEST_MODULE = 300
NAMES_THAT_SAY_NOTHING = re.compile(r"(^|_)(utils?|helpers?|common|misc|manager)(_|$)")
UNFINISHED = re.compile(r"\b(TOD[O]|FIXM[E]|XX[X])\b")  # the brackets keep this file from matching itself
TEXT_WITH_SOURCE = {".py", ".html", ".css", ".js", ".cfg", ".toml", ".typ", ".md", ""}


def test_functions_are_short(modules: list[Any]) -> None:
    long = [
        f"{module.name}:{node.lineno} {node.name} has {length(node)} lines"
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and length(node) > LONGEST_FUNCTION
    ]
    assert not long


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_modules_are_short(modules: list[Any], root: Path) -> None:
    counts = {module.name: module.source.count("\n") for module in modules}
    counts |= {f"scripts/{path.name}": path.read_text().count("\n") for path in (root / "scripts").glob("*.py")}
    assert not {name: count for name, count in counts.items() if count > LONGEST_MODULE}


def test_names_of_modules_and_classes_say_what_is_in_them(modules: list[Any]) -> None:
    parts = [(module.name, part) for module in modules for part in Path(module.name).with_suffix("").parts]
    classes = [
        (f"{module.name}:{node.lineno}", re.sub(r"(?<!^)(?=[A-Z])", "_", node.name).lower())
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
    ]
    assert not [place for place, name in parts + classes if NAMES_THAT_SAY_NOTHING.search(name)]


def test_nothing_is_left_for_later_in_the_source(tracked_files: list[Path], root: Path) -> None:
    unfinished = [
        f"{path.relative_to(root)}:{number}"
        for path in tracked_files
        if path.suffix in TEXT_WITH_SOURCE
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1)
        if UNFINISHED.search(line) and not path.is_relative_to(root / "app/web/static/vendor")
    ]
    assert not unfinished


def test_names_of_test_files_are_unique(root: Path) -> None:
    names = Counter(path.name for path in (root / "tests").rglob("test_*.py"))
    assert not [name for name, count in names.items() if count > 1]


def test_tests_are_no_packages(root: Path) -> None:
    assert not list((root / "tests").rglob("__init__.py"))
