"""What most pages of the desk need once: the units, and the time zone of the person's wall clock."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import g

from app.screens.directory import Directory, read_directory
from app.web.context import is_logged_in, reading, viewer


def directory() -> Directory:
    """The units; read once a request."""
    if "directory" not in g:
        with reading() as session:
            g.directory = read_directory(session)
    found: Directory = g.directory
    return found


def zone() -> ZoneInfo:
    """The zone of the person's first unit, else of the authority's first one; looked up once a request."""
    if "zone" not in g:
        g.zone = directory().zone_of(viewer().units if is_logged_in() else ())
    found: ZoneInfo = g.zone
    return found
