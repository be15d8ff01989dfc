"""The tree of our errors. Catch them at the edges only; a flow raises the narrowest that fits.

LuukkuError
├── SettingsError        the settings are faulty; names all faults
├── NotFoundError        nothing there, or nothing there for you (404)
├── ForbiddenError       there, but not yours to do (403)
├── InvalidInputError    what a person typed does not do; names each field (422)
├── TooManyError         tried too often; holds when to try again (429)
├── ConflictError        somebody was faster, or the state does not allow it (409)
├── TokenError           a signed text is forged or has expired
└── StorageError         a kept file is missing or damaged

Channels have a tree of their own: `channels.contract.ChannelError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime


class LuukkuError(Exception):
    """Anything that this system says went wrong. The text is for people: an English source string."""


class SettingsError(LuukkuError):
    """The settings cannot be used; `faults` holds one sentence each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("The settings cannot be used:\n" + "\n".join(f"  - {fault}" for fault in faults))
        self.faults = faults


class NotFoundError(LuukkuError):
    """There is no such thing, or none that this person may know of."""


class ForbiddenError(LuukkuError):
    """The person may see the thing but not do this to it."""


class InvalidInputError(LuukkuError):
    """What was typed cannot be used; `fields` maps each field to its message."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {message}" for name, message in fields.items()))
        self.fields = dict(fields)


class ConflictError(LuukkuError):
    """The thing has changed meanwhile, or its state does not allow this."""


class TooManyError(LuukkuError):
    """Somebody tried too often; `until` is when they may try again."""

    def __init__(self, message: str, *, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class TokenError(LuukkuError):
    """A signed text was not signed by us, or is too old."""


class StorageError(LuukkuError):
    """A file that the database speaks of is missing or is not what it was."""
