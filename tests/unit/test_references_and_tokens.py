from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import TokenError
from app.core.ids import check_digit, is_reference, new_reference
from app.tickets import reply_token
from app.tickets.reply_token import ReplyToken

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
KEY = "a key for tests only"


def test_a_new_reference_is_ten_digits_that_check_themselves() -> None:
    references = {new_reference() for _ in range(500)}
    assert all(is_reference(reference) and reference[0] != "0" for reference in references)
    assert len(references) == 500


@given(st.integers(0, 9), st.integers(0, 9))
def test_one_wrong_digit_is_always_noticed(place: int, digit: int) -> None:
    reference = new_reference()
    changed = reference[:place] + str(digit) + reference[place + 1 :]
    assert is_reference(changed) == (changed == reference)


@given(st.integers(0, 8))
def test_two_swapped_neighbours_are_always_noticed(place: int) -> None:
    reference = new_reference()
    swapped = reference[:place] + reference[place + 1] + reference[place] + reference[place + 2 :]
    assert is_reference(swapped) == (swapped == reference)


def test_the_check_digit_is_damm_s_own_example() -> None:
    assert check_digit("572") == 4


@pytest.mark.parametrize("text", ["", "123456789", "12345678901", "١٢٣٤٥٦٧٨٩٠", "44170933a5"])
def test_anything_but_ten_ascii_digits_is_no_reference(text: str) -> None:
    assert not is_reference(text)


def test_a_token_says_what_was_signed_even_in_capitals() -> None:
    token = ReplyToken(new_reference(), 123456)
    text = reply_token.sign(KEY, token, at=NOW)
    assert reply_token.read(KEY, text.upper(), at=NOW) == token
    assert len(text) <= 45


def test_a_token_fits_into_a_local_part_with_a_long_mailbox() -> None:
    text = reply_token.sign(KEY, ReplyToken(new_reference(), 36**6), at=NOW)
    assert len("kundtjanst.norr+" + text) <= 64


def test_a_token_of_another_key_is_refused() -> None:
    text = reply_token.sign("another key", ReplyToken(new_reference(), 1), at=NOW)
    with pytest.raises(TokenError):
        reply_token.read(KEY, text, at=NOW)


def test_a_token_expires_after_a_year() -> None:
    text = reply_token.sign(KEY, ReplyToken(new_reference(), 1), at=NOW)
    reply_token.read(KEY, text, at=NOW + timedelta(days=364))
    with pytest.raises(TokenError):
        reply_token.read(KEY, text, at=NOW + timedelta(days=367))


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_without_another_error(text: str) -> None:
    with pytest.raises(TokenError):
        reply_token.read(KEY, text, at=NOW)
