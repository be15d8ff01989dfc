"""The files around the source: scripts, pinned versions, and what must not stand anywhere."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
from pathlib import Path

# The brackets keep this file from matching itself.
STRANGE_WORDS = {
    "a folder of one machine": re.compile(rb"(?<![\w.:])/(wor[k]|roo[t]|hom[e]/\w+)/"),
    "who or what helped to write": re.compile(rb"\b(c[l]aude|anthropi[c]|chatgp[t]|copilo[t]\b)", re.IGNORECASE),
    "the address of a package registry": re.compile(
        rb"(py[p]i\.org|pythonhoste[d]\.org|npmj[s]\.(org|com)|de[b]\.debian\.org|security\.debia[n]\.org)"
    ),
}
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)$")


def test_every_shell_script_can_be_started_and_parses(tracked_files: list[Path]) -> None:
    scripts = [path for path in tracked_files if re.match(rb"#!.*\b(ba)?sh\b", first_line(path))]
    assert scripts
    assert not [path for path in scripts if not os.access(path, os.X_OK)]
    for path in scripts:
        checked = subprocess.run(["bash", "-n", path], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr


def first_line(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.readline(200)


def test_scripts_stop_at_the_first_error(root: Path) -> None:
    for name in ("scripts/demo", "scripts/test", "scripts/lint", ".ci/run"):
        assert "\nset -euo pipefail\n" in (root / name).read_text(encoding="utf-8"), name


def test_the_project_speaks_of_itself_alone(tracked_files: list[Path], root: Path) -> None:
    found = [
        f"{path.relative_to(root)}: {what}: {match.group().decode(errors='replace')}"
        for path in tracked_files
        if is_text(content := path.read_bytes())
        for what, pattern in STRANGE_WORDS.items()
        for match in pattern.finditer(content)
    ]
    assert not found


def is_text(content: bytes) -> bool:
    return b"\0" not in content[:8000]


def test_no_file_is_under_version_control_that_a_run_makes(tracked_files: list[Path], root: Path) -> None:
    made = re.compile(r"(^|/)(__pycache__|var|\.venv|node_modules)/|\.(pyc|db|sqlite3?|log)$")
    names = [path.relative_to(root).as_posix() for path in tracked_files]
    assert not [name for name in names if made.search(name)]


def test_every_dependency_is_pinned_to_one_version(root: Path) -> None:
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if not PIN.match(line)]
    pinned = {normalised(match[1]) for line in lines if (match := PIN.match(line))}
    assert not [name for name in asked_for(root) if normalised(name) not in pinned]


def asked_for(root: Path) -> list[str]:
    setup = configparser.ConfigParser()
    setup.read(root / "setup.cfg")
    extras = "\n".join(setup["options.extras_require"].values())
    lines = (setup["options"]["install_requires"] + "\n" + extras).split("\n")
    wanted = [line for line in lines if line.strip() and 'platform_system == "Windows"' not in line]
    return [re.split(r"[\[<>=;\s]", line.strip())[0] for line in wanted]


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
