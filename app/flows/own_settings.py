"""What members of staff set for themselves."""

from __future__ import annotations

from app.accounts.models import User
from app.accounts.policy import Viewer
from app.core.errors import InvalidInputError
from app.core.system import System
from app.texts.catalogue import SUPPORTED


def choose_own_language(system: System, viewer: Viewer, language: str) -> None:
    """The desk speaks this language to the viewer from now on. Raises InvalidInputError."""
    if language not in SUPPORTED:
        raise InvalidInputError({"language": "Choose one of the languages."})
    with system.db.begin() as session:
        session.get_one(User, viewer.user_id).language = language
