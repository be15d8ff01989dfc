from __future__ import annotations

import pytest

from app.intake.match import Candidate, Verdict, decide
from channels.contract import Authentication

SIRI, STRANGER = "siri@example.se", "other@example.org"
TOKEN = Candidate(1, "token", frozenset({SIRI}))
MESSAGE = Candidate(1, "message", frozenset({SIRI}))
REFERENCE = Candidate(1, "reference", frozenset({SIRI}))


@pytest.mark.parametrize(
    ("sender", "candidate", "certain", "authentication", "verdict"),
    [
        (SIRI, TOKEN, True, Authentication.NONE, Verdict.JOIN),
        (SIRI, MESSAGE, True, Authentication.PASS, Verdict.JOIN),
        (SIRI, REFERENCE, True, Authentication.NONE, Verdict.JOIN),
        (STRANGER, TOKEN, True, Authentication.PASS, Verdict.JOIN_UNCONFIRMED),
        (STRANGER, MESSAGE, True, Authentication.PASS, Verdict.NEW_LINKED),
        (STRANGER, REFERENCE, True, Authentication.PASS, Verdict.NEW_LINKED),
        (SIRI, MESSAGE, False, Authentication.NONE, Verdict.NEW_LINKED),
        (SIRI, REFERENCE, True, Authentication.FAIL, Verdict.NEW_LINKED),
        (SIRI, TOKEN, True, Authentication.FAIL, Verdict.JOIN_UNCONFIRMED),
        ("", TOKEN, True, Authentication.NONE, Verdict.JOIN_UNCONFIRMED),
        ("", REFERENCE, True, Authentication.NONE, Verdict.NEW_LINKED),
    ],
)
def test_only_a_participant_or_our_token_joins(
    sender: str, candidate: Candidate, *, certain: bool, authentication: Authentication, verdict: Verdict
) -> None:
    match = decide(sender, [candidate], sender_is_certain=certain, authentication=authentication)
    assert (match.verdict, match.ticket_id) == (verdict, 1)


def test_without_any_candidate_it_is_new() -> None:
    match = decide(SIRI, [], sender_is_certain=True, authentication=Authentication.PASS)
    assert (match.verdict, match.ticket_id) == (Verdict.NEW, None)


def test_a_ticket_of_the_sender_wins_over_a_stranger_s_that_stands_first() -> None:
    theirs = Candidate(7, "message", frozenset({STRANGER}))
    match = decide(SIRI, [theirs, REFERENCE], sender_is_certain=True, authentication=Authentication.NONE)
    assert (match.verdict, match.ticket_id) == (Verdict.JOIN, 1)
