"""What every test has at hand. The fixtures live in the plugins named here."""

from __future__ import annotations

import importlib.util

pytest_plugins = [
    "tests.plugins.lanes",
    "tests.plugins.tally",
    "tests.plugins.guards",
    "tests.plugins.servers",
    "tests.plugins.databases",
    "tests.plugins.frozen_time",
]
if importlib.util.find_spec("tests.app_fixtures"):  # the application's own: system, client, factories
    pytest_plugins.append("tests.app_fixtures")
