from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from app.core.system import System
from app.flows import call, print_letter, suggest, undo
from app.flows.contacts import Identity
from app.flows.deliver import deliver
from app.flows.identify import identify
from app.flows.receive import receive
from app.flows.reply import Answer, reply
from app.reports.trace import Step, StepKind, trace
from app.tickets.states import State
from channels.contract import ChannelError, ChannelName, OutboundMessage, OutcomeUnknown, RawItem, Receipt
from tests.factories import MONDAY, Authority, arrives, mail
from tests.queries import count_queries

LETTER = Path(__file__).resolve().parents[2] / "demo" / "samples" / "letter-new-address-sv.pdf"


class Wire:
    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure

    def send(self, _message: OutboundMessage) -> Receipt:
        if self.failure:
            raise self.failure
        return Receipt()


@pytest.fixture(autouse=True)
def clock() -> object:
    with time_machine.travel(MONDAY, tick=False) as at:
        yield at


def steps(system: System, channel: str, key: str, language: str = "en") -> tuple[Step, ...]:
    with system.db.read() as session:
        return trace(session, channel=channel, key=key, language=language)


def kinds(told: tuple[Step, ...]) -> list[str]:
    return [step.kind.value for step in told]


def step(told: tuple[Step, ...], kind: StepKind) -> Step:
    return next(step for step in told if step.kind is kind)


def test_what_nobody_has_seen_has_no_steps(system: System, authority: Authority) -> None:
    assert steps(system, "email", "unknown@example.org") == ()
    with system.db.read() as session:
        assert trace(session, inbound_id=99) == ()


def test_a_mail_is_told_from_the_ledger_to_the_receipt(system: System, authority: Authority) -> None:
    filed = arrives(system, mail())
    deliver(system, Wire())
    told = steps(system, "email", "first@example.se", "sv")
    assert kinds(told) == [
        "ledger",
        "new_ticket",
        "routed",
        "clock",
        "clock",
        "receipt_queued",
        "receipt_sent",
    ]
    assert step(told, StepKind.LEDGER).facts["size"] == len(mail())
    assert step(told, StepKind.LEDGER).facts["is_kept"]
    routed = step(told, StepKind.ROUTED).facts
    assert (routed["unit"], routed["rule_kind"], routed["topic"]) == ("Enhet north", "mailbox", "Kort")
    first = step(told, StepKind.CLOCK).facts
    assert (first["metric"], first["due_at"], first["amount"]) == ("first_response", MONDAY + timedelta(hours=4), 240)
    assert {told_step.reference for told_step in told[1:]} == {authority.ticket(filed.ticket_id).reference}


def test_it_is_found_by_message_id_by_file_name_and_by_ledger_number(system: System, authority: Authority) -> None:
    filed = arrives(system, mail(), item_id="1700000000.abc.demo")
    with system.db.read() as session:
        by_number = trace(session, inbound_id=filed.inbound_id)
    assert steps(system, "email", "first@example.se") == steps(system, "email", "1700000000.abc.demo") == by_number
    assert steps(system, "email", "1700000000.ab") == ()
    assert steps(system, "email", "%") == ()


def test_suggestions_are_told_with_the_best_title(system: System, authority: Authority) -> None:
    from datetime import UTC, date, datetime

    from app.articles import service as articles

    with system.db.begin() as session:
        for key, title in (("card", "Resa medan kortet tillverkas"), ("fees", "Avgifter")):
            body = "Du kan resa utomlands innan kortet har kommit om passet gäller." if key == "card" else "Betala."
            put = {"title": title, "body": body, "topic": key, "reviewed_on": date(2026, 1, 1)}
            articles.put(session, key, "sv", at=datetime(2026, 1, 1, tzinfo=UTC), **put)  # type: ignore[arg-type]
    arrives(system, mail())
    suggest.suggest_waiting(system, suggest.Shelf())
    told = step(steps(system, "email", "first@example.se"), StepKind.SUGGESTED)
    assert told.facts["best"] == "Resa medan kortet tillverkas"
    assert told.facts["count"] >= 1


