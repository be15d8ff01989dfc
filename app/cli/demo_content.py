"""Loads the demo authority: units, staff, articles, mailbox and letter folder. Loading twice changes nothing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, cast

from sqlalchemy import select

import demo
from app.accounts.models import Authority
from app.core.demo import DEMO_PASSWORD, DemoPlaces
from app.core.errors import LuukkuError
from app.core.system import System
from app.flows.articles import load_articles, refresh_search
from app.flows.found import found
from app.flows.sources import NewSource, add_source
from app.sources.models import Source

CONTENT = Path(demo.__file__).parent
QUIET_SECONDS = "0.5"
"""how long a letter must rest: the console renames finished files, nothing is written slowly"""


def description() -> dict[str, Any]:
    """The demo authority as its file tells it."""
    return cast("dict[str, Any]", json.loads((CONTENT / "authority.json").read_text("utf-8")))


def load_if_changed(system: System) -> bool:
    """Load the demo unless this data folder holds it as it is; True when it was loaded."""
    marker, digest = DemoPlaces(system.settings.data_dir).loaded, _digest()
    if _authority(system) and marker.exists() and marker.read_text() == digest:
        return False
    load(system)
    return True


def load(system: System) -> None:
    """Load everything of the demo. Raises LuukkuError when the database belongs to another authority."""
    told = description()
    if _authority(system) not in {None, told["domain"]}:
        raise LuukkuError(
            "This database holds another authority; the demo needs a data folder of its own."
            " Name one with LUUKKU_DATA_DIR."
        )
    places = DemoPlaces(system.settings.data_dir)
    places.make()
    found(system, told, password=DEMO_PASSWORD)
    load_articles(system, CONTENT / "articles")
    _add_sources(system, places)
    refresh_search(system)
    places.loaded.write_text(_digest())


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


def _authority(system: System) -> str | None:
    """The domain of the authority that the database holds, None when it holds none."""
    with system.db.read() as session:
        return session.scalar(select(Authority.domain))


def _digest() -> str:
    told = hashlib.sha256()
    for path in sorted(CONTENT.rglob("*")):
        if path.is_file() and path.suffix in {".json", ".md"}:
            told.update(path.relative_to(CONTENT).as_posix().encode() + b"\0" + path.read_bytes())
    return told.hexdigest()
