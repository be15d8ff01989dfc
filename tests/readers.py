"""Readers that misbehave, for the process that reads mails."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

from channels import reading
from channels.contract import RawItem
from channels.reading import Reading


def moody(item: RawItem, settings: Mapping[str, str]) -> Reading:
    """Reads as always, but for mails whose subject says what becomes of the process."""
    if b"Subject: hang" in item.raw:
        time.sleep(600)
    if b"Subject: die" in item.raw:
        os.abort()
    if b"Subject: grow" in item.raw:
        bytearray(5 * 1024**3)
    return reading.read(item, settings)
