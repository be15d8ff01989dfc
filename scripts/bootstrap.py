"""Make the project's own environment and install the pinned dependencies into it.

    python3 scripts/bootstrap.py demo      what the system needs to run
    python3 scripts/bootstrap.py test      that, and what the tests and the linters need

Nothing happens when the environment is up to date. It lies in `.venv`, or where LUUKKU_VENV says. Standard library
only: this file runs before anything is installed.
"""

from __future__ import annotations

import configparser
import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VENV = (ROOT / os.environ.get("LUUKKU_VENV", ".venv")).absolute()
PYTHON = VENV / "bin" / "python"
COMMAND = VENV / "bin" / "luukku"
STAMP = VENV / "luukku-installed.json"
LOCK = VENV / ".lock"
EXTRAS: dict[str, frozenset[str]] = {"demo": frozenset(), "test": frozenset({"dev", "pg", "redis"})}
OLDEST_PYTHON = (3, 11)


def main(arguments: Sequence[str]) -> int:
    """Bring the environment up to date for the purpose named; 0 when it is, else what went wrong is printed."""
    if len(arguments) != 1 or arguments[0] not in EXTRAS:
        return fail(f"usage: bootstrap.py {'|'.join(EXTRAS)}")
    wanted = EXTRAS[arguments[0]]
    if is_installed(wanted):
        return 0
    if sys.version_info < OLDEST_PYTHON:
        return fail(f"Luukku needs Python 3.11 or newer; python3 here is {sys.version.split()[0]}.")
    try:
        with only_one_at_a_time():
            return 0 if is_installed(wanted) else install(wanted)
    except KeyboardInterrupt:
        return fail("Stopped. The next start goes on from here.", code=130)


def is_installed(wanted: frozenset[str]) -> bool:
    """Whether the environment holds exactly the versions asked for, with at least the wanted extras."""
    stamp = read_stamp()
    same = stamp.get("fingerprint") == fingerprint()
    return same and wanted <= set(stamp.get("extras", ())) and PYTHON.exists() and COMMAND.exists()


def read_stamp() -> dict[str, Any]:
    """What the last complete installation wrote; empty when there was none."""
    try:
        content = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def fingerprint() -> str:
    """Changes when the dependencies, the interpreter or the place of the project change."""
    setup = configparser.ConfigParser(interpolation=None)
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    package = {name: dict(setup[name]) for name in setup.sections() if name.startswith(("metadata", "options"))}
    digest = hashlib.sha256(f"{sys.version}\n{ROOT}\n{VENV}\n{json.dumps(package)}".encode())
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


@contextlib.contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Hold the environment's lock: two scripts started together must not install into it at once."""
    VENV.mkdir(parents=True, exist_ok=True)
    with LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Another start is installing; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install(wanted: frozenset[str]) -> int:
    """Make the environment if needed and install into it; 0 when all went well."""
    begun = time.monotonic()
    problem = make_environment()
    if problem:
        return fail(problem)
    extras = sorted(wanted | set(installed_extras()))
    say("Installing the pinned dependencies (about half a minute, longer on a slow line) ...")
    output = pip_install(extras)
    if output:
        return fail(f"{output}\n\nThe dependencies could not be installed; pip's last words are above.")
    STAMP.write_text(json.dumps({"fingerprint": fingerprint(), "extras": extras}), encoding="utf-8")
    say(f"The environment is ready after {time.monotonic() - begun:.0f} s.")
    return 0


def installed_extras() -> Sequence[str]:
    """The extras an earlier start installed, so that an update keeps them."""
    return [str(extra) for extra in read_stamp().get("extras", ())]


def make_environment() -> str:
    """Make a virtual environment of this interpreter unless it is there; returns what stands in the way, or ""."""
    if is_same_interpreter():
        return ""
    problem = missing_venv_module()
    if problem:
        return problem
    say(f"Making the environment in {VENV} ...")
    empty_environment()
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
    return made.stdout + made.stderr if made.returncode else ""


def is_same_interpreter() -> bool:
    """Whether a working environment made of the interpreter that runs now is there, with pip in it."""
    if not PYTHON.exists():
        return False
    question = "import sys, pip; print(sys.version)"
    answer = subprocess.run([str(PYTHON), "-c", question], capture_output=True, text=True)
    return answer.returncode == 0 and answer.stdout.strip() == sys.version


def missing_venv_module() -> str:
    """What to do when Python came without its venv module, as Debian ships it; "" when it is there."""
    if importlib.util.find_spec("ensurepip") is not None:
        return ""
    package = "python3-venv"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installing the Debian package {package} ...")
        for command in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", package]):
            subprocess.run(["apt-get", *command], capture_output=True, env=debian_environment())
        importlib.invalidate_caches()
        if importlib.util.find_spec("ensurepip") is not None:
            return ""
    return f"Python's venv module is missing. On Debian and Ubuntu: apt-get install {package}"


def debian_environment() -> dict[str, str]:
    """The environment in which Debian's package tool asks no questions."""
    return {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}


def empty_environment() -> None:
    """Remove a half-made or outdated environment, but not the lock that is held in it."""
    for entry in VENV.iterdir():
        if entry == LOCK:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def pip_install(extras: Sequence[str]) -> str:
    """Install the project and its dependencies; returns pip's last lines when it failed, else ""."""
    constraints = str(ROOT / "constraints.txt")
    project = f".[{','.join(extras)}]" if extras else "."
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run(
        [*pip, "--quiet", "--constraint", constraints, "--editable", project],
        cwd=ROOT,
        # the same versions for what builds the project: older and newer pip read different names
        env={**os.environ, "PIP_CONSTRAINT": constraints, "PIP_BUILD_CONSTRAINT": constraints},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return "\n".join(done.stdout.strip().splitlines()[-15:] or ["pip failed"]) if done.returncode else ""


def say(line: str) -> None:
    """Tell the person who waits."""
    print(line, flush=True)


def fail(line: str, *, code: int = 1) -> int:
    """Tell what went wrong on standard error and return the exit code."""
    print(line, file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
