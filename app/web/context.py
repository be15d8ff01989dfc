"""What a request needs of its surroundings: the system, who is looking, and the moment it came."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from datetime import datetime

from flask import Flask, current_app, g, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.accounts.policy import Viewer
from app.core import clock
from app.core.config import Settings
from app.core.system import System

EXTENSION = "luukku"


def install(app: Flask) -> None:
    """Let go of what a request has read from when it ends."""
    app.teardown_request(end_reading)


def system() -> System:
    """The system that this application was made for."""
    found: System = current_app.extensions[EXTENSION]
    return found


@contextmanager
def reading() -> Iterator[Session]:
    """One consistent view of the data for everything that a page asks.

    What a form did is seen by whatever is read after it: with any other method each asks for a view of its own. It
    keeps a connection to the end of the request: whatever asks for another one calls `end_reading` before, or enough
    requests at once would wait for each other.
    """
    if request.method != "GET":
        with system().db.read() as session:
            yield session
        return
    if "reading" not in g:
        g.reading = ExitStack()
        g.read_by = g.reading.enter_context(system().db.read())
    try:
        yield g.read_by
    except DBAPIError:
        end_reading()
        raise


def end_reading(_error: BaseException | None = None) -> None:
    """Let go of the view; the next one who reads gets a newer one."""
    if (open_one := g.pop("reading", None)) is not None:
        open_one.close()


def viewer() -> Viewer:
    """The person who is logged in. Only endpoints that demand a log-in may ask."""
    found: Viewer = g.viewer
    return found


def is_logged_in() -> bool:
    """Whether anybody is logged in."""
    return g.get("viewer") is not None


def login_id() -> int:
    """The id of this log-in."""
    return int(g.login_id)


def settings() -> Settings:
    """The settings as administrators have tuned them. Only endpoints that demand a log-in may ask."""
    found: Settings = g.settings
    return found


def request_at() -> datetime:
    """The instant of this request; the same wherever the page asks."""
    if "at" not in g:
        g.at = clock.now()
    at: datetime = g.at
    return at


_language: ContextVar[str] = ContextVar("language", default="en")
"""a variable of its own, as a page asks for it some hundred times"""


def language() -> str:
    """The language of the page: "sv", "fi" or "en"."""
    return _language.get()


def speak(tag: str) -> None:
    """Answer in this language from now on; each request says so before anything else."""
    _language.set(tag)
