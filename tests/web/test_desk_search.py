"""Search over tickets and articles, and the items that became no ticket."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import insert, select

from app.articles.models import Article, ArticleText
from app.core.system import System
from app.flows import transfer
from app.flows.articles import rebuild_search
from app.flows.call import take_event
from app.intake.models import Inbound
from app.search import service as search
from app.tickets.models import Message, Ticket
from tests.factories import MONDAY, Authority, arrives, mail
from tests.queries import count_queries
from tests.web.conftest import DeskClient, Enter, World, ring


@pytest.fixture
def nils(enter: Enter) -> DeskClient:
    return enter("nils")


def hits(page: str) -> list[str]:
    return re.findall(r'<h3><a href="/desk/tickets/(\d+)"', page)


def test_a_whole_reference_opens_its_ticket(nils: DeskClient, world: World) -> None:
    spaced = f"{world.reference[:4]} {world.reference[4:8]} {world.reference[8:]}"
    for query in (world.reference, spaced, f" {world.reference} "):
        assert nils.get("/desk/search/", query_string={"q": query}).headers["Location"].endswith(world.reference)


def test_a_reference_of_another_unit_finds_nothing(enter: Enter, world: World) -> None:
    answer = enter("saku").get(f"/desk/search/?q={world.reference}")
    assert answer.status_code == 200
    assert not hits(answer.text)


@pytest.mark.parametrize("query", ["kort", "KÖRT", "utomlands korte", "siri.testsson", "kvitto", "Resa Siri"])
def test_words_sender_and_file_names_are_found_in_any_case(query: str, nils: DeskClient, world: World) -> None:
    found = nils.get("/desk/search/", query_string={"q": query}).text
    assert hits(found) == [world.reference]


def test_matches_are_marked_and_everything_else_is_escaped(nils: DeskClient, world: World) -> None:
    page = nils.get("/desk/search/?q=utomlands").text
    assert "<mark>utomlands</mark> &amp; tillbaka" in page


@pytest.mark.parametrize(
    "query", ["", "   ", '"', "'; DROP TABLE ticket; --", "a*b (c) OR NOT & | ! :*", "%", "x" * 5000]
)
def test_nothing_that_is_typed_breaks_the_search(query: str, nils: DeskClient, world: World) -> None:
    assert nils.get("/desk/search/", query_string={"q": query}).status_code == 200


def test_the_unit_that_held_a_ticket_still_finds_it(
    nils: DeskClient, world: World, system: System, authority: Authority
) -> None:
    to = authority.units["southern"].id
    transfer.transfer(system, authority.viewers["nils"], world.reference, to=to, reason="Finland")
    assert hits(nils.get("/desk/search/?q=utomlands").text) == [world.reference]


def test_the_newest_comes_first_and_pages_go_through_all(nils: DeskClient, system: System, world: World) -> None:
    references = []
    for number in range(35):
        filed = arrives(
            system, mail(f"gemensamt ord {number}", message_id=f"{number}@example.se"), item_id=f"5:{number}"
        )
        with system.db.read() as session:
            references.append(session.get_one(Ticket, filed.ticket_id).reference)
    first = nils.get("/desk/search/?q=gemensamt").text
    assert hits(first) == references[::-1][:30]
    more = re.search(r'<a class="btn" href="([^"]+before=\d+)"', first)[1].replace("&amp;", "&")  # type: ignore[index]
    assert hits(nils.get(more).text) == references[::-1][30:]


def test_search_asks_as_often_for_5_hits_as_for_500(nils: DeskClient, world: World, system: System) -> None:
    add_messages(system, world, 5)
    nils.get("/desk/search/?q=nyckelord")
    with count_queries(system.db.engine) as few:
        nils.get("/desk/search/?q=nyckelord")
    add_messages(system, world, 495)
    with count_queries(system.db.engine) as many:
        page = nils.get("/desk/search/?q=nyckelord")
    assert few.count == many.count <= 5, str(many)
    assert len(hits(page.text)) == 30


def add_messages(system: System, world: World, count: int) -> None:
    """So many tickets with one message each that the search finds."""
    with system.db.begin() as session:
        model = session.scalars(select(Ticket).where(Ticket.reference == world.reference)).one()
        start = session.query(Ticket).count()
        for number in range(start, start + count):
            ticket = Ticket(
                reference=f"{10**8 + number:09d}0",
                subject=f"Fråga {number}",
                state="new",
                channel="email",
                language="sv",
                unit_id=model.unit_id,
                arrived_at=MONDAY,
                created_at=MONDAY,
                changed_at=MONDAY,
                order_at=MONDAY,
            )
            session.add(ticket)
            session.flush()
            message = Message(
                ticket_id=ticket.id, direction="in", kind="citizen", channel="email", at=MONDAY, body="Ett nyckelord."
            )
            session.add(message)
            session.flush()
            search.index_message(session, ticket, message)


def test_what_could_not_be_read_waits_for_heads_with_its_original(enter: Enter, world: World, system: System) -> None:
    """The broken letter came to a folder that is no unit's own."""
    nora = enter("nora")
    page = nora.get("/desk/inbound/").text
    assert "Quarantine" in page
    original = re.search(r'href="(/desk/inbound/\d+/original)"', page)[1]  # type: ignore[index]
    answer = nora.get(original)
    assert answer.data == b"%PDF-broken"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    nils = enter("nils")
    assert "Nothing that came to your units waits here." in nils.get("/desk/inbound/").text
    assert nils.get(original).status_code == 404
    assert enter("admin").get(original).status_code == 200


