"""Count tests by outcome and by the database they ran on, for the closing lines of `scripts/test`."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

OUTCOMES = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
DATABASE = "database"
"""the property by which a test says on which database it ran"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--tally", metavar="FILE", help="write the counts of this run to FILE as JSON")


def pytest_configure(config: pytest.Config) -> None:
    is_worker = hasattr(config, "workerinput")
    if not is_worker:
        config.pluginmanager.register(Tally(), "luukku-tally")


class Tally:
    """Lives where the reports of all workers come together."""

    def __init__(self) -> None:
        self.databases: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.outcome != "skipped":
            self.databases.update(str(value) for name, value in report.user_properties if name == DATABASE)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        stats = terminalreporter.stats
        counts = {outcome: len(stats.get(outcome, ())) for outcome in OUTCOMES}
        for name, count in sorted(self.databases.items()):
            terminalreporter.write_line(f"on {name}: {count} tests")
        if file := config.getoption("--tally"):
            figures = {"counts": counts, "databases": self.databases, "reasons": reasons(stats.get("skipped", []))}
            Path(file).write_text(json.dumps(figures), encoding="utf-8")


def reasons(skipped: list[pytest.TestReport]) -> list[str]:
    """Why tests were left out, each reason once, with its number of tests."""
    why = Counter(str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report) for report in skipped)
    return [f"{reason.removeprefix('Skipped: ')} ({count})" for reason, count in why.most_common()]
