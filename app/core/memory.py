"""How a process that lives long looks after its memory."""

from __future__ import annotations

import gc

BETWEEN = (20_000, 20, 20)
"""objects made between two looks at the young ones, and how many of those looks lie between two at older ones"""


def settle() -> None:
    """What a process has loaded by now stays: the collector leaves it alone, and looks less often at the rest.

    A page makes some ten thousand objects; with Python's own 700 it looked at them a dozen times before it was done.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*BETWEEN)
