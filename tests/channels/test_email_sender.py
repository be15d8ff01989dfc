"""Who a mail is from: ambiguous senders are never certain (CVE-2023-27043 and its kin), headers never grow lines."""

from __future__ import annotations

import pytest

from channels.contract import Authentication, Party
from channels.email.addresses import read_mailboxes
from tests.samples.email.build import mail, read

CERTAIN = {
    "Anna Berg <anna@example.se>": ("anna@example.se", "Anna Berg"),
    "anna@example.se": ("anna@example.se", ""),
    "<anna@example.se>": ("anna@example.se", ""),
    '"Berg, Anna" <Anna@Example.SE>': ("anna@example.se", "Berg, Anna"),
    "Berg, Anna <anna@example.se>": ("anna@example.se", "Berg, Anna"),
    "anna@example.se (Anna Berg)": ("anna@example.se", "Anna Berg"),
    "=?utf-8?Q?Anna_=C3=85berg?= <anna@example.se>": ("anna@example.se", "Anna Åberg"),
    "=?utf-8?B?w4VrZSDDlg==?= =?utf-8?B?c3Q=?= <ake@example.se>": ("ake@example.se", "Åke Öst"),
    "=?iso-8859-1?Q?=C5ke?= <ake@example.se>": ("ake@example.se", "Åke"),
    '"=?utf-8?Q?=C3=85ke?=" <ake@example.se>': ("ake@example.se", "Åke"),
    "Åke Öst <åke@småland.example.se>": ("åke@småland.example.se", "Åke Öst"),
    '"anna@example.se" <anna@example.se>': ("anna@example.se", "anna@example.se"),
    '"john doe"@example.org': ('"john doe"@example.org', ""),
    "Anna\t (arbetet (huvud)kontor)\r\n <anna@example.se>": ("anna@example.se", "Anna"),
    "<@relay.example.org:anna@example.se>": ("anna@example.se", ""),
    "Familjen: anna@example.se;": ("anna@example.se", ""),
    "a..b@docomo.example.org": ("a..b@docomo.example.org", ""),
    "O'Brien <o'brien@example.org>": ("o'brien@example.org", "O'Brien"),
}
AMBIGUOUS = {
    "chef@exempel.example.se <evil@x.example.org>": "evil@x.example.org",
    '"chef@exempel.example.se" <evil@x.example.org>': "evil@x.example.org",
    "=?utf-8?Q?chef=40exempel.example.se?= <evil@x.example.org>": "evil@x.example.org",
    "=?utf-8?Q?chef=40exempel.example.se=3E?= <evil@x.example.org>": "evil@x.example.org",
    "a@example.se, b@example.se": "a@example.se",
    "a@example.se; b@example.se": "a@example.se",
    "<a@example.se> <b@example.se>": "a@example.se",
    "Anna <a@example.se> b@example.se": "a@example.se",
    "a@example.se b@example.se": "b@example.se",
    "Anna <<a@example.se>>": "a@example.se",
    "Anna <a@example.se": "a@example.se",
    'Anna" <a@example.se>': None,
    "evil@x.example.org(chef@exempel.example.se)": "evil@x.example.org",
    "Anna <a@example.se x>": "a@example.se",
    "Grupp: a@example.se, b@example.se;": "a@example.se",
}


@pytest.mark.parametrize("value", CERTAIN, ids=str)
def test_a_clear_sender_is_certain(value: str) -> None:
    message = read(mail(From=value))
    assert message.sender == Party(*CERTAIN[value])
    assert message.sender_is_certain
    assert "sender_ambiguous" not in message.problems


@pytest.mark.parametrize("value", AMBIGUOUS, ids=str)
def test_a_sender_that_reads_two_ways_is_not_certain(value: str) -> None:
    message = read(mail(From=value))
    assert (message.sender.address if message.sender else None) == AMBIGUOUS[value]
    assert not message.sender_is_certain
    assert "sender_ambiguous" in message.problems


def test_several_from_fields_are_not_certain() -> None:
    message = read(mail(b"Hej", "From: Chef <chef@exempel.example.se>"))
    assert message.sender == Party("anna@example.se", "Anna Berg")
    assert not message.sender_is_certain


@pytest.mark.parametrize("value", ["", "Anna Berg", "undisclosed-recipients:;", "<>", "@", "(anna@example.se)"])
def test_no_address_in_from_is_no_sender(value: str) -> None:
    message = read(mail(From=value))
    assert message.sender is None
    assert "no_sender" in message.problems


