"""Every page of the desk in the three languages: it answers, says which language it speaks, and speaks it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import update

from app.accounts.models import User
from app.core.system import System
from app.texts.catalogue import read_catalogue
from app.web.public_endpoints import is_public
from tests.web.conftest import Enter, World
from tests.web.test_web_rights import address

NO_PAGES = frozenset(
    {"live.stream", "files.attachment", "files.letter", "files.as_sent", "files.original", "calls.ringing"}
)
"""files, fragments and a stream"""
SHORTEST = 14
"""shorter texts may be part of a name"""


@pytest.mark.parametrize("language", ["sv", "fi", "en"])
@pytest.mark.parametrize("who", ["nora", "admin"])
def test_every_page_speaks_the_language_of_its_reader(
    who: str, language: str, desk_app: Flask, world: World, enter: Enter, system: System
) -> None:
    system.settings.data_dir.mkdir(parents=True, exist_ok=True)
    with system.db.begin() as session:
        session.execute(update(User).values(language=language))
    client, seen = enter(who), set()
    for rule in desk_app.url_map.iter_rules():
        if "GET" not in rule.methods or is_public(rule.endpoint) or rule.endpoint in NO_PAGES:
            continue
        answer = client.get(address(desk_app, rule, world), follow_redirects=True)
        assert answer.status_code in {200, 404}, rule.rule
        if answer.content_type.startswith("text/html"):
            seen.add(rule.endpoint)
            assert f'<html lang="{language}"' in answer.text, rule.rule
            assert english_in(answer.text, language) == [], rule.rule
    assert {"desk.tickets", "ticket.show", "search.tickets", "preferences.mine", "templates.index"} <= seen


def english_in(page: str, language: str) -> list[str]:
    """Sentences of the catalogue that stand in the page in English though they have a translation."""
    if language == "en":
        return []
    words = re.sub(r"<script.*?</script>|<style.*?</style>", "", page, flags=re.DOTALL)
    said = {text.strip() for text in re.findall(r">([^<>]+)<", words)}
    known = {
        message.id
        for message in read_catalogue(language)
        if isinstance(message.id, str) and len(message.id) >= SHORTEST and message.string != message.id
    }
    return sorted(said & known)
