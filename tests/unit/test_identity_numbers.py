"""What is taken for a personal identity number, and what is not. The numbers are the authorities' own examples."""

from __future__ import annotations

import pytest

from app.texts.identity_numbers import identity_numbers


@pytest.mark.parametrize(
    "number",
    [
        "811218-9876",
        "8112189876",
        "19811218-9876",
        "198112189876",
        "811218 9876",
        "121212+1212",
        "701063-2391",
        "131052-308T",
        "131052-308t",
        "131052A308T",
    ],
)
def test_numbers_are_found_wherever_they_stand(number: str) -> None:
    for text in (number, f"Ert nummer {number}.", f"({number})", f"rad ett\n{number}\nrad tre", f"nr:{number},"):
        assert identity_numbers(text) == [number]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "811218-9875",  # the check digit is wrong
        "811318-9876",  # there is no thirteenth month
        "131052-308U",
        "+46 8 123 456 78",
        "070-123 45 67",
        "Ärende 4417 0926 38",
        "SE4550000000058398257466",
        "2026-11-27 10:20",
        "order 8112189876543",
        "A811218-9876",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert identity_numbers(text) == []


@pytest.mark.parametrize(
    "written", ["811218\u20139876", "811218\u20119876", "811218\u22129876", "811218\u00a09876", "８１１２１８-９８７６"]
)
def test_other_hyphens_spaces_and_digits_hide_no_number(written: str) -> None:
    assert len(identity_numbers(f"Ert nummer {written}.")) == 1
    assert identity_numbers("131052\u2013308T") == ["131052-308T"]


def test_all_are_told_in_a_text_with_several() -> None:
    assert identity_numbers("811218-9876 och 131052-308T") == ["811218-9876", "131052-308T"]
