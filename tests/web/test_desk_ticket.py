"""The page of a ticket: what it shows, what its forms do, and that nothing typed is ever lost."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from sqlalchemy import insert, select

from app.articles.models import Article, ArticleText
from app.core.system import System
from app.flows import assign, reply, transfer
from app.flows.reply import Answer
from app.outbox.models import Delivery, OutboxRow
from app.suggest.models import Suggestion
from app.tickets.models import Event, Message, Ticket, Topic
from app.tickets.states import State
from channels.contract import ChannelName
from tests.factories import MONDAY, Authority, arrives, mail
from tests.queries import count_queries
from tests.web.conftest import NOW, DeskClient, Enter, World


@pytest.fixture
def nils(enter: Enter) -> DeskClient:
    return enter("nils")


@pytest.fixture
def url(world: World) -> str:
    return f"/desk/tickets/{world.reference}"


@pytest.fixture
def offered(system: System, world: World) -> list[int]:
    """Two articles are suggested for the question; the ids of the suggestions."""
    with system.db.begin() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.reference == world.reference)).one()
        for rank, title in enumerate(("Resa medan kortet tillverkas", "När kommer mitt kort?"), start=1):
            family = Article(key=f"a{rank}", topic_key="card")
            session.add(family)
            session.flush()
            body = f"Du kan **resa** utan kort.\n\n- punkt {rank}"
            text = ArticleText(
                article_id=family.id, language="sv", title=title, body=body, change=rank, changed_at=MONDAY
            )
            words, passage = ["resa", "kort"], "Du kan resa utan <kort>."
            offer = Suggestion(
                ticket_id=ticket.id,
                message_id=world.message_id,
                article_id=family.id,
                language="sv",
                version=1,
                rank=rank,
                score=1.0,
                words=words,
                passage=passage,
                made_at=MONDAY,
            )
            session.add_all([text, offer])
        ticket.suggested_for = world.message_id
        session.flush()
        return list(session.scalars(select(Suggestion.id).order_by(Suggestion.rank)))


def textarea(page: str, mode: str = "reply") -> str:
    """What stands in the field of a mode."""
    return unescape(re.search(rf'<textarea id="body-{mode}".*?>\n(.*?)</textarea>', page, re.DOTALL)[1])  # type: ignore[index]


def lines(page: str) -> list[str]:
    """The thin lines of the timeline."""
    found = re.findall(r'<p class="sys.*?</p>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", unescape(line)).split()) for line in found]


def test_it_shows_what_came_and_why_it_is_here(nils: DeskClient, url: str, world: World) -> None:
    page = nils.get(url).text
    assert "utomlands &amp; tillbaka innan mitt kort har kommit?" in page
    assert "E-mail from Siri Testsson" in page
    assert "it was sent to north@migration.example" in page
    assert "intyg &amp; kvitto.txt" in page
    assert "First response: " in page
    assert "of 4 h used" in page
    assert f"{world.reference[:4]}\N{NO-BREAK SPACE}{world.reference[4:8]}" in page


def test_taking_giving_and_stating_is_told_by_the_timeline(nils: DeskClient, url: str, authority: Authority) -> None:
    assert nils.send(f"{url}/take").status_code == 303
    assert nils.send(f"{url}/assign", assignee=str(authority.viewers["nora"].user_id)).status_code == 303
    assert nils.send(f"{url}/state", step="wait_for_citizen").status_code == 303
    assert nils.send(f"{url}/state", step="resume").status_code == 303
    assert nils.send(f"{url}/state", step="resolve").status_code == 303
    assert nils.send(f"{url}/state", step="reopen").status_code == 303
    told = lines(nils.get(url).text)
    assert [line.split(" ", 1)[1] for line in told[1:]] == [
        "Taken. Nils",
        "Assigned to Nora. Nils",
        "Waiting for the citizen. Nils",
        "Waiting no more. Nils",
        "Resolved. Nils",
        "Open again. Nils",
    ]


def test_an_answer_is_queued_undoable_and_says_to_whom_it_goes(nils: DeskClient, url: str, system: System) -> None:
    page = nils.get(url).text
    assert "Send e-mail to s***@example.se" in page
    answer = nils.send(f"{url}/reply", body="Ja, det kan du.", channel="email", then="resolved")
    assert answer.status_code == 303
    page = nils.get(url).text
    assert "On its way" in page
    assert f'data-undo-until="{(NOW + timedelta(seconds=20)).isoformat()}"' in page
    assert "Resolved" in lines(page)[-1]
    with system.db.read() as session:
        row = session.scalars(select(OutboxRow).where(OutboxRow.is_automatic.is_(False))).one()
        assert row.to_address == "siri.testsson@example.se"


def test_an_identity_number_is_asked_about_before_it_goes_by_mail(nils: DeskClient, url: str, system: System) -> None:
    words = "Ert nummer är 811218-9876."
    asked = nils.send(f"{url}/reply", body=words, channel="email", then="resolved")
    assert asked.status_code == 422
    assert "mail is not secret on its way" in asked.text
    assert words in asked.text
    assert 'name="may_be_open"' in asked.text
    assert 'name="may_be_open"' not in nils.get(url).text
    sent = nils.send(f"{url}/reply", body=words, channel="email", then="resolved", may_be_open="yes")
    assert sent.status_code == 303
    with system.db.read() as session:
        assert session.scalars(select(Message.body).where(Message.body == words)).all() == [words]


def test_undo_gives_the_words_back(nils: DeskClient, url: str, system: System) -> None:
    nils.send(f"{url}/reply", body="Ja, <det> kan du.", channel="email", then="resolved")
    undo = re.search(r'<form class="undo" method="post" action="([^"]+)"', nils.get(url).text)[1]  # type: ignore[index]
    answer = nils.send(undo)
    assert answer.status_code == 303
    page = nils.get(answer.headers["Location"]).text
    assert textarea(page) == "Ja, <det> kan du."
    assert "Taken back, never sent" in page
    assert 'class="undo"' not in page
    assert nils.send(undo).status_code == 409


def test_after_the_time_to_undo_the_bar_is_gone(nils: DeskClient, url: str) -> None:
    nils.send(f"{url}/reply", body="Ja.", channel="email", then="open")
    with time_machine.travel(NOW + timedelta(seconds=21), tick=False):
        assert 'class="undo"' not in nils.get(url).text


@pytest.mark.parametrize(("form", "mode"), [("reply", "reply"), ("note", "note")])
def test_an_empty_form_says_so_beside_its_field(form: str, mode: str, nils: DeskClient, url: str) -> None:
    answer = nils.send(f"{url}/{form}", body="  ", channel="email", then="open")
    assert answer.status_code == 422
    assert re.search(rf'<p class="s err" id="body-{mode}-fault">', answer.text)
    field = re.search(rf'<textarea id="body-{mode}"[^>]*>', answer.text)[0]  # type: ignore[index]
    assert 'aria-invalid="true"' in field
    assert f"body-{mode}-fault" in field
    assert f'<a href="#body-{mode}">' in answer.text
    assert "<title>Error: " in answer.text


def test_a_form_sent_bare_is_told_what_is_missing(nils: DeskClient, url: str) -> None:
    for form in ("reply", "note", "transfer", "identify", "state"):
        answer = nils.send(f"{url}/{form}")
        assert answer.status_code == 422, form
        assert 'class="s err"' in answer.text, form


def test_what_was_typed_survives_a_fault_elsewhere_in_the_form(nils: DeskClient, url: str) -> None:
    answer = nils.send(f"{url}/reply", body="Lång & <viktig> text", channel="letter", then="waiting")
    assert answer.status_code == 422
    assert textarea(answer.text) == "Lång & <viktig> text"
    assert "No postal address of this citizen is known." in answer.text
    assert re.search(r'<option value="waiting" selected>', answer.text)


def test_what_was_typed_survives_that_somebody_was_faster(
    nils: DeskClient, url: str, system: System, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.core.errors import ConflictError

    def too_late(*_: Any, **__: Any) -> int:
        raise ConflictError("The ticket's state does not allow this.")

    monkeypatch.setattr("app.flows.reply.reply", too_late)
    answer = nils.send(f"{url}/reply", body="Min text", channel="email", then="open")
    assert answer.status_code == 409
    assert textarea(answer.text) == "Min text"
    assert "The ticket&#39;s state does not allow this." in answer.text


def test_a_move_without_a_reason_keeps_the_unit_that_was_chosen(
    nils: DeskClient, url: str, authority: Authority
) -> None:
    to = authority.units["southern"].id
    answer = nils.send(f"{url}/transfer", unit=str(to), reason=" ")
    assert answer.status_code == 422
    assert f'<option value="{to}" selected>' in answer.text
    assert re.search(r'id="transfer-reason"[^>]*aria-describedby="transfer-reason-fault"', answer.text)
    assert re.search(r'<details class="menu" open>\s*<summary class="btn" data-key="m"', answer.text)


def test_a_faulty_number_is_told_beside_its_field_and_all_fields_are_kept(nils: DeskClient, url: str) -> None:
    answer = nils.send(f"{url}/identify", name="Siri T", email="no address", phone="12", postal="Gatan 1\n123 45 Ort")
    assert answer.status_code == 422
    for field in ("email", "phone"):
        assert f'id="identify-{field}-fault"' in answer.text
    assert 'value="no address"' in answer.text
    assert "Gatan 1\n123 45 Ort" in answer.text
    assert re.search(r'<details class="s" id="identify" open>', answer.text)


def test_a_postal_address_opens_the_way_of_letters(nils: DeskClient, url: str, system: System) -> None:
    nils.send(f"{url}/identify", name="Siri Testsson", postal="Provgatan 12\n871 99 Härnösand")
    page = nils.get(url).text
    assert '<option value="letter"' in page
    nils.send(f"{url}/reply", body="Hej Siri!", channel="letter", then="resolved")
    page = nils.get(url).text
    assert "counts as the answer when it is in the post" in page
    letter = re.search(r'href="([^"]+/letter\.pdf)"', page)[1]  # type: ignore[index]
    pdf = nils.get(letter)
    assert pdf.content_type == "application/pdf"
    assert pdf.data.startswith(b"%PDF")
    posted = re.search(r'action="([^"]+/posted)"', page)[1]  # type: ignore[index]
    assert nils.send(posted).status_code == 303
    assert "In the post" in nils.get(url).text
    assert nils.send(posted).status_code == 409


def test_a_suggestion_is_put_in_without_scripts_and_nothing_typed_is_lost(
    nils: DeskClient, url: str, offered: list[int], system: System
) -> None:
    page = nils.get(url).text
    assert "Resa medan kortet tillverkas" in page
    assert "utan &lt;<mark>kort</mark>&gt;" in page
    answer = nils.send(f"{url}/reply", body="Hej Siri!", channel="email", then="resolved", insert=str(offered[0]))
    assert answer.status_code == 200
    assert textarea(answer.text) == "Hej Siri!\n\nDu kan resa utan kort.\n\n- punkt 1"
    assert f'name="used" value="{offered[0]}"' in answer.text
    nils.send(f"{url}/reply", body="Hej Siri!", channel="email", then="resolved", used=str(offered[0]))
    with system.db.read() as session:
        used = session.get_one(Suggestion, offered[0])
        assert used.inserted_by is not None
        assert session.get_one(Suggestion, offered[1]).inserted_by is None


def test_a_suggestion_is_put_in_by_its_address(nils: DeskClient, url: str, offered: list[int]) -> None:
    assert textarea(nils.get(f"{url}?insert={offered[1]}").text).endswith("- punkt 2")
    assert nils.get(f"{url}/suggestions/{offered[1]}").text.startswith("Du kan resa utan kort.")
    assert nils.get(f"{url}?insert=999").status_code == 404
    assert nils.get(f"{url}/suggestions/999").status_code == 404


def test_the_suggestion_of_another_ticket_is_not_to_be_had(
    nils: DeskClient, url: str, offered: list[int], system: System, authority: Authority
) -> None:
    other = arrives(system, mail(message_id="other@example.se"), item_id="9:9")
    reference = authority.ticket(other.ticket_id).reference
    assert nils.get(f"/desk/tickets/{reference}/suggestions/{offered[0]}").status_code == 404


def test_a_note_never_reaches_the_outbox(nils: DeskClient, url: str, system: System) -> None:
    assert nils.send(f"{url}/note", body="Bara för oss").status_code == 303
    page = nils.get(url).text
    assert re.search(r'<article class="msg int.*?Bara för oss', page, re.DOTALL)
    with system.db.read() as session:
        assert session.query(OutboxRow).filter_by(is_automatic=False).count() == 0


def test_topic_and_language_are_changed(nils: DeskClient, url: str, system: System) -> None:
    topic = re.search(r'<option value="(\d+)"[^>]*>Card<', nils.get(url).text)[1]  # type: ignore[index]
    nils.send(f"{url}/topic", topic="")
    nils.send(f"{url}/topic", topic=topic)
    nils.send(f"{url}/language", language="fi")
    told = lines(nils.get(url).text)
    assert "Topic: Card." in told[-2]
    assert "Answered in Finnish." in told[-1]
    assert nils.send(f"{url}/language", language="xx").status_code == 422


def test_a_reply_from_somebody_else_waits_to_be_confirmed(
    nils: DeskClient, url: str, system: System, world: World
) -> None:
    with system.db.begin() as session:
        session.get_one(Message, world.message_id).is_confirmed = False
    page = nils.get(url).text
    assert "The sender is not confirmed." in page
    confirm = re.search(r'action="([^"]+/confirm)"', page)[1]  # type: ignore[index]
    assert nils.send(confirm).status_code == 303
    page = nils.get(url).text
    assert "The sender is not confirmed." not in page
    assert "The sender was confirmed. Nils" in lines(page)[-1]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (Delivery.SENT, "Sent"),
        (Delivery.PERHAPS_SENT, "Perhaps sent: nobody can tell."),
        (Delivery.FAILED, "Not delivered: The server said no."),
        (Delivery.CLAIMED, "On its way"),
    ],
)
def test_the_delivery_of_our_mail_is_told_in_words(
    state: Delivery, words: str, nils: DeskClient, url: str, system: System
) -> None:
    nils.send(f"{url}/reply", body="Ja.", channel="email", then="open")
    with system.db.begin() as session:
        row = session.scalars(select(OutboxRow).where(OutboxRow.is_automatic.is_(False))).one()
        row.state, row.failure = state, "The server said no." if state == Delivery.FAILED else ""
    assert words in nils.get(url).text


def test_problems_of_a_message_are_told_in_words(nils: DeskClient, url: str, system: System, world: World) -> None:
    with system.db.begin() as session:
        session.get_one(Message, world.message_id).problems = ["remote_images_blocked", "something_new"]
    page = nils.get(url).text
    assert "Pictures from elsewhere are not fetched." in page
    assert "something new" in page


def test_the_why_page_tells_the_clock_stretch_by_stretch(nils: DeskClient, url: str) -> None:
    page = nils.get(f"{url}/why").text
    assert "Why is First response due" in page
    assert "Open, no pause." in page
    assert "30 min counted." in page
    assert "3 h 30 min of opening time left" in page
    other = nils.get(f"{url}/why?clock=resolution-1").text
    assert "The target is 3 working days" in other
    assert nils.get(f"{url}/why?clock=nonsense").status_code == 200


def test_a_moved_ticket_says_where_it_came_from(
    world: World, system: System, authority: Authority, enter: Enter
) -> None:
    saku = enter("saku")
    to = authority.units["southern"].id
    transfer.transfer(system, authority.viewers["nils"], world.reference, to=to, reason="Gäller Finland")
    page = saku.get(f"/desk/tickets/{world.reference}").text
    assert "moved here from Unit north: Gäller Finland" in page
    assert "Moved to Unit southern: Gäller Finland. Nils" in lines(page)[-1]


def test_a_reference_may_be_written_with_spaces(nils: DeskClient, world: World) -> None:
    spaced = f"{world.reference[:4]} {world.reference[4:8]} {world.reference[8:]}"
    assert nils.get(f"/desk/tickets/{spaced}").status_code == 200


def test_the_answer_goes_to_the_address_that_was_written_from(
    nils: DeskClient, url: str, system: System, world: World, authority: Authority
) -> None:
    nils.send(f"{url}/identify", name="Siri", email="second@example.se")
    page = nils.get(url).text
    assert "s***@example.se" in page
    reply.reply(system, authority.viewers["nils"], world.reference, Answer("Ja", ChannelName.EMAIL, State.OPEN))
    with system.db.read() as session:
        row = session.scalars(select(OutboxRow).where(OutboxRow.is_automatic.is_(False))).one()
    assert row.to_address == "siri.testsson@example.se"


def test_a_call_on_the_ticket_asks_for_its_note(nils: DeskClient, world: World, system: System) -> None:
    answer = nils.send(f"/desk/calls/{world.call_id}/answer")
    page = nils.get(answer.headers["Location"].split("#")[0]).text
    assert re.search(r'<form class="stack1" id="form-call"[^>]*action="[^"]+"(?! hidden)>', page)
    url = answer.headers["Location"].split("?")[0]
    assert nils.send(f"{url}/call-note", body="").status_code == 422
    assert nils.send(f"{url}/call-note", body="Undrade över kortet.", then="resolved").status_code == 303
    page = nils.get(url).text
    assert "Undrade över kortet." in page
    assert "Resolved. Nils" in lines(page)[-1]
    assert nils.send(f"/desk/calls/{world.call_id}/answer").status_code == 409


def test_the_page_asks_as_often_for_5_messages_as_for_500(
    nils: DeskClient, url: str, world: World, system: System, offered: list[int], authority: Authority
) -> None:
    with system.db.read() as session:
        ticket_id = session.scalars(select(Ticket.id).where(Ticket.reference == world.reference)).one()
    nils.get(url)
    add_messages(system, ticket_id, 5, authority)
    with count_queries(system.db.engine) as few:
        nils.get(url)
    add_messages(system, ticket_id, 495, authority)
    with count_queries(system.db.engine) as many:
        assert nils.get(url).status_code == 200
    assert few.count == many.count <= 33, str(many)


def add_messages(system: System, ticket_id: int, count: int, authority: Authority) -> None:
    """So many notes by two people on a ticket, with an event each."""
    people = [authority.viewers["nils"].user_id, authority.viewers["nora"].user_id]
    messages = [
        {
            "ticket_id": ticket_id,
            "direction": "internal",
            "kind": "note",
            "channel": "email",
            "at": MONDAY + timedelta(seconds=number),
            "author_id": people[number % 2],
            "body": f"Note {number}",
            "problems": [],
        }
        for number in range(count)
    ]
    events = [
        {
            "ticket_id": ticket_id,
            "kind": "assigned",
            "at": MONDAY + timedelta(seconds=number),
            "recorded_at": MONDAY,
            "user_id": people[number % 2],
            "reason": "",
            "data": {"from": None, "to": people[0]},
        }
        for number in range(count)
    ]
    with system.db.begin() as session:
        session.execute(insert(Message), messages)
        session.execute(insert(Event), events)


def test_words_typed_while_the_ticket_was_moved_away_are_given_back(
    system: System, authority: Authority, world: World, nils: DeskClient, url: str
) -> None:
    south, holder = authority.units["southern"].id, authority.viewers["nils"]
    transfer.transfer(system, holder, world.reference, to=south, reason="Their topic.")
    answer = nils.send(f"{url}/note", body="An hour's <work>")
    assert answer.status_code == 403
    assert "An hour&#39;s &lt;work&gt;" in answer.text


def test_an_error_of_ours_gives_the_typed_words_back(
    world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_args: object, **_named: object) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr("app.web.desk.writing.reply_flow.reply", break_down)
    nils = enter("nils")
    nils.http.application.config["PROPAGATE_EXCEPTIONS"] = False
    answer = nils.send(f"/desk/tickets/{world.reference}/reply", body="Långt svar.", channel="email", then="open")
    assert answer.status_code == 500
    assert "Långt svar." in answer.text
    assert "out of order" not in answer.text


def test_whoever_was_faster_is_shown_and_not_overwritten(
    nils: DeskClient, url: str, world: World, system: System, authority: Authority
) -> None:
    nora = authority.viewers["nora"]
    assign.take(system, nora, world.reference)
    told = nils.send(f"{url}/take", seen_assignee="")
    assert told.status_code == 409
    assert "Somebody was faster" in told.text
    rows = re.findall(r'<th scope="row">Assigned to</th><td>(.*?)</td><td><b>(.*?)</b>', told.text)
    assert rows == [("Nobody", "Nora")]
    with system.db.read() as session:
        assert session.scalars(select(Ticket.assignee_id)).first() == nora.user_id
    assert nils.send(f"{url}/take", seen_assignee=str(nora.user_id)).status_code == 303


@pytest.mark.parametrize(
    ("form", "seen", "typed"),
    [
        ("state", {"seen_state": "new"}, {"step": "resolve"}),
        ("transfer", {"seen_assignee": ""}, {"unit": "2", "reason": "Hör hemma där"}),
        ("topic", {"seen_topic": ""}, {"topic": ""}),
        ("language", {"seen_language": "sv"}, {"language": "en"}),
    ],
)
def test_each_form_knows_what_it_showed(
    form: str,
    seen: dict[str, str],
    typed: dict[str, str],
    nils: DeskClient,
    url: str,
    world: World,
    system: System,
    authority: Authority,
) -> None:
    page = nils.get(url).text
    (name,) = seen
    assert re.search(f'name="{name}" value="{re.escape(seen[name])}"', page) or name == "seen_topic"
    nora = authority.viewers["nora"]
    assign.take(system, nora, world.reference)
    assign.change_language(system, nora, world.reference, language="fi")
    with system.db.read() as session:
        other = session.scalars(select(Topic.id)).first()
    assign.change_topic(system, nora, world.reference, topic_id=None)
    assign.change_topic(system, nora, world.reference, topic_id=other)
    told = nils.send(f"{url}/{form}", **seen, **typed)
    assert told.status_code == 409
    assert "When you opened it" in told.text
    assert typed.get("reason", "") in told.text


def test_a_ticket_is_put_aside_until_a_morning_of_the_persons_clock(
    nils: DeskClient, url: str, world: World, system: System
) -> None:
    told = nils.send(f"{url}/snooze", until="2026-11-16", reason="")
    assert told.status_code == 422
    assert 'id="snooze-until-fault"' in told.text
    assert 'id="snooze-reason-fault"' in told.text
    assert nils.send(f"{url}/snooze", until="2026-11-18", reason="Ringer då").status_code == 303
    with system.db.read() as session:
        until = session.scalars(select(Ticket.snoozed_until)).first()
    assert until is not None
    assert until.isoformat() == "2026-11-18T07:00:00+00:00"
    page = nils.get(url).text
    assert "Ringer då" in page
    nils.send(f"{url}/snooze", wake="1")
    assert "Put aside no more." in nils.get(url).text