def test_an_answer_is_told_when_given_and_when_it_has_left(
    system: System, authority: Authority, clock: time_machine.Traveller
) -> None:
    reference = authority.ticket(arrives(system, mail()).ticket_id).reference
    clock.shift(timedelta(minutes=5))
    reply(system, authority.viewers["nils"], reference, Answer("Ja.", ChannelName.EMAIL, State.RESOLVED))
    clock.shift(timedelta(seconds=25))
    deliver(system, Wire())
    told = steps(system, "email", "first@example.se")
    assert kinds(told)[-5:] == ["taken", "answered", "resolved", "receipt_sent", "answer_sent"]
    assert step(told, StepKind.ANSWERED).facts["user"] == "Nils"
    assert step(told, StepKind.CLOCK).facts["result"] == "met"


def test_an_answer_taken_back_is_told(system: System, authority: Authority) -> None:
    reference = authority.ticket(arrives(system, mail()).ticket_id).reference
    nils = authority.viewers["nils"]
    reply(system, nils, reference, Answer("Ja.", ChannelName.EMAIL, State.OPEN))
    with system.db.read() as session:
        from app.tickets.models import Message

        message_id = session.query(Message).filter_by(kind="answer").one().id
    undo.undo(system, nils, reference, message_id)
    told = steps(system, "email", "first@example.se")
    assert kinds(told)[-1] == "undone"
    assert step(told, StepKind.CLOCK).facts["result"] == "running"


def test_the_citizens_answer_is_told_alone_from_when_it_came(
    system: System, authority: Authority, clock: time_machine.Traveller
) -> None:
    reference = authority.ticket(arrives(system, mail()).ticket_id).reference
    reply(system, authority.viewers["nils"], reference, Answer("Ja.", ChannelName.EMAIL, State.RESOLVED))
    clock.shift(timedelta(hours=1))
    again = mail("Tack, en fråga till.", message_id="second@example.se", In_Reply_To="<first@example.se>")
    arrives(system, again, item_id="1:2", at=MONDAY + timedelta(hours=1))
    told = steps(system, "email", "second@example.se")
    assert kinds(told) == ["ledger", "joined", "reopened"]
    assert step(told, StepKind.JOINED).facts == {"by": "message", "is_confirmed": True}
    assert "new_ticket" not in kinds(told)


def test_a_second_delivery_of_the_same_mail_is_told_as_that(system: System, authority: Authority) -> None:
    first = arrives(system, mail(), item_id="1:1")
    arrives(system, mail(), item_id="1:2")
    told = steps(system, "email", "1:2")
    assert kinds(told)[:2] == ["ledger", "repeated"]
    assert step(told, StepKind.REPEATED).facts["first"] == first.inbound_id


def test_what_cannot_be_read_is_told_with_its_reason(system: System, authority: Authority) -> None:
    receive(system, [RawItem(ChannelName.LETTER, "test", "x.pdf:1:1", b"no pdf", MONDAY, filename="x.pdf")])
    told = steps(system, "letter", "x.pdf")
    assert kinds(told) == ["ledger", "quarantined"]
    assert step(told, StepKind.QUARANTINED).facts["reason"]


def test_a_mail_that_needs_nobody_is_told_with_the_reason(system: System, authority: Authority) -> None:
    arrives(system, mail(Auto_Submitted="auto-replied"))
    assert kinds(steps(system, "email", "1:1")) == ["ledger", "ignored"]


def test_a_mail_that_could_not_leave_says_when_it_is_tried_again(system: System, authority: Authority) -> None:
    arrives(system, mail())
    deliver(system, Wire(ChannelError("The mail server is busy.")))
    told = step(steps(system, "email", "first@example.se"), StepKind.NOT_SENT)
    assert told.facts == {"reason": "The mail server is busy.", "next_try_at": MONDAY + timedelta(minutes=1)}


