"""Help stands at the same place of every page, and anybody may read it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import update

from app.accounts.models import User
from app.core.system import System
from app.texts.catalogue import read_catalogue
from app.web.public_endpoints import is_public
from tests.factories import Authority
from tests.web.conftest import Enter, World
from tests.web.test_web_crawl import NO_PAGES, english_in
from tests.web.test_web_rights import address

PAGES = ("/help/", "/help/accessibility")


@pytest.mark.parametrize("language", ["sv", "fi", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_anybody_reads_it_in_their_language(page: str, language: str, desk_app: Flask, world: World) -> None:
    answer = desk_app.test_client().get(page, headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    assert english_in(answer.text, language) == []
    assert "Log out" not in answer.text


def test_only_who_works_here_learns_who_administers(
    desk_app: Flask, enter: Enter, authority: Authority, world: World, system: System
) -> None:
    with system.db.begin() as session:
        session.execute(update(User).where(User.is_admin).values(email="boss@authority.example"))
    assert "boss@authority.example" in enter("nils").get("/help/").text
    assert "boss@authority.example" not in desk_app.test_client().get("/help/").text
    with system.db.begin() as session:
        session.execute(update(User).where(User.is_admin).values(is_active=False))
    assert "boss@authority.example" not in enter("nils").get("/help/").text


def test_the_statement_names_the_authority_and_where_to_write(desk_app: Flask, authority: Authority) -> None:
    page = desk_app.test_client().get("/help/accessibility", headers={"Accept-Language": "sv"}).text
    assert f'href="mailto:{authority.units["north"].mailbox}?subject=' in page
    assert "Ärendehanteringens tillgänglighet" in page


def test_the_link_is_at_one_place_of_every_page(desk_app: Flask, enter: Enter, world: World) -> None:
    """In the desk between one's settings and the way out, elsewhere last on the page (WCAG 2.2, 3.2.6)."""
    nora, checked = enter("nora"), set()
    for rule in desk_app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or is_public(rule.endpoint) or rule.endpoint in NO_PAGES:
            continue
        answer = nora.get(address(desk_app, rule, world))
        if answer.content_type.startswith("text/html") and '<header class="bar">' in answer.text:
            links = re.findall(r'href="([^"]+)"|data-logout', answer.text)
            here = " ".join(link or "out" for link in links if link in {"/desk/settings/", "/help/", ""})
            assert "/desk/settings/ /help/ out" in here or here.endswith("/help/"), rule.endpoint
            checked.add(rule.endpoint)
    assert len(checked) > 30
    nobody = desk_app.test_client()
    for path in ("/login", "/password", "/welcome/unknown", "/desk/nothing-here"):
        page = nobody.get(path, follow_redirects=True).text
        assert re.findall(r'href="([^"]+)"', page)[-1] == "/help/", path


def test_its_words_are_no_empty_ones() -> None:
    for language in ("sv", "fi"):
        said = read_catalogue(language).get("Accessibility of the desk")
        assert said is not None
        assert said.string not in {"", said.id}
