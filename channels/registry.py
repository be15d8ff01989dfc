"""Hands out channels by name; an adapter and what it needs are loaded when first asked for."""

from __future__ import annotations

import importlib
from functools import cache

from channels.contract import Channel, ChannelError, ChannelName

MODULES = {
    ChannelName.EMAIL: "channels.email.channel",
    ChannelName.LETTER: "channels.letters.channel",
    ChannelName.PHONE: "channels.phone.channel",
}


@cache
def channel(name: str) -> Channel:
    """The channel of this name; one object a process. Raises ChannelError for an unknown name."""
    if name not in MODULES:
        raise ChannelError(f"There is no channel {name!r}.", permanent=True)
    made: Channel = importlib.import_module(MODULES[ChannelName(name)]).create()
    return made
