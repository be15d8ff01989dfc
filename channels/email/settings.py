"""The settings of a mail source that reading depends on, taken from its text settings once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from channels.email.addresses import normal_address, without_tag


@dataclass(frozen=True, slots=True)
class ParseSettings:
    """`our_addresses` are normalised and without plus-part; `authserv_id` is the name our own mail server signs by."""

    our_addresses: frozenset[str] = frozenset()
    our_domain: str = ""
    authserv_id: str = ""

    def is_ours(self, address: str) -> bool:
        """Whether the address is one of ours, with or without a plus-part."""
        return without_tag(normal_address(address)) in self.our_addresses


def parse_settings(settings: Mapping[str, str]) -> ParseSettings:
    """Read from `our_addresses` (comma separated), `our_domain` and `authserv_id`; what is missing is empty."""
    addresses = (normal_address(one) for one in settings.get("our_addresses", "").split(","))
    return ParseSettings(
        our_addresses=frozenset(one for one in addresses if one),
        our_domain=settings.get("our_domain", "").strip().lower(),
        authserv_id=settings.get("authserv_id", "").strip().lower(),
    )