def test_what_came_to_a_units_own_mailbox_is_that_units(enter: Enter, world: World, system: System) -> None:
    with system.db.begin() as session:
        item = session.scalars(select(Inbound).where(Inbound.fate == "quarantined")).one()
        item.recipient = "North@Migration.example"
    assert enter("nils").get(f"/desk/inbound/{item.id}/original").status_code == 200
    for name in ("saku", "suvi", "admin"):
        assert enter(name).get(f"/desk/inbound/{item.id}/original").status_code == 404


def test_what_was_left_aside_says_why(enter: Enter, world: World) -> None:
    page = enter("nora").get("/desk/inbound/?fate=ignored").text
    assert "an automatic reply that answers nothing of ours" in page
    assert enter("nora").get("/desk/inbound/?fate=ticket").status_code == 422


def test_an_item_that_became_a_ticket_has_no_back_door(enter: Enter, world: World, system: System) -> None:
    with system.db.read() as session:
        taken = session.scalars(select(Inbound.id).where(Inbound.fate == "ticket")).first()
    assert enter("nora").get(f"/desk/inbound/{taken}/original").status_code == 404


@pytest.fixture
def article(system: System) -> int:
    """One article in Swedish and Finnish, indexed."""
    with system.db.begin() as session:
        family = Article(key="travel", topic_key="card")
        session.add(family)
        session.flush()
        texts = [
            {
                "language": "sv",
                "title": "Resa innan kortet kommit",
                "body": "Du får **resa**.\n\n<b>x</b>",
                "change": 1,
            },
            {"language": "fi", "title": "Matkustaminen ennen korttia", "body": "Saat matkustaa.", "change": 2},
        ]
        common = {"article_id": family.id, "version": 1, "is_published": True, "changed_at": MONDAY}
        session.execute(insert(ArticleText), [{**text, **common} for text in texts])
        article_id = family.id
    rebuild_search(system)
    return article_id


def test_the_search_box_finds_articles_and_marks_what_fits(nils: DeskClient, article: int) -> None:
    page = nils.get("/desk/articles/?q=resa&lang=sv").text
    assert f"/desk/articles/{article}?lang=sv" in page
    assert "<mark>" in page
    assert "No article has these words." in nils.get("/desk/articles/?q=xyzzy").text


def test_an_article_shows_in_each_of_its_languages_and_cannot_run(nils: DeskClient, article: int) -> None:
    page = nils.get(f"/desk/articles/{article}?lang=sv").text
    assert "<strong>resa</strong>" in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert 'hreflang="fi"' in page
    assert "Saat matkustaa." in nils.get(f"/desk/articles/{article}?lang=fi").text
    assert "Du får" in nils.get(f"/desk/articles/{article}?lang=xx").text
    assert nils.get("/desk/articles/999").status_code == 404
    assert "Resa innan kortet kommit" in nils.get("/desk/articles/").text


@pytest.mark.parametrize("typed", ["070-174 06 05", "0701740605", "+46 70 174 06 05", "+46701740605"])
def test_a_caller_is_found_by_the_number_however_it_is_written(
    typed: str, system: System, authority: Authority, enter: Enter
) -> None:
    take_event(system, ring("call-9", MONDAY).replace(b"ringing", b"answered"))
    page = enter("nils").get("/desk/search/", query_string={"q": typed}).text
    assert 'class="hit"' in page
    assert 'class="hit"' not in enter("nils").get("/desk/search/?q=070-174 06 06").text
