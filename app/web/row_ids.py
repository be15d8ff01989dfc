"""Numbers of rows in addresses and forms: what no row can have is no number, and never reaches the database."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**31 - 1


class RowIdConverter(IntegerConverter):
    """`<int:…>` in a route; an address with a larger number does not exist."""

    def __init__(self, url_map: Map, **options: Any) -> None:
        super().__init__(url_map, **{"max": LARGEST, **options})


def install(app: Flask) -> None:
    """Bound every number in an address; before any route is added."""
    app.url_map.converters["int"] = RowIdConverter


def row_id(text: str) -> int:
    """The number that a form or query holds. Raises ValueError when no row can have it."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= LARGEST):
        raise ValueError("no number of a row")
    return int(text)


def number_of(text: str) -> int | None:
    """The same, or None for what is no number of a row."""
    try:
        return row_id(text)
    except ValueError:
        return None
