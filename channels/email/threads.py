"""What a mail says of the conversation it belongs to; nothing of it is trusted here."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import replace

from channels.contract import ThreadHints
from channels.email import limits
from channels.email.addresses import normal_address
from channels.email.charsets import clean_line
from channels.email.headers import Headers
from channels.email.settings import ParseSettings

_MESSAGE_ID = re.compile(r"<\s*([^<>\s]{1,998}?)\s*>")
_OUR_LOCAL_PART = re.compile(r"[0-9a-f]{24}")
_BARE_ID = re.compile(r"\s*([^<>\s@]{1,500}@[^<>\s@]{1,400})\s*\Z")
_LINK_OR_ADDRESS = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,20}://|\bwww\.)[^\s<>\"]++|(?<![\w.+=-])[\w.+=-]{1,200}@[\w.-]++", re.IGNORECASE
)
_GAP = "[ \u00a0\u202f]"
_REFERENCE = re.compile(
    rf"""(?<![\w/.,#=&?%+-])(?:
        (?<!\d{_GAP})(?:\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{2}}|\d{{4}}-\d{{4}}-\d{{2}})(?!{_GAP}\d)
        |\d{{10}})
        (?![\w/=&%+-])(?![.,]\d)""",
    re.VERBOSE,
)


def new_message_id(domain: str) -> str:
    """A Message-ID of our own, without angle brackets."""
    return f"{secrets.token_hex(12)}@{domain}"


def is_made_here(message_id: str, domain: str) -> bool:
    """Whether `new_message_id` made it: other programs of the authority write mail under the same domain."""
    local, _, at = message_id.rpartition("@")
    return bool(domain) and at.lower() == domain and bool(_OUR_LOCAL_PART.fullmatch(local))


def message_ids(value: str) -> tuple[str, ...]:
    """The Message-IDs of a field in their order, without angle brackets; text around them is ignored."""
    found = _MESSAGE_ID.findall(value)
    if not found and (bare := _BARE_ID.match(value)):
        found = [bare[1]]
    return tuple(dict.fromkeys(_kept(one) for one in found))


def own_message_id(headers: Headers) -> str:
    """The mail's own Message-ID without angle brackets, "" when it has none."""
    value = headers.first("message-id")
    found = message_ids(value)
    return found[0] if found else _kept(value.strip("<> "))


def _kept(message_id: str) -> str:
    """A Message-ID as it is kept and compared: one word of at most 998 octets (RFC 5322 section 2.1.1)."""
    return clean_line(message_id).replace(" ", "").encode()[:998].decode(errors="ignore")


def references_in(text: str) -> tuple[str, ...]:
    """Ten-digit references, spaces and hyphens removed; never from a longer run of digits, a link or an address."""
    without_links = _LINK_OR_ADDRESS.sub(" . ", text)
    found = (re.sub(r"\D", "", match[0]) for match in _REFERENCE.finditer(without_links))
    return tuple(dict.fromkeys(found))[: limits.MAX_IDS]


def read_hints(
    headers: Headers,
    *,
    addressed: Iterable[str],
    subject: str,
    text: str,
    settings: ParseSettings,
) -> ThreadHints:
    """All hints of a mail itself; `addressed` are the recipients' addresses as they were written."""
    replied = [found for value in headers.all("in-reply-to") for found in message_ids(value)]
    referred = [found for value in headers.all("references") for found in message_ids(value)]
    answered = tuple(dict.fromkeys([*replied, *reversed(referred)]))[: limits.MAX_IDS]
    from_addresses = [token for address in addressed if (token := _plus_part(address, settings))]
    from_ids = [token for one in answered if (token := _own_token(one, settings))]
    return ThreadHints(
        message_id=own_message_id(headers),
        answered_ids=answered,
        tokens=tuple(dict.fromkeys([*from_addresses, *from_ids])),
        references_in_text=references_in(f"{subject}\n{text}"),
    )


def with_failed(hints: ThreadHints, failed: tuple[str, ...], settings: ParseSettings) -> ThreadHints:
    """The hints of a bounce: the messages it reports about and the tokens in their Message-IDs as well."""
    tokens = [token for one in failed if (token := _own_token(one, settings))]
    return replace(hints, failed_message_ids=failed, tokens=tuple(dict.fromkeys([*hints.tokens, *tokens])))


def _plus_part(address: str, settings: ParseSettings) -> str:
    local, _, domain = address.rpartition("@")
    base, plus, token = local.partition("+")
    is_ours = not settings.our_addresses or normal_address(f"{base}@{domain}") in settings.our_addresses
    return token if plus and is_ours else ""


def _own_token(message_id: str, settings: ParseSettings) -> str:
    local, _, domain = message_id.rpartition("@")
    if not settings.our_domain or domain.lower() != settings.our_domain:
        return ""
    return local.partition("+")[2] or local
