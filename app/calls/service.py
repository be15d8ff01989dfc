"""The steps of a call. Events may come twice, late or out of order: each step happens once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.models import Call, CallState
from app.core.errors import NotFoundError
from channels.contract import CallEvent


def find(session: Session, call_key: str) -> Call | None:
    """The call as the telephone exchange names it, held against other writers, or None."""
    return session.scalar(select(Call).where(Call.call_key == call_key).with_for_update())


def get(session: Session, call_id: int) -> Call:
    """The call by our own id, held against other writers. Raises NotFoundError."""
    call = session.scalar(select(Call).where(Call.id == call_id).with_for_update())
    if call is None:
        raise NotFoundError("There is no such call.")
    return call


def ring(session: Session, event: CallEvent, *, unit_id: int, person_id: int | None) -> Call:
    """The new call, ringing at a unit."""
    call = Call(
        call_key=event.call_id,
        unit_id=unit_id,
        state=CallState.RINGING,
        number=event.caller.address,
        caller_name=event.caller.name[:200],
        dialled=event.dialled,
        language=event.language or None,
        rang_at=event.at,
        person_id=person_id,
    )
    session.add(call)
    session.flush()
    return call


def rang(call: Call, event: CallEvent) -> None:
    """The call rang, at that instant at the latest: its other steps may have come first and told less of it."""
    call.number = call.number or event.caller.address
    call.caller_name = call.caller_name or event.caller.name[:200]
    if call.answered_at is None:
        call.rang_at = min(call.rang_at, event.at)


def answer(call: Call, *, agent_id: int | None, at: datetime) -> bool:
    """The agent has the call; False when somebody was faster or it was over by then.

    The exchange's word for the end may come before its word for the answering that went before.
    """
    if call.answered_at is not None or (call.ended_at is not None and call.ended_at < at):
        return False
    call.agent_id, call.answered_at = agent_id, max(at, call.rang_at)
    call.state = CallState.ANSWERED if call.ended_at is None else CallState.ENDED
    return True


def end(call: Call, *, at: datetime) -> bool:
    """The call is over; False when it was already."""
    if call.ended_at is not None:
        return False
    call.ended_at = at
    call.state = CallState.ENDED if call.answered_at else CallState.ABANDONED
    return True
