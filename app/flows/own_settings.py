"""What members of staff set for themselves."""

from __future__ import annotations

from app.accounts.models import User
from app.accounts.policy import Viewer
from app.core.errors import InvalidInputError
from app.core.system import System
from app.texts.catalogue import SUPPORTED


def choose(system: System, viewer: Viewer, language: str, *, single_keys: bool) -> None:
    """The desk speaks this language to the viewer from now on, and takes single keys as commands or not.

    Raises InvalidInputError.
    """
    if language not in SUPPORTED:
        raise InvalidInputError({"language": "Choose one of the languages."})
    with system.db.begin() as session:
        user = session.get_one(User, viewer.user_id)
        user.language, user.single_keys = language, single_keys
