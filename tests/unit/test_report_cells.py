"""The address of a number."""

from __future__ import annotations

from itertools import product

import pytest

from app.core.errors import InvalidInputError
from app.reports.cells import Cell
from app.reports.measures import Measure
from app.reports.period import Week
from channels.contract import ChannelName


def test_each_cell_is_read_back_from_its_text() -> None:
    for measure, channel in product(Measure, ChannelName):
        cell = Cell(measure, 3, channel, Week(2026, 46))
        assert Cell.parse(str(cell)) == cell
    assert str(Cell(Measure.RECEIVED, 3, ChannelName.EMAIL, Week(2026, 46))) == "received.3.email.2026-W46"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "received",
        "received.3.email",
        "received.3.email.2026-W46.1",
        "sent.3.email.2026-W46",
        "received.x.email.2026-W46",
        "received.-3.email.2026-W46",
        "received.².email.2026-W46",
        "received.99999999999999999999.email.2026-W46",
        "received.4294967296.email.2026-W46",
        "received.3.fax.2026-W46",
        "received.3.email.2026-W60",
        "received.3.email.2026-W46' OR 1=1",
        "RECEIVED.3.email.2026-W46",
        "received.3.email.\x00",
    ],
)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        Cell.parse(text)
