"""What an agent writes is kept, no window overwrites another, and nobody answers past an unread message."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.core import clock
from app.core.changes import ChangeKind, ChangeRow
from app.core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from app.core.system import System
from app.flows import draft, note, reply, transfer
from app.flows.live import forget_old
from app.flows.reply import Answer
from app.outbox.models import OutboxRow
from app.tickets import presence
from app.tickets.drafts import Draft, DraftConflictError, Mode, Written
from app.tickets.models import Message, MessageKind
from app.tickets.states import State
from channels.contract import ChannelName
from tests.factories import MONDAY, Authority, arrives, mail


@pytest.fixture
def reference(system: System, authority: Authority, at: time_machine.Coordinates) -> str:
    return authority.ticket(arrives(system, mail()).ticket_id).reference


def kept(system: System) -> dict[tuple[int, str], str]:
    with system.db.read() as session:
        return {(row.user_id, row.mode): row.body for row in session.scalars(select(Draft))}


def newest(system: System) -> int:
    with system.db.read() as session:
        return max(session.scalars(select(Message.id).where(Message.kind != MessageKind.ACKNOWLEDGEMENT)))


def answers(system: System) -> list[str]:
    with system.db.read() as session:
        query = select(Message.body).join(OutboxRow, OutboxRow.message_id == Message.id)
        return list(session.scalars(query.where(OutboxRow.is_automatic.is_(False)).order_by(Message.id)))


def test_a_draft_is_kept_a_person_and_kind_and_an_empty_one_goes(
    system: System, authority: Authority, reference: str
) -> None:
    nils, nora = authority.viewers["nils"], authority.viewers["nora"]
    first = draft.save(system, nils, reference, Mode.REPLY, Written("Hej"), revision=0)
    draft.save(system, nils, reference, Mode.NOTE, Written("Obs"), revision=0)
    draft.save(system, nora, reference, Mode.REPLY, Written("Hej hej"), revision=0)
    second = draft.save(system, nils, reference, Mode.REPLY, Written("Hej Siri"), revision=first)
    assert second > first
    assert kept(system) == {
        (nils.user_id, "reply"): "Hej Siri",
        (nils.user_id, "note"): "Obs",
        (nora.user_id, "reply"): "Hej hej",
    }
    assert draft.save(system, nils, reference, Mode.REPLY, Written("  "), revision=second) == 0
    assert set(kept(system)) == {(nils.user_id, "note"), (nora.user_id, "reply")}


def test_another_window_is_told_and_not_overwritten(
    system: System, authority: Authority, reference: str, at: time_machine.Coordinates
) -> None:
    nils = authority.viewers["nils"]
    first = draft.save(system, nils, reference, Mode.REPLY, Written("one"), revision=0)
    second = draft.save(system, nils, reference, Mode.REPLY, Written("two"), revision=first)
    with pytest.raises(DraftConflictError) as told:
        draft.save(system, nils, reference, Mode.REPLY, Written("three"), revision=first)
    assert (told.value.body, told.value.revision) == ("two", second)
    draft.save(system, nils, reference, Mode.REPLY, Written(""), revision=second)
    at.shift(timedelta(seconds=30))
    third = draft.save(system, nils, reference, Mode.REPLY, Written("anew"), revision=0)
    assert third > second, "a number that came back would let an old window write over it"
    with pytest.raises(DraftConflictError):
        draft.save(system, nils, reference, Mode.REPLY, Written("old window"), revision=second)
    assert list(kept(system).values()) == ["anew"]


def test_two_first_saves_at_one_instant_leave_one_and_tell_the_other(
    system: System, authority: Authority, reference: str
) -> None:
    nils = authority.viewers["nils"]

    def save(words: str) -> str:
        try:
            draft.save(system, nils, reference, Mode.REPLY, Written(words), revision=0)
        except DraftConflictError as error:
            return f"told of {error.body}"
        return words

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(save, (f"window {number}" for number in range(8))))
    (stands,) = kept(system).values()
    assert sorted(said) == sorted([stands, *[f"told of {stands}"] * 7])


def test_only_who_may_work_on_the_ticket_writes_there(
    system: System, authority: Authority, reference: str, at: time_machine.Coordinates
) -> None:
    with pytest.raises(NotFoundError):
        draft.save(system, authority.viewers["saku"], reference, Mode.NOTE, Written("x"), revision=0)
    to = authority.units["southern"].id
    at.shift(timedelta(minutes=1))
    transfer.transfer(system, authority.viewers["nils"], reference, to=to, reason="Finsk fråga")
    with pytest.raises(ForbiddenError):
        draft.save(system, authority.viewers["nils"], reference, Mode.NOTE, Written("x"), revision=0)
    with pytest.raises(InvalidInputError):
        draft.save(system, authority.viewers["saku"], reference, Mode.NOTE, Written("x" * 50_001), revision=0)
    assert kept(system) == {}


def test_sending_ends_the_own_draft_and_no_other(system: System, authority: Authority, reference: str) -> None:
    nils, nora = authority.viewers["nils"], authority.viewers["nora"]
    revision = draft.save(system, nils, reference, Mode.REPLY, Written("Ja, det kan"), revision=0)
    draft.save(system, nora, reference, Mode.REPLY, Written("Nej"), revision=0)
    sent = Answer("Ja, det kan du.", ChannelName.EMAIL, seen_id=newest(system), draft_revision=revision)
    reply.reply(system, nils, reference, sent)
    assert kept(system) == {(nora.user_id, "reply"): "Nej"}
    draft.save(system, nils, reference, Mode.NOTE, Written("Ringde"), revision=0)
    note.note(system, nils, reference, "Ringde")
    assert kept(system) == {(nora.user_id, "reply"): "Nej"}


def test_words_of_another_window_survive_the_sending(system: System, authority: Authority, reference: str) -> None:
    nils = authority.viewers["nils"]
    first = draft.save(system, nils, reference, Mode.REPLY, Written("short"), revision=0)
    draft.save(system, nils, reference, Mode.REPLY, Written("longer words"), revision=first)
    reply.reply(system, nils, reference, Answer("short!", ChannelName.EMAIL, draft_revision=first))
    assert list(kept(system).values()) == ["longer words"]


@pytest.mark.parametrize("what", ["citizen", "colleague"])
def test_a_message_that_came_meanwhile_must_be_read_first(
    what: str, system: System, authority: Authority, reference: str
) -> None:
    nils, nora = authority.viewers["nils"], authority.viewers["nora"]
    seen = newest(system)
    if what == "citizen":
        arrives(
            system, mail("En sak till!", message_id="b@example.se", In_Reply_To="<first@example.se>"), item_id="1:2"
        )
    else:
        reply.reply(system, nora, reference, Answer("Svar av Nora.", ChannelName.EMAIL, seen_id=seen))
    before = answers(system)
    with pytest.raises(ConflictError, match="A message came while you wrote"):
        reply.reply(system, nils, reference, Answer("Svar av Nils.", ChannelName.EMAIL, seen_id=seen))
    assert answers(system) == before
    reply.reply(system, nils, reference, Answer("Svar av Nils.", ChannelName.EMAIL, seen_id=newest(system)))
    assert answers(system) == [*before, "Svar av Nils."]


def test_notes_receipts_and_undone_answers_ask_nothing(system: System, authority: Authority, reference: str) -> None:
    nils, nora = authority.viewers["nils"], authority.viewers["nora"]
    seen = newest(system)
    note.note(system, nora, reference, "Bara en anteckning")
    reply.reply(system, nils, reference, Answer("Svar.", ChannelName.EMAIL, seen_id=seen))


def test_of_two_agents_who_answer_at_the_same_instant_one_is_asked(
    system: System, authority: Authority, reference: str
) -> None:
    seen = newest(system)

    def send(name: str) -> str:
        answer = Answer(f"Svar av {name}.", ChannelName.EMAIL, State.RESOLVED, seen_id=seen)
        try:
            reply.reply(system, authority.viewers[name], reference, answer)
        except ConflictError:
            return ""
        return answer.body

    with ThreadPoolExecutor(2) as pool:
        said = [body for body in pool.map(send, ("nils", "nora")) if body]
    assert len(said) == 1
    assert answers(system) == said


def test_presence_is_seen_by_others_until_it_is_not_renewed(
    system: System, authority: Authority, reference: str, at: time_machine.Coordinates
) -> None:
    nils, nora = authority.viewers["nils"], authority.viewers["nora"]

    def seen_by(viewer: object) -> list[tuple[str, bool]]:
        with system.db.read() as session:
            found = presence.at_tickets(session, [1], but=viewer.user_id, now=clock.now())  # type: ignore[attr-defined]
        return [(one.name, one.is_writing) for one in found.get(1, ())]

    draft.be_present(system, nils, reference, is_writing=False)
    assert (seen_by(nora), seen_by(nils)) == ([("Nils", False)], [])
    draft.save(system, nils, reference, Mode.REPLY, Written("Hej"), revision=0)
    assert seen_by(nora) == [("Nils", True)]
    at.shift(presence.COUNTS_FOR)
    assert seen_by(nora) == []
    forget_old(system)
    draft.be_present(system, nils, reference, is_writing=False)
    draft.leave(system, nils, reference)
    assert seen_by(nora) == []


def test_what_happens_is_announced_to_the_units_it_concerns_once(
    system: System, authority: Authority, reference: str, at: time_machine.Coordinates
) -> None:
    def told() -> list[tuple[str, int | None]]:
        with system.db.begin() as session:
            found = [(row.kind, row.unit_id) for row in session.scalars(select(ChangeRow).order_by(ChangeRow.id))]
            session.query(ChangeRow).delete()
            return found

    north, southern = authority.units["north"].id, authority.units["southern"].id
    assert (ChangeKind.TICKET, north) in told()
    nils = authority.viewers["nils"]
    draft.be_present(system, nils, reference, is_writing=False)
    draft.be_present(system, nils, reference, is_writing=False)
    assert told() == [(ChangeKind.PRESENCE, north)]
    transfer.transfer(system, nils, reference, to=southern, reason="Finsk fråga")
    assert set(told()) == {(ChangeKind.TICKET, north), (ChangeKind.TICKET, southern)}
    note.note(system, authority.viewers["saku"], reference, "Hei")
    at.move_to(MONDAY + timedelta(hours=1))
    forget_old(system)
    assert told() == []
