"""Loads the demo authority: units, staff, articles, mailbox and letter folder. Loading twice changes nothing."""

from __future__ import annotations

import json
from typing import Any, cast

from sqlalchemy import select

from app.cli.demo_state import CONTENT, authority_domain, digest
from app.core.demo import DEMO_PASSWORD, DemoPlaces
from app.core.errors import LuukkuError
from app.core.system import System
from app.flows.articles import load_articles
from app.flows.found import found
from app.flows.sources import NewSource, add_source
from app.sources.models import Source

QUIET_SECONDS = "0.5"
"""how long a letter must rest: the console renames finished files, nothing is written slowly"""


def description() -> dict[str, Any]:
    """The demo authority as its file tells it."""
    return cast("dict[str, Any]", json.loads((CONTENT / "authority.json").read_text("utf-8")))


def load(system: System) -> None:
    """Load everything of the demo but the search box's index, which the worker builds.

    Raises LuukkuError when the database belongs to another authority.
    """
    told = description()
    if authority_domain(system) not in {None, told["domain"]}:
        raise LuukkuError(
            "This database holds another authority; the demo needs a data folder of its own."
            " Name one with LUUKKU_DATA_DIR."
        )
    places = DemoPlaces(system.settings.data_dir)
    places.make()
    found(system, told, password=DEMO_PASSWORD)
    load_articles(system, CONTENT / "articles")
    _add_sources(system, places)
    places.loaded.write_text(digest())


def _add_sources(system: System, places: DemoPlaces) -> None:
    wanted = [
        NewSource("demo-mail", "email", "maildir", {"path": str(places.mail_in), "poll_seconds": "0.2"}),
        NewSource("demo-letters", "letter", "folder", {"path": str(places.letters), "quiet_seconds": QUIET_SECONDS}),
    ]
    with system.db.read() as session:
        known = set(session.scalars(select(Source.name)))
    for source in wanted:
        if source.name not in known:
            add_source(system, source, password="")
