"""What a mail may cost: over a cap it is not read but never lost, under it time stays small."""

from __future__ import annotations

import base64
import os
import time

import pytest

from channels.contract import UnreadableError
from channels.email import limits
from tests.samples.email.build import PDF, mail, multipart_mail, nested, part, read


def reason_of(raw: bytes) -> str:
    """Why the mail is not read."""
    with pytest.raises(UnreadableError) as raised:
        read(raw)
    return raised.value.reason


def test_a_mail_over_fifty_megabytes_is_too_large() -> None:
    assert reason_of(mail(b"x" * limits.MAX_RAW)) == "too_large"


def test_a_thousand_parts_are_read_and_one_more_is_too_many() -> None:
    assert len(read(multipart_mail(*[part(PDF, "application/pdf")] * 999)).attachments) == 999
    assert reason_of(multipart_mail(*[part("x")] * 1_000)) == "too_many_parts"
    assert reason_of(multipart_mail(*[b"\r\n"] * 300_000)) == "too_many_parts"


def deep(levels: int) -> bytes:
    """A part inside so many multiparts."""
    inner = part("djupt")
    for level in range(levels - 1):
        inner = nested(inner, boundary=f"b{level}x")
    return multipart_mail(inner)


def test_fifty_levels_are_read_and_one_more_is_too_deep() -> None:
    assert read(deep(50)).text == "djupt"
    assert reason_of(deep(51)) == "too_deep"


def test_two_thousand_nested_multiparts_are_too_deep_at_once() -> None:
    raw = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2_000))
    assert reason_of(b"From: anna@example.se\r\n" + raw) == "too_deep"


@pytest.mark.parametrize("name", ["From", "To", "Subject", "References", "Content-Type", "X-Any"])
def test_a_header_over_its_cap_is_too_large(name: str) -> None:
    assert reason_of(mail(b"Hej", f"{name}: " + "a" * limits.MAX_HEADER)) == "header_too_large"
    folded = "\r\n ".join(["a" * 70] * 1_000)
    assert reason_of(mail(b"Hej", f"{name}: {folded}")) == "header_too_large"


def test_a_megabyte_of_headers_is_too_large() -> None:
    assert reason_of(mail(b"Hej", *[f"X-{number}: {'a' * 60_000}" for number in range(20)])) == "header_too_large"


LARGE_HEADERS = {
    "commas": "," * 60_000,
    "parentheses": "(" * 60_000,
    "addresses": "anna@example.se," * 3_900,
    "encoded words": "=?utf-8?Q?a?= " * 4_200,
    "broken encoded words": "=?a?q?" * 10_000,
    "semicolons": "text/plain" + "; a" * 20_000,
    "quotes": 'text/plain; a="' + '\\"' * 30_000,
    "message ids": "<a@b.example.se> " * 3_700,
    "angle brackets": "<" * 60_000,
    "at signs": "a@" * 30_000,
    "digits": "1" * 60_000,
    "number groups": "4417 0926 38 " * 4_600,
    "words with commas": "a," * 30_000,
    "a long word and an address": "a" * 60_000 + " <anna@example.se>",
    "a long comment": "anna@example.se (" + "a" * 60_000 + ")",
}


@pytest.mark.parametrize("value", LARGE_HEADERS.values(), ids=LARGE_HEADERS)
def test_large_headers_are_read_in_little_time(value: str) -> None:
    names = ("From", "To", "Subject", "References", "In-Reply-To", "Message-ID", "Date", "Content-Disposition")
    extra = [f"Content-Type: {value}", f"Authentication-Results: mx.luukku.example.se; {value}", f"X-Loop: {value}"]
    raw = b"\r\n".join([*(f"{name}: {value}".encode() for name in names), *map(str.encode, extra)])
    began = time.process_time()
    read(raw + b"\r\n\r\nHej")
    assert time.process_time() - began < 3.0


LARGE_BODIES = {
    "empty lines": b"\n" * 3_000_000,
    "quote marks": b"> \n" * 300_000,
    "one line": b"a" * 3_000_000,
    "boundaries": b"--grans--grans" * 200_000,
    "addresses": b"a@b " * 700_000,
    "dots": b"a." * 1_500_000,
    "attributions": b"Den 5 mars 2024 kl. 10:11 skrev\nAnna <a@b.example.se>\n" * 20_000,
    "labels": "Från: a\n".encode() * 100_000,
    "numbers": b"4417 0926 38 " * 80_000,
    "begin lines": b"begin 644 a\n" * 100_000,
}


@pytest.mark.parametrize("body", LARGE_BODIES.values(), ids=LARGE_BODIES)
def test_large_texts_are_read_in_little_time(body: bytes) -> None:
    began = time.process_time()
    read(mail(body, "Content-Type: text/plain; charset=utf-8; format=flowed"))
    assert time.process_time() - began < 4.0


def test_a_mail_of_thirty_megabytes_is_read_whole_within_a_second_of_work() -> None:
    data = os.urandom(22_000_000)
    raw = multipart_mail(part("Hej"), part(data, "application/octet-stream; name=film.mov"))
    assert len(raw) > 29_000_000
    began = time.process_time()
    message = read(raw)
    assert time.process_time() - began < 2.0
    assert message.attachments[0].data == data


def test_whatever_else_breaks_the_reader_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RecursionError("secret words of a citizen")

    monkeypatch.setattr("channels.email.parse.trim", broken)
    with pytest.raises(UnreadableError) as raised:
        read(mail())
    assert raised.value.reason == "unreadable"
    assert "secret" not in str(raised.value)


def test_base64_of_three_bytes_is_decoded_whole() -> None:
    raw = mail(base64.b64encode(b"Hej"), "Content-Transfer-Encoding: BASE64 ")
    assert read(raw).text == "Hej"


COSTLY_MAILS = {
    "padding": b"Content-Transfer-Encoding: base64\n\nQUJD" + b"=" * 400_000,
    "padding with spaces": b"Content-Transfer-Encoding: base64\n\nQUJD" + b"= " * 200_000,
    "a padded subject": b"Subject: =?utf-8?b?QUJD" + b"=" * 60_000 + b"?=\n\nHej",
    "a padded image": b'Content-Type: text/html\n\n<img src="data:image/png;base64,QUJD' + b"=" * 400_000 + b'">',
    "a boundary of its body": b'Content-Type: multipart/mixed; boundary="-"\n\n' + b"-" * 2_000_000,
    "quotes": b"Authentication-Results: mx.luukku.example.se; " + b'\\"' * 30_000 + b"\n\nHej",
    "HTML parts": b'Content-Type: multipart/mixed; boundary="g"\n\n'
    + (b"--g\nContent-Type: text/html\n\n" + b"<p>a<b>b</b></p>" * 500 + b"\n") * 200,
}


@pytest.mark.parametrize("rest", COSTLY_MAILS.values(), ids=COSTLY_MAILS)
def test_a_small_mail_costs_little(rest: bytes) -> None:
    began = time.process_time()
    read(b"From: anna@example.se\n" + rest)
    assert time.process_time() - began < 3.0


def test_a_part_with_thousands_of_header_fields_is_not_read() -> None:
    assert reason_of(b"From: anna@example.se\n" + b"a:\n" * 3_000 + b"\nHej") == "header_too_large"


def test_the_text_of_all_parts_together_is_capped_and_nothing_of_it_lost() -> None:
    message = read(multipart_mail(*[part("hej du " * 20_000, "text/plain")] * 6))
    assert len(message.text) <= limits.MAX_TEXT + 100
    assert "text_cut" in message.problems
    assert sum(file.content_type == "text/plain" for file in message.attachments) >= 3
