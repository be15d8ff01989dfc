from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.core.system import System
from app.flows import receive as receive_flow
from app.intake.models import Inbound
from tests.factories import Authority, arrives, mail


def fates(system: System) -> list[str]:
    with system.db.read() as session:
        return list(session.scalars(select(Inbound.fate)))


def test_a_database_that_is_away_puts_no_mail_in_quarantine(
    system: System, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object) -> None:
        raise OperationalError("INSERT", {}, Exception("deadlock detected"))

    monkeypatch.setattr(receive_flow, "_sort_out", away)
    with pytest.raises(OperationalError):
        arrives(system, mail())
    assert fates(system) == []
    monkeypatch.undo()
    assert arrives(system, mail()).fate == "ticket"


def test_a_reader_that_breaks_quarantines_its_own_item_only(
    system: System, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def parse(self, _item: object, *, settings: object) -> None:
            raise RuntimeError("siri.testsson@example.se broke me")

    monkeypatch.setattr("app.flows.reading.channel", lambda _name: Broken())
    assert arrives(system, mail()).fate == "quarantined"
