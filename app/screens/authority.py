"""Whom to ask: the authority's name and its administrators."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Authority, User
from app.core.db import rows


def administrators(session: Session) -> list[tuple[str, str]]:
    """Name and mail address of those who administer the desk, by name."""
    query = select(User.name, User.email).where(User.is_admin, User.is_active).order_by(User.name, User.id)
    return [(row.name, row.email) for row in rows(session, query)]


def authority_name(session: Session, language: str) -> str:
    """The authority's name in a language; "" for one that has none in it."""
    authority = session.get(Authority, 1)
    return str(authority.names.get(language, "")) if authority else ""
