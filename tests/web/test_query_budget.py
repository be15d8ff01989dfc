"""What each page may ask of the database: a number that does not grow, however much there is."""

from __future__ import annotations

import pytest
from flask import Flask

from app.core.system import System
from app.web.public_endpoints import is_public
from tests.queries import count_queries
from tests.web.conftest import Enter, World
from tests.web.test_web_crawl import NO_PAGES
from tests.web.test_web_rights import address

BUDGET = 10
"""queries of a page, with those of its frame: who is there, the units, and the menu's numbers"""
LARGER = {
    "desk.tickets": 12,
    "citizens.show": 12,
    "machine.index": 13,
    "reports.index": 14,
    "ticket.show": 27,
    "ticket.why": 18,
    "printing.document": 18,
}
"""pages that show more: none of them asks more for more rows"""


@pytest.mark.parametrize("who", ["nora", "admin"])
def test_no_page_is_over_its_budget(who: str, desk_app: Flask, world: World, enter: Enter, system: System) -> None:
    client, asked = enter(who), {}
    for rule in desk_app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or is_public(rule.endpoint) or rule.endpoint in NO_PAGES:
            continue
        client.get(address(desk_app, rule, world))
        with count_queries(system.db.engine) as queries:
            client.get(address(desk_app, rule, world))
        asked[rule.endpoint] = queries.count
    over = {name: count for name, count in asked.items() if count > LARGER.get(name, BUDGET)}
    assert over == {}
