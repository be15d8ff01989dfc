"""Whatever bytes come: an InboundMessage that a database can keep, or UnreadableError. Nothing else, ever."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from channels.contract import InboundMessage, UnreadableError
from tests.samples.email.build import PDF, PNG, mail, multipart_mail, nested, part, read

SEEDS = (
    mail("Hej på er"),
    multipart_mail(part("Hej"), part(PDF, "application/pdf; name=a.pdf"), part(PNG, "image/png")),
    multipart_mail(
        part("Hej"), part("<p>Hej <img src='cid:a'><b>du</b>", "text/html; charset=utf-8"), kind="alternative"
    ),
    multipart_mail(nested(part("a"), part(mail("inre"), "message/rfc822")), part("b"), kind="report"),
    mail("Hej", "Content-Type: text/plain; charset=utf-8; format=flowed; name*0*=utf-8''%C3; name*1=x"),
)
FIELD_NAMES = st.sampled_from(
    [
        "From",
        "To",
        "Cc",
        "Subject",
        "Date",
        "Message-ID",
        "References",
        "Content-Type",
        "Content-Disposition",
        "Return-Path",
    ]
)
PIECES = st.sampled_from(
    [
        "=?utf-8?Q?=C3=A5?=",
        "=?x-unknown?B?####?=",
        "<a@b.example.se>",
        "multipart/mixed; boundary=x",
        "message/rfc822",
        "text/html; charset=idna",
        'attachment; filename="../x"',
        "name*0*=utf-16''%ff",
        "(((",
        '"',
        "<",
        "\udcff\udcfe",
        "+0000",
        ";",
        "\r\n ",
    ]
)
VALUES = st.lists(PIECES | st.text(max_size=20), max_size=6).map(" ".join)
BODIES = st.lists(
    st.binary(max_size=40)
    | st.sampled_from(
        [b"--x\r\n", b"--x--\r\n", b"\r\n\r\n", b"Content-Type: multipart/mixed; boundary=x\r\n", b"> a\n"]
    ),
    max_size=12,
).map(b"".join)


def is_storable(message: InboundMessage) -> bool:
    """Whether both databases take every text of the message."""
    texts = [message.subject, message.text, message.quoted, message.html, message.hints.message_id]
    parties = [message.sender, message.reply_to, *message.recipients, *message.copies]
    texts += [text for party in parties if party for text in (party.name, party.address)]
    texts += [text for one in message.attachments for text in (one.filename, one.content_type, one.content_id)]
    texts += [*message.hints.answered_ids, *message.hints.tokens, message.automatic_why]
    return all("\x00" not in text and text.encode("utf-8") is not None for text in texts)


def survives(raw: bytes) -> None:
    try:
        message = read(raw)
    except UnreadableError as error:
        if error.reason in ("", "unreadable"):
            raise AssertionError("the reader broke") from error
        return
    assert is_storable(message)
    assert message.fingerprint
    assert message.arrived_at.tzinfo


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_unreadable(raw: bytes) -> None:
    survives(raw)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(FIELD_NAMES, VALUES), max_size=6), BODIES)
def test_any_fields_over_any_body_are_read_or_unreadable(fields: list[tuple[str, str]], body: bytes) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    survives(head.encode("utf-8", "surrogateescape" if head.isprintable() else "replace") + b"\r\n" + body)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SEEDS), st.integers(0, 2**32))
def test_damaged_mails_are_read_or_unreadable(seed: bytes, number: int) -> None:
    chance = random.Random(number)
    damaged = bytearray(seed)
    for _ in range(chance.randint(1, 12)):
        position = chance.randrange(len(damaged))
        action = chance.randrange(3)
        if action == 0:
            damaged[position] = chance.randrange(256)
        elif action == 1:
            del damaged[position : position + chance.randint(1, 30)]
        else:
            damaged[position:position] = damaged[chance.randrange(len(damaged)) :][: chance.randint(1, 60)]
        if not damaged:
            break
    survives(bytes(damaged))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_no_html_breaks_the_reader(text: str) -> None:
    survives(mail(text.encode("utf-8", "replace"), "Content-Type: text/html; charset=utf-8"))
