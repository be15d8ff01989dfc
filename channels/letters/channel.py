"""The letter channel: folders of scanned letters in, PDF letters out (`channels.letters.printing`)."""

from __future__ import annotations

from collections.abc import Mapping

from channels.contract import Channel, ChannelError, ChannelName, InboundMessage, RawItem, Source
from channels.letters.folder import FolderSource
from channels.letters.parse import parse_letter
from channels.letters.settings import folder_settings


class LetterChannel:
    """Letters; the only kind of source is "folder"."""

    name = ChannelName.LETTER

    def open_source(self, kind: str, name: str, settings: Mapping[str, str], secret: str) -> Source:
        """The folder named by the setting "path". Raises ChannelError for another kind or a bad setting."""
        del secret
        if kind != "folder":
            raise ChannelError(f"Letters come from a folder, not from {kind!r}.", permanent=True)
        return FolderSource(name, folder_settings(settings))

    def parse(self, item: RawItem, *, settings: Mapping[str, str]) -> InboundMessage:
        return parse_letter(item, settings=settings)


def create() -> Channel:
    """The channel, for the registry."""
    return LetterChannel()
