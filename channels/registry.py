"""Channels by name; an adapter and the libraries behind it are loaded when first asked for."""

from __future__ import annotations

import importlib
from typing import cast

from channels.contract import Channel, ChannelError, ChannelName

_MODULES = {
    ChannelName.EMAIL: "channels.email.channel",
    ChannelName.LETTER: "channels.letters.channel",
    ChannelName.PHONE: "channels.phone.channel",
}


def channel(name: ChannelName | str) -> Channel:
    """The channel of that name. Raises ChannelError (permanent) for a name that is none."""
    try:
        module = importlib.import_module(_MODULES[ChannelName(name)])
    except ValueError as error:
        raise ChannelError(f"There is no channel {name!r}.", permanent=True) from error
    return cast("Channel", module.create())
