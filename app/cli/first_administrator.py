"""Who can log in to a database that nobody has set up yet."""

from __future__ import annotations

import secrets

from sqlalchemy import select

from app.accounts.models import User
from app.core.system import System
from app.flows.staff import NewUser, add_user

ADDRESS = "admin@localhost"


def first_administrator(system: System) -> tuple[str, str] | None:
    """The address and password of a new administrator, or None when somebody can log in already."""
    with system.db.read() as session:
        if session.scalar(select(User.id).limit(1)) is not None:
            return None
    password = secrets.token_urlsafe(12)
    add_user(system, NewUser(ADDRESS, "Administrator", "en", is_admin=True), password=password)
    return ADDRESS, password
