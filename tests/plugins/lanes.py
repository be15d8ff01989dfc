"""Two lanes: what can share the machine with other tests, and what runs alone."""

from __future__ import annotations

import pytest

ALONE_MARKS = frozenset({"browser", "broker", "demo"})
ALONE_FIXTURES = frozenset({"browser", "redis_server", "rabbitmq_server"})
ALONE_FOLDERS = frozenset({"e2e", "bench"})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--lane",
        choices=["all", "parallel", "serial"],
        default="all",
        help="run only the tests that can share the machine (parallel), or only those that cannot (serial)",
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    lane = config.getoption("--lane")
    if lane == "all":
        return
    chosen = [item for item in items if runs_alone(item) == (lane == "serial")]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    items[:] = chosen


def runs_alone(item: pytest.Item) -> bool:
    """Whether the test starts a browser, a broker or the whole system, or measures time."""
    marks = {mark.name for mark in item.iter_markers()}
    fixtures = set(getattr(item, "fixturenames", ()))
    folders = set(item.path.relative_to(item.config.rootpath).parts)
    return bool(marks & ALONE_MARKS or fixtures & ALONE_FIXTURES or folders & ALONE_FOLDERS)
