"""The measurement of pages works; what it measures is no test's business."""

from __future__ import annotations

from app.bench.web import measure


def test_each_page_is_measured_as_agent_and_as_head_on_a_small_set() -> None:
    written, head, *rows = measure(tickets=120, requests=2, database="")
    assert written.startswith("SQLite: 120 tickets with ")
    assert head.split() == [
        "page",
        "as",
        "database",
        "queries",
        "CPU",
        "ms",
        "p95",
        "of",
        "it",
        "DB",
        "kB",
        "gz",
        "goal",
        "met",
    ]
    pages = {"list of the unit", "table, 100 rows", "search, common word", "ticket, 3 messages", "citizen's card"}
    for role in ("agent", "head"):
        names = {row.partition(f" {role} ")[0].strip() for row in rows if f" {role} " in row}
        assert pages <= names
    assert all(float(row.split("SQLite")[1].split()[0]) >= 5 for row in rows)
