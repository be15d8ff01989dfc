from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import select

from app.core.system import System
from app.flows import note, suggest
from app.flows.articles import load_articles
from app.flows.call import take_event
from app.suggest.models import Suggestion
from app.tickets.models import Ticket
from tests.factories import Authority

ARTICLES = Path(__file__).resolve().parents[2] / "demo" / "articles"


def test_a_call_s_note_written_anew_gets_its_suggestions_once(system: System, authority: Authority) -> None:
    load_articles(system, ARTICLES)
    event = {"call_id": "c1", "at": "2026-11-16T09:00:00+01:00", "number": "+46701740605", "dialled": "+46846500415"}
    for kind in ("ringing", "answered"):
        take_event(system, json.dumps({**event, "kind": kind, "language": "sv"}).encode())
    with system.db.read() as session:
        reference = session.scalars(select(Ticket.reference)).one()
    shelf = suggest.Shelf()
    for words in ("Kan jag resa innan kortet har kommit?", "Kan jag resa innan kortet har kommit? Ja."):
        note.note_call(system, authority.viewers["nils"], reference, words, resolve=False)
        assert suggest.suggest_waiting(system, shelf) == 1
    with system.db.read() as session:
        ranks = sorted(session.scalars(select(Suggestion.rank)))
    assert ranks == [1, 2, 3, 4, 5]