def test_a_mail_refused_for_good_is_tried_no_more(system: System, authority: Authority) -> None:
    arrives(system, mail())
    deliver(system, Wire(ChannelError("No such user.", permanent=True)))
    assert step(steps(system, "email", "first@example.se"), StepKind.NOT_SENT).facts["next_try_at"] is None


def test_a_mail_that_was_perhaps_sent_is_told_so(system: System, authority: Authority) -> None:
    arrives(system, mail())
    deliver(system, Wire(OutcomeUnknown("the line broke")))
    assert "perhaps_sent" in kinds(steps(system, "email", "first@example.se"))


def ring(system: System, kind: str, minutes: int, **more: str) -> None:
    at = MONDAY + timedelta(minutes=minutes)
    told = {"call_id": "c1", "kind": kind, "at": at.isoformat(), "number": "0701740605", "dialled": "+46846500415"}
    with time_machine.travel(at, tick=False):
        call.take_event(system, json.dumps({**told, **more}).encode())


def test_a_call_is_told_from_the_first_ring_to_the_end(system: System, authority: Authority) -> None:
    ring(system, "ringing", 0)
    assert kinds(steps(system, "phone", "c1")) == ["ledger", "ringing"]
    ring(system, "answered", 2, agent="nils@migration.example")
    ring(system, "ended", 9)
    told = steps(system, "phone", "c1")
    assert [kind for kind in kinds(told) if "ring" in kind or "call" in kind] == [
        "ringing",
        "call_answered",
        "call_ended",
    ]
    assert step(told, StepKind.CALL_ANSWERED).facts["user"] == "Nils"
    assert step(told, StepKind.CALL_ANSWERED).at == MONDAY + timedelta(minutes=2)
    assert step(told, StepKind.CLOCK).facts["metric"] == "first_response"


def test_a_call_answered_on_the_card_leads_to_its_ticket(system: System, authority: Authority) -> None:
    ring(system, "ringing", 0)
    with system.db.read() as session:
        from app.calls.models import Call

        call_id = session.query(Call).one().id
    reference = call.answer(system, authority.viewers["nils"], call_id)
    assert {told.reference for told in steps(system, "phone", "c1")} == {"", reference}


def test_a_call_that_nobody_answered_is_told_so(system: System, authority: Authority) -> None:
    ring(system, "ringing", 0)
    ring(system, "ended", 3)
    assert kinds(steps(system, "phone", "c1"))[-1] == "hung_up"


def test_a_letter_is_told_to_the_post(system: System, authority: Authority) -> None:
    raw = LETTER.read_bytes()
    item = RawItem(ChannelName.LETTER, "letters", "a.pdf:00:1", raw, MONDAY, "letters", "a.pdf")
    reference = authority.ticket(receive(system, [item])[0].ticket_id).reference
    nils = authority.viewers["nils"]
    identify(system, nils, reference, Identity("Per-Olof Granmark", postal="Byvägen 2\n880 99 Näsåker"))
    reply(system, nils, reference, Answer("Vi har noterat adressen.", ChannelName.LETTER, State.RESOLVED))
    with system.db.read() as session:
        from app.tickets.models import Message

        message_id = session.query(Message).filter_by(kind="answer").one().id
    print_letter.mark_posted(system, nils, reference, message_id)
    told = steps(system, "letter", "a.pdf")
    assert kinds(told)[-4:] == ["taken", "letter_written", "posted", "resolved"]
    assert step(told, StepKind.POSTED).facts["text"] == "Vi har noterat adressen."
    assert step(told, StepKind.CLOCK).at >= MONDAY


def test_the_number_of_queries_does_not_grow_with_the_ticket(system: System, authority: Authority) -> None:
    arrives(system, mail())
    with count_queries(system.db.engine) as few:
        steps(system, "email", "first@example.se")
    for number in range(6):
        more = mail(f"Fråga {number}", message_id=f"m{number}@example.se", In_Reply_To="<first@example.se>")
        arrives(system, more, item_id=f"2:{number}")
    with count_queries(system.db.engine) as many:
        steps(system, "email", "first@example.se")
    assert many.count == few.count
