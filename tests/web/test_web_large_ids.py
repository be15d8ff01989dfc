from __future__ import annotations

import pytest

from app.core.system import System
from tests.factories import Authority, arrives, mail
from tests.web.conftest import Enter

HUGE = "9" * 25


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/desk/attachments/{HUGE}", 404),
        (f"/desk/inbound/{HUGE}/original", 404),
        (f"/desk/articles/{HUGE}", 404),
        (f"/desk/inbound/?before={HUGE}", 200),
        (f"/desk/search/?q=kort&before={HUGE}", 200),
        ("/login?next=/%0A%5Cevil.example", 303),
    ],
)
def test_what_nobody_can_have_asked_for_is_no_fault_of_ours(enter: Enter, path: str, status: int) -> None:
    answer = enter("nils").get(path)
    assert answer.status_code == status
    assert "evil" not in answer.headers.get("Location", "")


def test_a_suggestion_that_cannot_be_is_left_out_of_an_answer(
    enter: Enter, system: System, authority: Authority
) -> None:
    ticket = authority.ticket(arrives(system, mail()).ticket_id)
    sent = enter("nils").send(
        f"/desk/tickets/{ticket.reference}/reply", body="Ja.", channel="email", then="open", used=[HUGE, "x"]
    )
    assert sent.status_code == 303
