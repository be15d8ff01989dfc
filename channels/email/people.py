"""Who a mail is from, to whom it went, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from channels.contract import Party
from channels.email import limits
from channels.email.addresses import Mailbox, read_mailboxes
from channels.email.headers import Headers

_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


@dataclass(frozen=True, slots=True)
class People:
    """The parties of a mail; `addressed` are the recipients' addresses with their letters as written."""

    sender: Party | None
    is_certain: bool
    reply_to: Party | None
    recipients: tuple[Party, ...]
    copies: tuple[Party, ...]
    addressed: tuple[str, ...]
    is_cut: bool


def read_people(headers: Headers, *, delivered_to: str = "") -> People:
    """The parties as the header fields name them; `delivered_to` is the mailbox it came to, if the source knows."""
    authors = _mailboxes(headers, "from")
    sender = authors[0] if authors else None
    replies = _mailboxes(headers, "reply-to")
    to, copies = _mailboxes(headers, "to"), _mailboxes(headers, "cc")
    delivered = [box for name in _DELIVERED for box in _mailboxes(headers, name)] + read_mailboxes(delivered_to)
    return People(
        sender=sender.party() if sender else None,
        is_certain=_is_certain(headers, authors),
        reply_to=replies[0].party() if replies else None,
        recipients=_parties([*to, *delivered]),
        copies=_parties(copies),
        addressed=tuple(dict.fromkeys(box.address for box in [*delivered, *to, *copies][: 2 * limits.MAX_PARTIES])),
        is_cut=max(len(to) + len(delivered), len(copies)) > limits.MAX_PARTIES,
    )


def _mailboxes(headers: Headers, name: str) -> list[Mailbox]:
    return [box for value in headers.all(name) for box in read_mailboxes(value)]


def _is_certain(headers: Headers, authors: list[Mailbox]) -> bool:
    """One From field with one unambiguous mailbox; no From at all leaves nothing to be unsure of."""
    fields = headers.all("from")
    if not fields:
        return True
    return len(fields) == 1 and len(authors) == 1 and authors[0].is_certain


def _parties(boxes: Iterable[Mailbox]) -> tuple[Party, ...]:
    unique: dict[str, Party] = {}
    for box in boxes:
        party = box.party()
        if party.address not in unique or (party.name and not unique[party.address].name):
            unique[party.address] = party
    return tuple(unique.values())[: limits.MAX_PARTIES]
