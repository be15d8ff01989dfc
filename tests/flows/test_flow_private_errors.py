from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from app.core.log import without_rows
from app.core.system import System
from app.tickets.models import Message
from tests.factories import MONDAY, Authority, arrives, mail


def test_no_error_of_the_database_repeats_what_a_citizen_wrote(system: System, authority: Authority) -> None:
    filed = arrives(system, mail())
    broken = Message(ticket_id=filed.ticket_id, kind=None, body="Mitt hemliga\n\närende", at=MONDAY)
    with system.db.read() as session:
        session.add(broken)
        with pytest.raises(IntegrityError) as caught:
            session.flush()
    assert "hemliga" not in without_rows(str(caught.value))
    assert "INSERT INTO message" in without_rows(str(caught.value))
