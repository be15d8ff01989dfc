"""Queued mails leave: claim, commit, send with no transaction open, record.

Killed between the server's yes and our commit, the outcome is unknown: the mail then shows as perhaps sent and is never
sent again by itself. While the mail server is away one mail a sweep tries it, and none loses a try by that.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from app.accounts.tuning import tuned
from app.core import clock
from app.core.config import Settings
from app.core.db import will_pass
from app.core.log import get_logger
from app.core.system import System
from app.core.workers import is_gone, own_name
from app.flows.record import record
from app.outbox import bounce_token, suppression
from app.outbox import service as outbox
from app.outbox.models import Delivery, OutboxRow
from app.tickets import queries, service
from app.tickets.models import Message, Ticket
from app.tickets.service import Doer
from channels.contract import ChannelError, ChannelName, OutboundMessage, Party, Sender, UnreachableError
from channels.email.smtp import SmtpSender

log = get_logger(__name__)
BATCH = 1
"""claimed at a time, so that a killed worker leaves at most one mail in doubt"""
PATIENCE = (0.5, 2.0, 5.0)
"""seconds between tries to write down what came of a mail: a database that restarts need not leave it in doubt"""


def deliver(system: System, sender: Sender | None = None, *, is_over: Callable[[], bool] = lambda: False) -> int:
    """Send everything that is due, until `is_over`; how many were tried."""
    sender = sender or smtp_sender(system.settings)
    tried = 0
    while not is_over() and (claimed := _claim(system)):
        tried += len(claimed)
        is_there = [_deliver_one(system, sender, row_id) for row_id in claimed]
        if not all(is_there):
            break
    return tried


def release_abandoned(system: System) -> int:
    """What a killed worker held becomes perhaps sent; how many. One of this machine is missed at once."""
    after = timedelta(seconds=4 * system.settings.smtp_timeout * BATCH)
    with system.db.read() as session:
        dead = [name for name in outbox.claimers(session) if is_gone(name)]
        found = outbox.abandoned(session, at=clock.now(), after=after, dead=dead)
    for row_id in found:
        _record_unknown(system, row_id, reason="The worker stopped while sending.")
    return len(found)


def smtp_sender(settings: Settings) -> Sender:
    """The mail server of the settings."""
    return SmtpSender(
        settings.smtp_host,
        settings.smtp_port,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=settings.smtp_password,
        timeout=settings.smtp_timeout,
    )


def _claim(system: System) -> list[int]:
    with system.db.begin() as session:
        pace = tuned(session, system.settings).mails_per_domain_minute
        return outbox.claim(session, own_name(), at=clock.now(), limit=BATCH, per_domain=pace)


def _deliver_one(system: System, sender: Sender, row_id: int) -> bool:
    """Send one; False when the mail server is away, so that the others need not try it now."""
    with system.db.read() as session:
        row = session.get_one(OutboxRow, row_id)
        message = _outbound(system, row)
        is_suppressed = suppression.is_suppressed(session, row.to_address)
    try:
        if is_suppressed:
            raise ChannelError(outbox.SUPPRESSED, permanent=True)
        sender.send(message)
    except ChannelError as error:
        failure = error
        _surely(lambda: _record_failure(system, row_id, failure))
        return not isinstance(error, UnreachableError)
    except Exception as error:  # noqa: BLE001 - OutcomeUnknown or a fault of ours: nobody can say whether it left
        reason = str(error)
        _surely(lambda: _record_unknown(system, row_id, reason=reason))
    else:
        _surely(lambda: _record_sent(system, row_id))
    return True


def _surely(write: Callable[[], None]) -> None:
    """Write down what is known, patiently. Raises DBAPIError in the end: then it is released as perhaps sent."""
    for pause in PATIENCE:
        try:
            return write()
        except DBAPIError as error:
            if not (will_pass(error) or isinstance(error, IntegrityError)):
                raise
            time.sleep(pause)
    return write()


def _record_sent(system: System, row_id: int) -> None:
    with system.db.begin() as session:
        ticket, row = _held(session, row_id)
        outbox.sent(row, at=clock.now())
        record(session, ticket, service.delivered(ticket, row.message_id, Doer(None, clock.now())))
    log.info("sent", outbox_id=row_id)


def _record_failure(system: System, row_id: int, error: ChannelError) -> None:
    with system.db.begin() as session:
        ticket, row = _held(session, row_id)
        if not outbox.is_with(row, own_name()):  # it took so long that a person has decided meanwhile
            return
        outbox.failed(row, error, at=clock.now())
        if row.state == Delivery.FAILED:
            message = session.get_one(Message, row.message_id)
            events = service.delivery_failed(ticket, message, Doer(None, clock.now()), reason=row.failure)
            record(session, ticket, events)
            suppression.note_failure(session, row.to_address, status=error.status, at=clock.now())
    log.warning("not_sent", outbox_id=row_id, permanent=error.permanent, status=error.status)


def _held(session: Session, row_id: int) -> tuple[Ticket, OutboxRow]:
    """The ticket first, as everybody else does: who holds the row and waits for the ticket would lock an undo out."""
    ticket = queries.surviving(session, session.get_one(OutboxRow, row_id).ticket_id)
    return ticket, session.get_one(OutboxRow, row_id, populate_existing=True)


def _record_unknown(system: System, row_id: int, *, reason: str) -> None:
    with system.db.begin() as session:
        ticket, row = _held(session, row_id)
        if row.state != Delivery.CLAIMED:  # its worker was only slow
            return
        outbox.outcome_unknown(row, reason=reason)
        record(session, ticket, service.delivery_unknown(ticket, row.message_id, Doer(None, clock.now())))
    log.warning("outcome_unknown", outbox_id=row_id)


def _outbound(system: System, row: OutboxRow) -> OutboundMessage:
    """The mail; a machine's own goes by the null sender, so that nobody answers it with a report (RFC 3834)."""
    bounces_to = bounce_token.bounce_address(system.settings.secret_key, row.id, row.from_address)
    return OutboundMessage(
        channel=ChannelName(row.channel),
        sender=Party(row.from_address, row.from_name),
        to=Party(row.to_address, row.to_name),
        subject=row.subject,
        text=row.text,
        html=row.html,
        message_id=row.mail_id,
        language=row.language,
        reply_to=row.reply_to,
        envelope_from="" if row.is_automatic else bounces_to,
        answered_ids=tuple(str(mail_id) for mail_id in row.answered_ids),
        is_automatic=row.is_automatic,
    )
