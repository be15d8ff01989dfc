"""An inquiry comes in: the whole way of one item, from raw bytes to a ticket with a running clock.

    read       bytes become a message, outside any transaction; what cannot be read is quarantined
    ledger     the item is entered once, its raw bytes kept; a second delivery is noted and left
    sort out   machines, bounces and our own mail open nothing
    match      our token, a known message, a reference: it joins a ticket, or is linked, or is new
    start      person, language, topic, unit and the reason, the clocks it is promised
    record     events, clocks, due instant and search words, in the same commit
    receipt    the citizen hears the reference and when to expect an answer

The source is told "taken" only after the commit (`flows/poll.py`), so a crash anywhere repeats harmlessly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from app.core import changes, clock
from app.core.changes import ChangeKind
from app.core.db import will_pass
from app.core.log import get_logger
from app.core.nudge import Queue
from app.core.system import System
from app.flows import acknowledge, bounce, join, start
from app.flows.reading import read_all
from app.intake import ledger
from app.intake.match import Verdict
from app.intake.models import Fate, Inbound
from app.outbox import suppression
from app.sources.service import TurnLostError
from channels.contract import Authentication, Automatic, ChannelName, InboundMessage, RawItem
from channels.reading import Reading

log = get_logger(__name__)
Claim = Callable[[Session], None]
RIVALS = 3
"""workers that may file one item at the same instant, each but one of them in vain"""


@dataclass(frozen=True)
class Filed:
    """What became of one item. `inbound_id` is None for one that was on the ledger before."""

    item_id: str
    fate: str
    inbound_id: int | None = None
    ticket_id: int | None = None


def receive(system: System, items: Sequence[RawItem], *, claim: Claim | None = None) -> list[Filed]:
    """File a batch in one commit and say what became of each item; `claim` begins the commit (a source's cursor).

    An item that cannot be filed with the others is filed alone, and if even that fails it is quarantined alone. Raises
    DBAPIError while the database is away, and TurnLostError when the claim fails: then nothing is taken, and the source
    keeps what it has.
    """
    readings = read_all(system, items)
    try:
        filed = _file_patiently(system, readings, claim or _nothing)
    except TurnLostError:
        raise
    except Exception as error:  # whatever it is, the other items must not suffer for it
        if _is_away(error):
            raise
        log.warning("filing_apart", items=len(items), error=type(error).__name__)
        filed = [_file_alone(system, reading) for reading in readings]
        with system.db.begin() as session:
            (claim or _nothing)(session)
    system.nudge(Queue.OUTBOX)
    system.nudge(Queue.SUGGEST)
    return filed


def file_item(session: Session, system: System, reading: Reading) -> Filed:
    """Put one item that the ledger does not know on it, and make of it what it is."""
    item, message = reading.item, reading.message
    with session.no_autoflush:  # each step writes when the next one needs it: that halves the statements of a mail
        twin = ledger.twin_of(session, message.fingerprint) if message else None
        entry = ledger.enter(
            session,
            system.settings.data_dir,
            item,
            at=clock.now(),
            fingerprint=(message.fingerprint or None) if message and twin is None else None,
            mail_id=message.hints.message_id if message else "",
        )
        if message is None:
            ledger.settle(entry, Fate.QUARANTINED, reason=reading.fault)
            changes.announce(session, ChangeKind.MENU)
        elif twin is not None:
            ledger.repeat(entry, twin)
        else:
            sort_out(session, system, entry, message)
    session.flush()
    log.info("filed", inbound_id=entry.id, channel=entry.channel, fate=entry.fate, ticket_id=entry.ticket_id)
    return Filed(item.item_id, entry.fate, entry.id, entry.ticket_id)


def sort_out(session: Session, system: System, entry: Inbound, message: InboundMessage) -> None:
    """People reach a ticket; machines at most add to one."""
    match message.automatic:
        case Automatic.OWN:
            ledger.settle(entry, Fate.IGNORED, reason="our_own_message")
        case Automatic.BOUNCE:
            bounce.take(session, system, entry, message)
        case Automatic.AUTO_REPLY:
            join.take_auto_reply(session, system, entry, message)
        case Automatic.BULK | Automatic.NO:
            _take_inquiry(session, system, entry, message)


def _take_inquiry(session: Session, system: System, entry: Inbound, message: InboundMessage) -> None:
    match = join.find(session, system, message)
    if message.sender and (message.authentication is Authentication.PASS or match.is_by_our_token):
        suppression.lift(session, message.sender.address)  # whoever writes from an address can be written to there
    if match.verdict in {Verdict.JOIN, Verdict.JOIN_UNCONFIRMED} and match.ticket_id is not None:
        join.take(session, system, entry, message, match)
        return
    ticket = start.take(session, system, entry, message, match)
    if message.channel is ChannelName.EMAIL:
        acknowledge.queue(session, system, ticket, message)


def _file_together(system: System, readings: Sequence[Reading], claim: Claim) -> list[Filed]:
    with system.db.begin() as session:
        claim(session)
        known = ledger.known(session, [reading.item for reading in readings])
        return [
            Filed(reading.item.item_id, "seen")
            if reading.item.identity in known
            else file_item(session, system, reading)
            for reading in readings
        ]


def _file_patiently(system: System, readings: Sequence[Reading], claim: Claim) -> list[Filed]:
    """Together, and once more after what passes by itself: a deadlock, a lock, a connection lost with its server."""
    try:
        return _file_together(system, readings, claim)
    except Exception as error:  # to be judged
        if not _is_away(error):
            raise
        return _file_together(system, readings, claim)


def _is_away(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and will_pass(error)


def _file_alone(system: System, reading: Reading) -> Filed:
    for _ in range(RIVALS):  # another worker may be filing the same item: then the next try finds it on the ledger
        try:
            return _file_patiently(system, [reading], _nothing)[0]
        except IntegrityError:
            continue
        except Exception as error:
            if _is_away(error):
                raise
            log.exception("filing_failed", channel=reading.item.channel)
            break
    return _file_together(system, [Reading(reading.item, None, "filing_failed")], _nothing)[0]


def _nothing(_session: Session) -> None:
    """Claim nothing."""
