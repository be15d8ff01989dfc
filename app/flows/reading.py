"""Raw items become messages, outside any transaction, with what each channel must know of us."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Authority, Unit
from app.core.log import get_logger
from app.core.system import System
from app.routing.models import Rule, RuleKind
from channels.contract import InboundMessage, RawItem, UnreadableError
from channels.email.addresses import without_tag
from channels.registry import channel

log = get_logger(__name__)


@dataclass(frozen=True)
class Reading:
    """An item and its message, or None with the reason why it cannot be read."""

    item: RawItem
    message: InboundMessage | None
    fault: str = ""


def read_all(system: System, items: Sequence[RawItem]) -> list[Reading]:
    """Each item read; never raises for what is in an item. Mails get the mailbox of ours that they came to."""
    settings = _about_us(system)
    ours = frozenset(settings["our_addresses"].split(","))
    return [_with_mailbox(_read(item, settings), ours) for item in items]


def _with_mailbox(reading: Reading, ours: Collection[str]) -> Reading:
    """The same, the item knowing which of our mailboxes it came to, as far as the source or the message says."""
    if reading.item.recipient or reading.message is None:
        return reading
    named = (without_tag(party.address) for party in reading.message.recipients)
    mailbox = next((address for address in named if address in ours), "")
    return replace(reading, item=replace(reading.item, recipient=mailbox))


def _read(item: RawItem, settings: Mapping[str, str]) -> Reading:
    try:
        return Reading(item, channel(item.channel).parse(item, settings=settings))
    except UnreadableError as error:
        log.warning("unreadable", channel=item.channel, reason=error.reason, size=len(item.raw))
        return Reading(item, None, error.reason)
    except Exception as error:  # noqa: BLE001 - a reader's own fault must not hold up the items behind this one
        log.warning("reader_broke", channel=item.channel, error=type(error).__name__, size=len(item.raw))
        return Reading(item, None, "unreadable")


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
