"""Telephone numbers in one form, and back for people to read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.phone.numbers import display_number, normalise_number


@pytest.mark.parametrize(
    "text",
    [
        "+46701740605",
        "+46 70 174 06 05",
        "+46 (0)70-174 06 05",
        "0046701740605",
        "070-174 06 05",
        " 0701740605 ",
        "tel:+46701740605",
        "sip:0701740605@pbx.example.se;user=phone",
        "SIP:+46701740605@10.0.0.1",
        "0701740605 ext. 12",
        "46701740605",
    ],
)
def test_every_way_to_write_a_number_gives_one_form(text: str) -> None:
    assert normalise_number(text) == "+46701740605"


@pytest.mark.parametrize(
    "text", ["", " ", "+", "anonymous", "2014", "112", "*21#", "abc070", "1-800-HATCH", "070" * 40, "\x00", "sip:@x"]
)
def test_what_is_no_public_number_gives_none(text: str) -> None:
    assert normalise_number(text) is None


def test_a_number_without_country_code_is_one_of_the_region() -> None:
    assert normalise_number("040 123 4567", region="FI") == "+358401234567"
    assert normalise_number("040 123 4567", region="SE") == "+46401234567"
    assert normalise_number("+44 7700 900123", region="FI") == "+447700900123"
    assert normalise_number("0701740605", region="nowhere") is None


def test_digits_that_begin_with_a_country_code_are_understood_in_any_region() -> None:
    for region in ("SE", "FI"):
        assert normalise_number("46701740605", region=region) == "+46701740605"
        assert normalise_number("447400900123", region=region) == "+447400900123"
    assert normalise_number("358401234567", region="SE") == "+358401234567"


def test_a_number_is_shown_as_its_country_writes_it() -> None:
    assert display_number("+46701740605") == "+46 70 174 06 05"
    assert display_number("+46846500400") == "+46 8 465 004 00"
    assert display_number("+358401234567") == "+358 40 1234567"
    assert display_number("2014") == "2014"
    assert display_number("") == ""


@given(st.text(max_size=40))
def test_any_text_gives_a_number_or_none(text: str) -> None:
    number = normalise_number(text)

    assert number is None or number[0] == "+"


@given(st.integers(min_value=46701740605, max_value=46701740699))
def test_a_shown_number_is_understood_again(digits: int) -> None:
    assert normalise_number(display_number(f"+{digits}"), region="FI") == f"+{digits}"
