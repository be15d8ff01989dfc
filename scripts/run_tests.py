"""Run the tests in two lanes and add up what they tell.

First what can share the machine, on two processes; then what starts servers, browsers or the whole system, one by one.
Arguments go on to pytest in both lanes. With CI=true a test that was left out fails the run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROCESSES = {"parallel": 2, "serial": 0}
GOOD_EXITS = {0, 1, 5}
"""pytest's own: all passed, some failed, nothing to run in this lane"""


@dataclass
class Total:
    """What all lanes together did: counts by outcome, tests by database, and why tests were left out."""

    counts: Counter[str] = field(default_factory=Counter)
    databases: Counter[str] = field(default_factory=Counter)
    reasons: list[str] = field(default_factory=list)
    exits: list[int] = field(default_factory=list)


def main(arguments: Sequence[str]) -> int:
    """Run all lanes, print the sums, and return the exit code of the whole."""
    total = Total()
    for lane, processes in PROCESSES.items():
        run_lane(lane, processes, arguments, total)
        if total.exits[-1] not in GOOD_EXITS:
            break
    complaints = what_is_wrong(total, in_ci=os.environ.get("CI") == "true")
    print_closing(total, complaints)
    return 1 if complaints else 0


def run_lane(lane: str, processes: int, arguments: Sequence[str], total: Total) -> None:
    """Run one lane's tests and add its figures to the total."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        tally = Path(folder) / "tally.json"
        names_files = any(argument.partition("::")[0].endswith(".py") for argument in arguments)
        sharing = [f"--numprocesses={0 if names_files else processes}", "--dist=worksteal"]
        options = [f"--lane={lane}", f"--tally={tally}", "-q", *sharing]
        done = subprocess.run([sys.executable, "-m", "pytest", *options, *arguments], cwd=ROOT)
        figures = json.loads(tally.read_text(encoding="utf-8")) if tally.exists() else {}
    total.exits.append(done.returncode)
    total.counts.update(figures.get("counts", {}))
    total.databases.update(figures.get("databases", {}))
    total.reasons.extend(figures.get("reasons", ()))
    print(f"{lane} lane: {time.monotonic() - begun:.0f} s\n", flush=True)


def what_is_wrong(total: Total, *, in_ci: bool) -> list[str]:
    """Why the run as a whole fails, in plain words; empty when it passes."""
    complaints = []
    if any(code not in GOOD_EXITS for code in total.exits):
        complaints.append(f"pytest could not finish (exit codes {total.exits}).")
    if failed(total) or 1 in total.exits:
        complaints.append(f"{failed(total)} tests failed.")
    if not total.counts["passed"] and not complaints:
        complaints.append("No test ran.")
    if in_ci and left_out(total):
        complaints.append(f"In CI nothing is left out, but {left_out(total)} tests were: {'; '.join(total.reasons)}")
    return complaints


def failed(total: Total) -> int:
    """Tests that failed, and those that could not be set up or cleaned up."""
    return total.counts["failed"] + total.counts["error"] + total.counts["xpassed"]


def left_out(total: Total) -> int:
    """Tests that were skipped, or run without their outcome being asked for."""
    return total.counts["skipped"] + total.counts["xfailed"]


def print_closing(total: Total, complaints: Sequence[str]) -> None:
    """Print the sums; the last line is the count in its plainest form."""
    for complaint in complaints:
        print(complaint)
    on_sqlite, on_postgresql = total.databases["sqlite"], total.databases["postgresql"]
    print(f"Tests on SQLite: {on_sqlite}. Tests on PostgreSQL: {on_postgresql}. Left out: {left_out(total)}.")
    print(f"{total.counts['passed']} passed, {failed(total)} failed, {left_out(total)} skipped", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
