"""The list: what is due first, in groups, by shareable filters, a page at a time, in a fixed number of queries."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from app.core.system import System
from app.flows import assign, close, reply
from app.flows.reply import Answer
from app.tickets.models import Ticket
from app.tickets.states import State
from channels.contract import ChannelName
from tests.factories import MONDAY, Authority, arrives, mail
from tests.queries import count_queries
from tests.web.conftest import NOW, Enter, World, add_tickets


def subjects(page: str) -> list[str]:
    """The subjects of the rows, in their order."""
    rows = re.findall(r'<a class="row.*?</a>', page, re.DOTALL)
    return [unescape(re.search(r'<span lang="[^"]*">([^<]*)</span>', row)[1]) for row in rows]  # type: ignore[index]


def headings(page: str) -> list[tuple[str, int]]:
    found = re.findall(r'<h2 class="grp[^"]*">([^<]+) <span class="n">(\d+)</span>', page)
    return [(name, int(count)) for name, count in found]


def test_what_is_due_first_stands_first_and_what_stands_still_last(
    system: System, authority: Authority, enter: Enter
) -> None:
    add_tickets(system, authority, 12)
    page = enter("nils").get("/desk/").text
    assert subjects(page) == [f"Question {n}" for n in (*range(9), 10, 11, 9)]


def test_the_groups_are_those_of_the_wall_clock(system: System, authority: Authority, enter: Enter) -> None:
    """It is 9:30 in Stockholm; the tickets are due from minutes ago to next week, and one has no clock."""
    add_tickets(system, authority, 10)
    minutes = [-5, 59, 61, 14 * 60, 15 * 60, 38 * 60, 39 * 60, 7 * 24 * 60, 8 * 24 * 60]
    with system.db.begin() as session:
        for ticket, minute in zip(session.query(Ticket).order_by(Ticket.id), minutes, strict=False):
            ticket.due_at = ticket.order_at = NOW + timedelta(minutes=minute)
    found = headings(enter("nils").get("/desk/").text)
    assert found == [
        ("Overdue", 1),
        ("Within 1 hour", 1),
        ("Later today", 2),
        ("Tomorrow", 2),
        ("Later", 3),
        ("Paused or without a clock", 1),
    ]


def test_a_clock_says_its_state_in_words_and_sign(system: System, authority: Authority, enter: Enter) -> None:
    add_tickets(system, authority, 50)
    page = enter("nils").get("/desk/").text
    assert "Late by 30 min" in page
    assert '<span class="chip late" data-due="2026-11-16T08:00:00+00:00"' in page
    assert '<span class="chip soon"' in page
    assert '<span class="chip ok"' in page
    assert "No clock is running" in page


def test_a_paused_clock_says_for_whom_it_waits(
    system: System, world: World, authority: Authority, enter: Enter
) -> None:
    """Nothing pauses the first response; after the answer only the resolution is left, and it waits."""
    nils = enter("nils")
    answer = Answer("Vad heter du?", ChannelName.EMAIL, State.WAITING)
    reply.reply(system, authority.viewers["nils"], world.reference, answer)
    page = nils.get("/desk/?state=waiting").text
    assert "Paused: waiting for the citizen" in page
    assert headings(page) == [("Paused or without a clock", 1)]


def test_a_pause_before_any_answer_does_not_hide_the_first_response(
    system: System, world: World, authority: Authority, enter: Enter
) -> None:
    nils = enter("nils")
    close.pause(system, authority.viewers["nils"], world.reference, reason="citizen")
    page = nils.get("/desk/?state=waiting").text
    assert '<span class="tag">Waiting</span>' in page
    assert "3 h 30 min left" in page


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ("channel=phone", {1, 4, 7, 10}),
        ("who=mine", {2}),
        ("who=nobody", {0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11}),
        ("state=waiting", set()),
        ("due=overdue", {0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11}),
        ("channel=letter&who=mine", {2}),
    ],
)
def test_filters_stand_in_the_address(
    params: str, expected: set[int], system: System, authority: Authority, enter: Enter
) -> None:
    add_tickets(system, authority, 12)
    assign.take(system, authority.viewers["nils"], "1000000020")
    found = subjects(enter("nils").get(f"/desk/?{params}").text)
    assert set(found) == {f"Question {n}" for n in expected}


def test_a_filter_shows_as_chips_that_take_it_away(system: System, authority: Authority, enter: Enter) -> None:
    add_tickets(system, authority, 3)
    page = enter("nils").get("/desk/?channel=phone&who=nobody").text
    chips = re.findall(r'<a class="tag" href="([^"]+)">', page)
    assert [unescape(chip) for chip in chips] == ["/desk/?who=nobody", "/desk/?channel=phone"]


def test_a_ticket_keeps_the_list_it_was_opened_from(world: World, enter: Enter) -> None:
    page = enter("nils").get(f"/desk/tickets/{world.reference}?who=nobody").text
    assert f"/desk/tickets/{world.reference}/take?who=nobody" in page
    assert re.search(r'<a class="row[^>]*who=nobody[^>]*aria-current="true"', page)


def test_resolved_tickets_come_last_changed_first(system: System, authority: Authority, enter: Enter) -> None:
    add_tickets(system, authority, 5)
    nils = enter("nils")
    with system.db.begin() as session:
        for ticket in session.query(Ticket):
            ticket.state = "resolved"
    assert subjects(nils.get("/desk/").text) == []
    assert subjects(nils.get("/desk/?state=resolved").text) == [f"Question {n}" for n in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize("view", ["/desk/", "/desk/?state=resolved"])
def test_show_more_goes_through_everything_once(view: str, system: System, authority: Authority, enter: Enter) -> None:
    add_tickets(system, authority, 120)
    nils = enter("nils")
    if "resolved" in view:
        with system.db.begin() as session:
            for ticket in session.query(Ticket):
                ticket.state = "resolved"
                ticket.changed_at = MONDAY  # all at one instant: the id must decide
    seen: list[str] = []
    pages, url = 0, view
    while url:
        page = nils.get(url).text
        seen += subjects(page)
        more = re.search(r'<a class="btn" href="([^"]+)" hx-get', page)
        url, pages = unescape(more[1]) if more else "", pages + 1
    assert pages == 3
    assert len(seen) == len(set(seen)) == 120


def test_a_further_page_goes_on_without_repeating_its_heading(
    system: System, authority: Authority, enter: Enter
) -> None:
    add_tickets(system, authority, 70)
    nils = enter("nils")
    more = unescape(re.search(r'hx-get="([^"]+)"', nils.get("/desk/?due=").text)[1])  # type: ignore[index]
    fragment = nils.get(more, headers={"HX-Request": "true"}).text
    assert "<html" not in fragment
    assert "Within 1 hour" not in [name for name, _ in headings(fragment)]
    assert len(subjects(fragment)) == 20


@pytest.mark.parametrize("cursor", ["x", "2026-11-16T08:00:00~1", "2026-11-16T08:00:00+00:00~x", "~", "9~9~9"])
def test_a_cursor_that_nobody_made_shows_the_first_page(cursor: str, enter: Enter, world: World) -> None:
    answer = enter("nils").get("/desk/", query_string={"after": cursor})
    assert answer.status_code == 200
    assert subjects(answer.text)


def test_the_rail_counts_what_its_views_show(system: System, authority: Authority, enter: Enter) -> None:
    add_tickets(system, authority, 40)
    assign.take(system, authority.viewers["nils"], "1000000020")
    nils = enter("nils")
    rail = re.search(r'<nav class="rail".*?</nav>', nils.get("/desk/").text, re.DOTALL)[0]  # type: ignore[index]
    views = re.findall(r'<a href="([^"]+)"[^>]*>([^<]+) <span class="n">(\d+)', rail)
    assert len(views) == 7
    for url, name, count in views:
        assert len(subjects(nils.get(unescape(url)).text)) == int(count), name


def test_the_list_of_a_figure_holds_all_its_tickets_whatever_their_state(
    system: System, authority: Authority, enter: Enter
) -> None:
    first, second = (
        arrives(system, mail(message_id=f"{n}@example.se", subject=f"Ärende {n}"), item_id=f"1:{n}") for n in (1, 2)
    )
    close.resolve(system, authority.viewers["nils"], authority.ticket(first.ticket_id).reference)
    url = f"/desk/?cell=received.{authority.units['north'].id}.email.2026-W47"
    page = enter("nils").get(url)
    assert sorted(subjects(page.text)) == ["Ärende 1", "Ärende 2"]
    assert "Unit north, E-mail, 2026-W47: received" in page.text
    assert second.ticket_id
    assert enter("saku").get(url).status_code == 404
    assert enter("nils").get("/desk/?cell=nonsense").status_code == 422


def test_an_administrator_without_a_unit_is_told_how_tickets_open(world: World, enter: Enter) -> None:
    admin = enter("admin")
    page = admin.get("/desk/").text
    assert "You belong to no unit" in page
    assert "Siri" not in page
    assert admin.get(f"/desk/open?reference={world.reference}").headers["Location"].endswith(world.reference)


@pytest.mark.parametrize("url", ["/desk/", "/desk/?channel=email&who=nobody", "/desk/?state=resolved"])
def test_the_list_asks_as_often_for_5_rows_as_for_500(
    url: str, system: System, authority: Authority, enter: Enter
) -> None:
    nils = enter("nils")
    add_tickets(system, authority, 5)
    nils.get(url)
    with count_queries(system.db.engine) as few:
        nils.get(url)
    add_tickets(system, authority, 495, start=5)
    with count_queries(system.db.engine) as many:
        nils.get(url)
    assert few.count == many.count <= 13, str(many)
