"""References in running text, as the reading of letters and of mail finds them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.references import find_references, printed_reference


@pytest.mark.parametrize(
    "text",
    [
        "4417 0926 38",
        "4417092638",
        "4417-0926-38",
        "Ert ärende 4417 0926 38.",
        "Ärendenummer:4417\u00a00926\u00a038, brev 2",
        "[4417 0926 38] Svar",
        "Re: #4417092638",
        "Viite 4417 0926 38 22.11.2026",
        "2026-11-22 4417 0926 38",
        "se https://example.se/a/1234567890 och 4417092638",
        "(4417-0926-38)",
        "första\n4417092638\n12",
    ],
)
def test_a_reference_is_found_in_each_shape_people_write(text: str) -> None:
    assert find_references(text) == ("4417092638",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "44170926381",
        "14417092638",
        "4417 0926 38 12",
        "FI21 1234 5600 0007 85",
        "FI2112345600000785",
        "+4417092638",
        "0701740605",
        "+46 4417 0926 38",
        "https://example.se/arende/4417092638",
        "www.example.se/?ref=4417-0926-38",
        "luukku+4417092638@example.se",
        "tel:4417092638",
        "4417 0926-38",
        "3,4417092638",
        "4417092638.50",
        "A4417092638",
        "4417092638kr",
        "441709263",
        "4417\n0926\n38",
    ],
)
def test_what_only_looks_like_a_reference_is_left(text: str) -> None:
    assert find_references(text) == ()


def test_references_come_once_each_in_the_order_of_the_text() -> None:
    text = "9000 0000 01 and 1000000002, then 9000000001 again"

    assert find_references(text) == ("9000000001", "1000000002")


def test_a_reference_is_printed_in_one_shape() -> None:
    assert printed_reference("4417092638") == "4417 0926 38"
    assert printed_reference("DNR-12") == "DNR-12"


@given(st.text(alphabet=st.sampled_from("0123456789 -+.,/@:\na\u00a0"), max_size=60))
def test_whatever_is_found_is_ten_digits_that_stand_in_the_text(text: str) -> None:
    for reference in find_references(text):
        assert len(reference) == 10
        assert reference in "".join(c for c in text if c.isdigit())


@given(st.from_regex(r"\A[1-9][0-9]{9}\Z"))
def test_the_printed_shape_is_found_again(reference: str) -> None:
    assert find_references(f"Ref. {printed_reference(reference)}") == (reference,)
