"""Raw items become messages, outside any transaction, with what each channel must know of us."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Authority, Unit
from app.core.log import get_logger
from app.core.system import System
from app.routing.models import Rule, RuleKind
from channels.contract import RawItem
from channels.email.addresses import without_tag
from channels.reading import Reading

log = get_logger(__name__)


def read_all(system: System, items: Sequence[RawItem]) -> list[Reading]:
    """Each item read; never raises for what is in an item. Mails get the mailbox of ours that they came to."""
    settings = _about_us(system)
    ours = frozenset(settings["our_addresses"].split(","))
    return [_with_mailbox(_read(system, item, settings), ours) for item in items]


def _with_mailbox(reading: Reading, ours: Collection[str]) -> Reading:
    """The same, the item knowing which of our mailboxes it came to, as far as the source or the message says."""
    if reading.item.recipient or reading.message is None:
        return reading
    named = (without_tag(party.address) for party in reading.message.recipients)
    mailbox = next((address for address in named if address in ours), "")
    return replace(reading, item=replace(reading.item, recipient=mailbox))


def _read(system: System, item: RawItem, settings: Mapping[str, str]) -> Reading:
    reading = system.read(item, settings)
    if reading.fault:
        log.warning("unreadable", channel=item.channel, reason=reading.fault, size=len(item.raw))
    return reading


def _about_us(system: System) -> dict[str, str]:
    with system.db.read() as session:
        mailboxes = {*session.scalars(select(Unit.mailbox)), *_routed_mailboxes(session)}
        domain = session.scalar(select(Authority.domain)) or ""
    return {
        "our_addresses": ",".join(sorted(mailboxes)),
        "our_domain": domain,
        "authserv_id": system.settings.authserv_id,
    }


def _routed_mailboxes(session: Session) -> set[str]:
    """Mailboxes that belong to no unit but are sorted by rules, such as a central one."""
    return set(session.scalars(select(Rule.value).where(Rule.kind == RuleKind.MAILBOX)))
