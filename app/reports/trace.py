"""What became of one item, step by step, as the rows tell it: the console and `luukku demo check` read nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Unit, User
from app.calls.models import Call
from app.intake.models import Fate, Inbound
from app.reports.trace_steps import Step, StepKind
from app.reports.trace_ticket import ticket_steps
from app.tickets.models import Message
from channels.contract import ChannelName

__all__ = ["Step", "StepKind", "trace"]


def trace(
    session: Session, *, channel: str = "", key: str = "", inbound_id: int | None = None, language: str = "en"
) -> tuple[Step, ...]:
    """The steps of an item in their order; none while nobody has seen it.

    `key` is a mail's Message-ID or its file name in the Maildir, a letter's file name, or a call's id; `inbound_id`
    names the row of the ledger instead. Names of units and topics come in `language`.
    """
    entries = _entries(session, channel, key) if inbound_id is None else _entry(session, inbound_id)
    if not entries:
        return ()
    steps = [step for entry in entries for step in _on_the_ledger(entry)]
    call = _call(session, entries[0])
    steps += _of_call(session, call, language) if call else []
    ticket_ids = [entry.ticket_id for entry in entries] + [call.ticket_id if call else None]
    for ticket_id in {ticket_id for ticket_id in ticket_ids if ticket_id is not None}:
        since = min(entry.seen_at for entry in entries)
        steps += ticket_steps(session, ticket_id, since=since, language=language)
    return tuple(sorted(steps, key=lambda step: (step.at, step.kind.place)))


def _entry(session: Session, inbound_id: int) -> Sequence[Inbound]:
    found = session.get(Inbound, inbound_id)
    return [found] if found else []


def _entries(session: Session, channel: str, key: str) -> Sequence[Inbound]:
    """The rows of one item: several for the steps of a call and for two deliveries of a mail."""
    query = select(Inbound).where(Inbound.channel == channel).order_by(Inbound.id)
    match channel:
        case ChannelName.PHONE:
            query = query.where(Inbound.item_id.startswith(f"{key}:", autoescape=True))
        case ChannelName.LETTER:
            query = query.where(Inbound.filename == key)
        case _:
            by_id = select(Message.inbound_id).where(Message.message_id == key)
            is_file = or_(Inbound.item_id == key, Inbound.item_id.startswith(f"{key}:", autoescape=True))
            query = query.where(or_(is_file, Inbound.id.in_(by_id)))
    return session.scalars(query.limit(20)).all()


def _on_the_ledger(entry: Inbound) -> list[Step]:
    facts = {"number": entry.id, "size": entry.size, "is_kept": entry.blob_id is not None, "channel": entry.channel}
    steps = [Step(StepKind.LEDGER, entry.seen_at, facts)]
    if entry.duplicate_of is not None:
        steps.append(Step(StepKind.REPEATED, entry.seen_at, {"first": entry.duplicate_of}))
    elif entry.fate == Fate.QUARANTINED:
        steps.append(Step(StepKind.QUARANTINED, entry.seen_at, {"reason": entry.reason}))
    elif entry.fate == Fate.IGNORED:
        steps.append(Step(StepKind.IGNORED, entry.seen_at, {"reason": entry.reason}))
    return steps


def _call(session: Session, entry: Inbound) -> Call | None:
    if entry.channel != ChannelName.PHONE:
        return None
    return session.scalar(select(Call).where(Call.call_key == entry.item_id.rpartition(":")[0]))


def _of_call(session: Session, call: Call, language: str) -> list[Step]:
    """The ring, the answering and the end of a call, also of one that never became a ticket."""
    unit = session.get_one(Unit, call.unit_id)
    agent = session.get(User, call.agent_id) if call.agent_id else None
    facts = {"unit": unit.name(language), "call_id": call.id, "user": agent.name if agent else ""}
    instants: list[tuple[StepKind, datetime | None]] = [
        (StepKind.RINGING, call.rang_at),
        (StepKind.CALL_ANSWERED, call.answered_at),
        (StepKind.CALL_ENDED if call.answered_at else StepKind.HUNG_UP, call.ended_at),
    ]
    return [Step(kind, at, facts) for kind, at in instants if at is not None]