@pytest.mark.parametrize(
    "field",
    [
        "=?utf-8?Q?Anna=0D=0ABcc:_alla=40example.se?=",
        "=?utf-8?B?QW5uYQ0KQmNjOiBhbGxhQGV4YW1wbGUuc2U=?=",
        "=?utf-8?Q?Anna=E2=80=A8Bcc:_alla=40example.se?=",
        "=?utf-8?Q?Anna=00Bcc:_alla=40example.se?=",
        "=?utf-7?Q?Anna+AA0ACg-Bcc:?=",
    ],
)
def test_decoded_line_ends_start_no_new_header(field: str) -> None:
    message = read(mail(Subject=field, From=f"{field} <anna@example.se>", Message_ID="<x\r\n y@example.se>"))
    texts = [message.subject, message.sender.name if message.sender else "", message.hints.message_id]
    for text in texts:
        assert not set(text) & set("\r\n\x00\u2028\u2029\x85")
    assert message.sender
    assert message.sender.address == "anna@example.se"


def test_marks_that_turn_the_reading_direction_are_taken_out_of_the_subject() -> None:
    assert read(mail(Subject="=?utf-8?B?" + "QeKArkLigaZD" + "?=")).subject == "A B C"


def test_recipients_copies_and_reply_to_are_read() -> None:
    message = read(
        mail(
            b"Hej",
            "Delivered-To: desk+abc.def@luukku.example.se",
            "X-Original-To: info@luukku.example.se",
            To='"Luukku, kundtjänst" <desk@luukku.example.se>, =?utf-8?Q?=C3=85ke?= <ake@example.se>',
            Cc="Bo <bo@example.se>, BO@example.se",
            Reply_To="Anna hemma <hemma@example.se>",
        )
    )
    assert [party.address for party in message.recipients] == [
        "desk@luukku.example.se",
        "ake@example.se",
        "desk+abc.def@luukku.example.se",
        "info@luukku.example.se",
    ]
    assert message.recipients[0].name == "Luukku, kundtjänst"
    assert message.copies == (Party("bo@example.se", "Bo"),)
    assert message.reply_to == Party("hemma@example.se", "Anna hemma")


def test_a_crowd_of_recipients_is_cut_and_said_so() -> None:
    message = read(mail(To=", ".join(f"p{number}@example.se" for number in range(900))))
    assert len(message.recipients) == 200
    assert "recipients_cut" in message.problems


OURS = "mx.luukku.example.se"
VERDICTS = {
    f"{OURS}; dmarc=pass header.from=example.se": Authentication.PASS,
    f"{OURS} 1; spf=pass smtp.mailfrom=x; dmarc=pass (p=reject) header.from=example.se": Authentication.PASS,
    f"{OURS}; dmarc=fail header.from=example.se": Authentication.FAIL,
    f"{OURS}; dmarc=none header.from=example.se": Authentication.NONE,
    f"{OURS}; spf=pass smtp.mailfrom=example.se": Authentication.NONE,
    f"{OURS}; dmarc=pass header.from=evil.example.org": Authentication.NONE,
    f"{OURS}; dkim=fail (dmarc=pass) header.d=x": Authentication.NONE,
    f'{OURS}; dkim=fail reason="; dmarc=pass" header.d=x': Authentication.NONE,
    "mx.evil.example.org; dmarc=pass header.from=example.se": Authentication.NONE,
    "mx.evil.example.org; dmarc=fail header.from=example.se": Authentication.NONE,
    f"(comment) {OURS.upper()}; dmarc=pass": Authentication.PASS,
}


@pytest.mark.parametrize("value", VERDICTS, ids=str)
def test_only_our_own_server_speaks_of_authentication(value: str) -> None:
    assert read(mail(b"Hej", f"Authentication-Results: {value}")).authentication is VERDICTS[value]


def test_one_fail_of_ours_outweighs_a_forged_pass() -> None:
    raw = mail(
        b"Hej",
        f"Authentication-Results: {OURS}; dmarc=pass header.from=example.se",
        f"Authentication-Results: {OURS}; dmarc=fail header.from=example.se",
    )
    assert read(raw).authentication is Authentication.FAIL


def test_without_a_name_of_our_server_no_field_is_believed() -> None:
    raw = mail(b"Hej", f"Authentication-Results: {OURS}; dmarc=pass header.from=example.se")
    assert read(raw, authserv_id="").authentication is Authentication.NONE


def test_an_ambiguous_sender_is_never_authenticated() -> None:
    raw = mail(b"Hej", f"Authentication-Results: {OURS}; dmarc=pass", From="a@example.se, b@example.se")
    assert read(raw).authentication is Authentication.NONE


@pytest.mark.parametrize(
    "value", ["," * 60_000, "(" * 60_000, '"' * 60_000, "<" * 60_000, "a@b," * 15_000, "\\" * 60_000]
)
def test_reading_addresses_stays_linear(value: str) -> None:
    read_mailboxes(value)


@pytest.mark.parametrize("address", ["an\x00na@example.se", "anna@ex\x00mple.se", "anna@example.se\x07"])
def test_an_address_never_holds_a_control_character_nor_is_certain_with_one(address: str) -> None:
    for box in read_mailboxes(f"Anna <{address}>"):
        assert box.address.isprintable()
        assert not box.is_certain
