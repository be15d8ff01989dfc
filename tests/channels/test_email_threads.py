"""What a mail says of its conversation: ids, tokens and references, and nothing that only looks like one."""

from __future__ import annotations

import pytest

from channels.email.threads import message_ids, references_in
from tests.samples.email.build import mail, read

FOUND = {
    "4417 0926 38": "4417092638",
    "4417092638": "4417092638",
    "4417-0926-38": "4417092638",
    "4417\u00a00926\u00a038": "4417092638",
    "Ärende 4417 0926 38.": "4417092638",
    "Ärende: 4417092638, tack": "4417092638",
    "[4417 0926 38] Svar": "4417092638",
    "(4417092638)": "4417092638",
    "Asianumero:4417092638": "4417092638",
    "2026: 4417 0926 38": "4417092638",
    "den 22.11. 4417 0926 38": "4417092638",
    "nr 4417 0926 38\n2026 kom jag": "4417092638",
}
NOT_FOUND = (
    "44170926381",
    "144170926 38",
    "4417 0926 381",
    "4417 0926 38 12",
    "12 4417 0926 38",
    "4417 092638",
    "4417-0926 38",
    "FI21 1234 5600 0007 85",
    "SE35 5000 0000 0549 1000 0003",
    "https://example.se/arende/4417092638",
    "https://example.se/?id=4417092638",
    "www.example.se/4417092638",
    "desk+4417092638@luukku.example.se",
    "ref4417092638",
    "4417092638kr",
    "4417092638.50",
    "+4417092638",
    "+46 701 4417 0926 38",
    "a/4417092638",
    "#4417092638",
    "4417\n0926\n38",
    "4417092638-1234",
    "19900101-4417092638",
)


@pytest.mark.parametrize("text", FOUND, ids=str)
def test_a_reference_is_found_however_it_is_written(text: str) -> None:
    assert references_in(text) == (FOUND[text],)


@pytest.mark.parametrize("text", NOT_FOUND, ids=str)
def test_digits_that_only_look_like_a_reference_are_not_one(text: str) -> None:
    assert references_in(text) == ()


def test_references_are_sought_in_subject_and_new_text_but_not_in_the_quote() -> None:
    body = (
        "Gäller 1111 2222 33\r\n\r\nDen 2026-03-05 kl. 10:11, skrev Kund:\r\n> Ditt nummer är 5555 6666 77\r\n> Hej\r\n"
    )
    message = read(mail(body, "Content-Type: text/plain; charset=utf-8", Subject="Sv: 4417 0926 38"))
    assert message.hints.references_in_text == ("4417092638", "1111222233")


def test_the_answered_mails_come_first_then_the_newest_reference() -> None:
    hints = read(
        mail(
            b"Hej",
            In_Reply_To="<c@luukku.example.se>",
            References="<a@luukku.example.se> <b@luukku.example.se>\r\n <c@luukku.example.se>",
        )
    ).hints
    assert hints.answered_ids == ("c@luukku.example.se", "b@luukku.example.se", "a@luukku.example.se")
    assert hints.message_id == "sample-1@example.se"


IDS = {
    "<a@b.example.se>": ("a@b.example.se",),
    "Your message of Thursday <a@b.example.se>": ("a@b.example.se",),
    "<a@b.example.se> (Anna's message)": ("a@b.example.se",),
    "a@b.example.se": ("a@b.example.se",),
    "<a@b.example.se><c@d.example.se>": ("a@b.example.se", "c@d.example.se"),
    "< a@b.example.se >": ("a@b.example.se",),
    "Anna's message of today": (),
    "": (),
    "<>": (),
}


@pytest.mark.parametrize("value", IDS, ids=repr)
def test_message_ids_are_read_out_of_the_noise_around_them(value: str) -> None:
    assert message_ids(value) == IDS[value]


def test_tokens_come_from_plus_addresses_of_ours_only() -> None:
    message = read(
        mail(
            b"Hej",
            "Delivered-To: desk+fourth@luukku.example.se",
            To="desk+first.Mac@luukku.example.se, anna+news@example.se",
            Cc="Asiakaspalvelu <ASIAKASPALVELU+second@luukku.example.fi>, desk+third@evil.example.org",
        ),
        recipient="desk+fifth@luukku.example.se",
    )
    assert set(message.hints.tokens) == {"first.Mac", "second", "fourth", "fifth"}


def test_without_addresses_of_ours_every_plus_address_counts() -> None:
    message = read(mail(To="x+token@anywhere.example.org"), our_addresses="")
    assert message.hints.tokens == ("token",)


def test_our_own_message_ids_carry_a_token_and_those_of_others_do_not() -> None:
    hints = read(
        mail(
            b"Hej",
            In_Reply_To="<17+tok.en@mail.luukku.example.se>",
            References="<whole@MAIL.luukku.example.se> <19+no@evil.example.org>",
        )
    ).hints
    assert hints.tokens == ("tok.en", "whole")


def test_without_a_domain_of_ours_no_message_id_carries_a_token() -> None:
    assert read(mail(In_Reply_To="<17+tok@mail.luukku.example.se>"), our_domain="").hints.tokens == ()


def test_hints_of_a_flood_of_references_are_few() -> None:
    flood = " ".join(f"<{number}@x.example.se>" for number in range(2_000))
    assert len(read(mail(References=flood)).hints.answered_ids) == 100


def test_a_message_id_without_brackets_is_still_one() -> None:
    assert read(mail(Message_ID="ABC-123@server")).hints.message_id == "ABC-123@server"
    assert read(mail(Message_ID="")).hints.message_id == ""


def test_headers_of_our_own_that_a_stranger_writes_have_no_meaning() -> None:
    plain = read(mail())
    forged = read(mail(b"Hej!\r\n", "X-Luukku-Ticket: 4417092638", "X-Ticket-Number: 4417092638", "X-Priority: 1"))
    assert forged.hints == plain.hints
    assert forged == plain
