"""Reads one item by its channel, whatever is in it: the one place that runs on the bytes of strangers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from channels.contract import InboundMessage, RawItem, UnreadableError
from channels.registry import channel


@dataclass(frozen=True)
class Reading:
    """An item and its message, or None with the reason why it cannot be read: a short stable key."""

    item: RawItem
    message: InboundMessage | None
    fault: str = ""


class Reader(Protocol):
    """Reads an item. Never raises for what is in it."""

    def __call__(self, item: RawItem, settings: Mapping[str, str]) -> Reading: ...


def read(item: RawItem, settings: Mapping[str, str]) -> Reading:
    """The item read in this process."""
    try:
        return Reading(item, channel(item.channel).parse(item, settings=settings))
    except UnreadableError as error:
        return Reading(item, None, error.reason)
    except Exception:  # noqa: BLE001 - a reader's own fault must not hold up the items behind this one
        return Reading(item, None, "unreadable")
