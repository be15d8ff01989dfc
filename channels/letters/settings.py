"""The settings of a letter folder, read from the texts in which a source keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from channels.contract import ChannelError
from channels.known_settings import refuse_unknown

MAX_BYTES = 50 * 1024**2
QUIET_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """Where letters are dropped, how many seconds a file must rest, and the size in bytes up to which one is read."""

    path: Path
    quiet_seconds: float
    max_bytes: int


def folder_settings(settings: Mapping[str, str]) -> FolderSettings:
    """The settings "path" (needed), "quiet_seconds" (2), "max_bytes" (50 MB). Raises ChannelError naming a bad one."""
    if not settings.get("path"):
        raise ChannelError("The folder source needs the setting path.", permanent=True)
    refuse_unknown(settings, ("path", "quiet_seconds", "max_bytes"))
    try:
        quiet = float(settings.get("quiet_seconds") or QUIET_SECONDS)
    except ValueError as error:
        raise ChannelError("The setting quiet_seconds is not a number.", permanent=True) from error
    if not 0 <= quiet <= 3600:
        raise ChannelError("The setting quiet_seconds must lie between 0 and 3600.", permanent=True)
    return FolderSettings(Path(settings["path"]), quiet, max_bytes(settings))


def max_bytes(settings: Mapping[str, str]) -> int:
    """The size in bytes up to which a letter is read; anything but a whole number above 0 counts as 50 MB.

    Who sets it for a folder gives `parse` the same, or a file above it counts as broken instead of too large.
    """
    text = str(settings.get("max_bytes", ""))
    is_usable = text.isascii() and text.isdigit() and int(text) > 0
    return int(text) if is_usable else MAX_BYTES
