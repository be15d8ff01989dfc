"""The explicit list of what answers."""

from __future__ import annotations

from flask import Blueprint

from app.core.config import Settings
from app.web.api.calls import api
from app.web.auth import auth
from app.web.desk.tickets import desk


def blueprints(settings: Settings) -> list[Blueprint]:
    """Everything that answers under these settings."""
    return [auth, desk, api]
