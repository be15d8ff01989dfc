"""What a request needs of its surroundings: the system, who is looking, and the moment it came."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import datetime

from flask import current_app, g

from app.accounts.policy import Viewer
from app.core import clock
from app.core.config import Settings
from app.core.system import System

EXTENSION = "luukku"


def system() -> System:
    """The system that this application was made for."""
    found: System = current_app.extensions[EXTENSION]
    return found


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
