"""The addresses of our own pages, put together once: a page holds some fifty, nearly always the same ones."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

import flask
from flask import Flask, request

KEPT = 5000


def install(app: Flask) -> None:
    """Templates ask `url_for` as everywhere; they get it from here."""
    app.jinja_env.globals["url_for"] = address_of


def address_of(endpoint: str, **values: Hashable) -> str:
    """The address of a page below this installation's root, as Flask's `url_for` makes it."""
    return _address(request.script_root, endpoint, tuple(values.items()))


@lru_cache(maxsize=KEPT)
def _address(_root: str, endpoint: str, values: tuple[tuple[str, Hashable], ...]) -> str:
    return flask.url_for(endpoint, **dict(values))  # type: ignore[arg-type]
