"""The phone channel: an exchange pushes its call events to us (`channels.phone.events`); nothing is fetched."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from channels.contract import Channel, ChannelError, ChannelName, InboundMessage, Party, RawItem, Source
from channels.phone.events import parse_event


class PhoneChannel:
    """Calls; there is no source to open."""

    name = ChannelName.PHONE

    def open_source(self, kind: str, name: str, settings: Mapping[str, str], secret: str) -> Source:
        """Always raises ChannelError: events come to the HTTP door."""
        del kind, name, settings, secret
        raise ChannelError("Calls are pushed by the telephone exchange; there is no source to open.", permanent=True)

    def parse(self, item: RawItem, *, settings: Mapping[str, str]) -> InboundMessage:
        """A call event as a message without text; the setting "region" says whose numbers lack a country code."""
        event = parse_event(item.raw, region=settings.get("region") or "SE")
        return InboundMessage(
            channel=ChannelName.PHONE,
            sender=event.caller if event.caller.address else None,
            text="",
            arrived_at=event.at,
            recipients=(Party(event.dialled),) if event.dialled else (),
            fingerprint=hashlib.sha256(f"{event.call_id}\n{event.kind}".encode()).hexdigest(),
        )


def create() -> Channel:
    """The channel, for the registry."""
    return PhoneChannel()
