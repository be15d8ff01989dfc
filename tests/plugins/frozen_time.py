"""Time that stands still until the test moves it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

MONDAY_MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""10.00 in Sweden and 11.00 in Finland, an ordinary working day in winter time"""


@pytest.fixture
def frozen_time() -> Iterator[time_machine.Traveller]:
    """It is Monday 2 March 2026, 9.00 UTC; `frozen_time.move_to(...)` and `.shift(seconds)` change that."""
    with time_machine.travel(MONDAY_MORNING, tick=False) as traveller:
        yield traveller
