"""What every test has at hand. The fixtures live in the plugins named here."""

from __future__ import annotations

pytest_plugins = [
    "tests.plugins.lanes",
    "tests.plugins.tally",
    "tests.plugins.guards",
    "tests.plugins.servers",
    "tests.plugins.databases",
    "tests.plugins.frozen_time",
    "tests.app_fixtures",
    "tests.web.browsing",
]
