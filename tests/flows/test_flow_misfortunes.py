from __future__ import annotations

import random

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

    monkeypatch.setattr(receive_flow, "sort_out", away)
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

    monkeypatch.setattr("channels.reading.channel", lambda _name: Broken())
    assert arrives(system, mail()).fate == "quarantined"


LETTERS = "".join(random.Random(1).choices([chr(0x4E00 + turn) for turn in range(20_000)], k=380_000))
"""three bytes each in UTF-8, in no order that could be packed"""


@pytest.mark.parametrize(
    "raw",
    [
        mail(message_id="HERE@example.se").replace(b"HERE", LETTERS[:980].encode()),
        mail(" ".join(LETTERS[at : at + 7] for at in range(0, len(LETTERS), 7))),
    ],
    ids=["a long Message-ID", "a long text of long letters"],
)
def test_what_would_be_too_much_for_an_index_is_filed_all_the_same(
    system: System, authority: Authority, raw: bytes
) -> None:
    assert arrives(system, raw).fate == "ticket"
    assert arrives(system, mail(message_id="next@example.se"), item_id="1:2").fate == "ticket"


def test_what_the_database_can_never_take_is_put_in_quarantine(
    system: System, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    class BeyondLimitsError(Exception):
        sqlstate = "54000"
        sqlite_errorname = "SQLITE_TOOBIG"

    def refuse(*_args: object) -> None:
        raise OperationalError("INSERT", {}, BeyondLimitsError())

    monkeypatch.setattr(receive_flow, "sort_out", refuse)
    assert arrives(system, mail()).fate == "quarantined"
