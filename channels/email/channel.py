"""The e-mail channel as the registry hands it out."""

from __future__ import annotations

from collections.abc import Mapping

from channels.contract import Channel, ChannelError, ChannelName, InboundMessage, RawItem, Source
from channels.email.imap import ImapSource
from channels.email.maildir import MaildirSource
from channels.email.parse import parse


class EmailChannel:
    """Implements `channels.contract.Channel` for sources of kind "imap" and "maildir"."""

    name = ChannelName.EMAIL

    def open_source(self, kind: str, name: str, settings: Mapping[str, str], secret: str) -> Source:
        if kind == "imap":
            return ImapSource(name, settings, secret)
        if kind == "maildir":
            return MaildirSource(name, settings)
        raise ChannelError(f"E-mail knows no source of kind {kind!r}.", permanent=True)

    def parse(self, item: RawItem, *, settings: Mapping[str, str]) -> InboundMessage:
        return parse(item, settings=settings)


def create() -> Channel:
    """A new channel object; it holds no connection."""
    return EmailChannel()
