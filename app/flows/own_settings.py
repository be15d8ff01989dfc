"""What members of staff set for themselves."""

from __future__ import annotations

from collections.abc import Collection

from app.accounts import audit, sessions
from app.accounts.models import User
from app.accounts.policy import Viewer
from app.core import clock
from app.core.errors import InvalidInputError
from app.core.system import System
from app.screens.start_page import ALL, MINE, start_choices
from app.texts.catalogue import N_, SUPPORTED

UNDO_CHOICES = (0, 10, 20, 60)
"""seconds"""


def choose(
    system: System,
    viewer: Viewer,
    language: str,
    *,
    single_keys: bool,
    undo_seconds: int | None = None,
    starts_with: str = ALL,
) -> None:
    """The desk speaks this language to the viewer from now on, and takes single keys as commands or not.

    Their answers wait `undo_seconds`, None = as long as the authority has set; `starts_with` is as `screens.start_page`
    has it. Raises InvalidInputError.
    """
    if undo_seconds not in {None, *UNDO_CHOICES}:
        raise InvalidInputError({"undo": N_("Choose one of the times.")})
    if language not in SUPPORTED:
        raise InvalidInputError({"language": "Choose one of the languages."})
    with system.db.begin() as session:
        if starts_with not in {ALL, MINE, *(str(view.id) for view in start_choices(session, viewer))}:
            raise InvalidInputError({"start": N_("Choose one of the lists.")})
        user = session.get_one(User, viewer.user_id)
        user.language, user.single_keys, user.undo_seconds = language, single_keys, undo_seconds
        user.starts_with = starts_with


def end_logins(system: System, viewer: Viewer, login_ids: Collection[int]) -> int:
    """End log-ins of the viewer, on whatever machine; how many. Kept in the audit trail."""
    with system.db.begin() as session:
        at = clock.now()
        ended = sessions.end(session, viewer.user_id, login_ids, at=at)
        if ended:
            audit.note(session, "logins_ended", at=at, user_id=viewer.user_id, logins=sorted(login_ids))
        return ended
