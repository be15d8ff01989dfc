"""Outgoing mail: threaded, folded, encoded, and never more headers than meant."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.contract import Attachment, AttachmentRole, ChannelError, ChannelName, OutboundMessage, Party
from channels.email.compose import build_mime
from tests.samples.email.build import PDF, PNG, read

MESSAGE = OutboundMessage(
    channel=ChannelName.EMAIL,
    sender=Party("desk@luukku.example.se", "Luukku, kundtjänst"),
    to=Party("anna@example.se", "Anna Åberg"),
    subject="Ditt ärende 4417 0926 38",
    text="Hej Anna!\n\nDitt pass är klart.\n.\nFrom oss\n",
    html="<p>Hej Anna!</p><p>Ditt pass är klart.</p>",
    message_id="17+tok@mail.luukku.example.se",
    language="sv",
    reply_to="desk+tok@luukku.example.se",
    envelope_from="desk+verp@luukku.example.se",
    answered_ids=("c@example.se", "b@example.se", "a@example.se"),
)


def parsed(message: OutboundMessage) -> email.message.EmailMessage:
    """The mail as a strict reader sees it."""
    return email.message_from_bytes(build_mime(message), policy=email.policy.default)


def test_a_mail_reads_back_as_it_was_meant() -> None:
    with time_machine.travel(datetime(2026, 3, 5, 9, 0, tzinfo=UTC), tick=False):
        mail = parsed(MESSAGE)
    assert mail["From"].addresses[0].display_name == "Luukku, kundtjänst"
    assert mail["From"].addresses[0].addr_spec == "desk@luukku.example.se"
    assert mail["To"].addresses[0].display_name == "Anna Åberg"
    assert mail["Subject"] == MESSAGE.subject
    assert mail["Message-ID"] == "<17+tok@mail.luukku.example.se>"
    assert mail["In-Reply-To"] == "<c@example.se>"
    assert mail["References"].split() == ["<a@example.se>", "<b@example.se>", "<c@example.se>"]
    assert mail["Reply-To"].addresses[0].addr_spec == "desk+tok@luukku.example.se"
    assert mail["Date"].datetime == datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
    assert mail["Content-Language"] == "sv"
    assert mail["Auto-Submitted"] is None
    assert mail.get_body(("plain",)).get_content().split("\r\n") == MESSAGE.text.strip().split("\n")
    assert mail.get_body(("html",)).get_content().strip() == MESSAGE.html


def test_our_own_reader_reads_our_own_mail() -> None:
    message = read(build_mime(MESSAGE), our_addresses="", our_domain="")
    assert message.text == MESSAGE.text.strip()
    assert message.html == MESSAGE.html
    assert message.sender == MESSAGE.sender
    assert message.hints.answered_ids == MESSAGE.answered_ids
    assert message.problems == ()


def test_an_automatic_mail_says_so() -> None:
    mail = parsed(replace(MESSAGE, is_automatic=True))
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"


def test_the_first_mail_of_a_conversation_answers_nothing() -> None:
    mail = parsed(replace(MESSAGE, answered_ids=(), reply_to="", language=""))
    for name in ("In-Reply-To", "References", "Reply-To", "Content-Language"):
        assert mail[name] is None


def test_attachments_and_images_arrive_byte_for_byte() -> None:
    files = (
        Attachment("Åsas beslut (slutgiltigt).pdf", "application/pdf", PDF),
        Attachment("bild.png", "image/png", PNG, AttachmentRole.INLINE, "bild1"),
        Attachment("brev.eml", "message/rfc822", b"From: x\r\n\r\nhej"),
        Attachment("å" * 120, "", b""),
    )
    raw = build_mime(replace(MESSAGE, html='<p><img src="cid:bild1"></p>', attachments=files))
    message = read(raw, our_addresses="", our_domain="")
    read_back = {one.filename: (one.data, one.role) for one in message.attachments}
    assert read_back["Åsas beslut (slutgiltigt).pdf"] == (PDF, AttachmentRole.FILE)
    assert read_back["bild.png"] == (PNG, AttachmentRole.INLINE)
    assert read_back["brev.eml"] == (b"From: x\r\n\r\nhej", AttachmentRole.FILE)
    assert read_back["å" * 120] == (b"", AttachmentRole.FILE)
    assert message.text == MESSAGE.text.strip()


def test_a_long_chain_keeps_its_first_and_its_newest_references() -> None:
    answered = tuple(f"{number}@example.se" for number in range(60, 0, -1))
    references = parsed(replace(MESSAGE, answered_ids=answered))["References"].split()
    assert references[0] == "<1@example.se>"
    assert references[-1] == "<60@example.se>"
    assert len(references) == 20


def test_a_message_id_of_two_hundred_characters_is_neither_broken_nor_encoded() -> None:
    long_id = "a" * 200 + "@mail.luukku.example.se"
    raw = build_mime(replace(MESSAGE, message_id=long_id, answered_ids=(long_id,)))
    assert f"Message-ID: <{long_id}>\r\n".encode() in raw
    assert b"=?utf-8" not in raw.partition(b"References")[2].partition(b"\r\n\r\n")[0]


INJECTIONS = ("x\r\nBcc: evil@example.org", "x\nBcc: evil@example.org", "x\rBcc: evil", "x\x00y", "x\u2028Bcc: evil")


@pytest.mark.parametrize("text", INJECTIONS, ids=repr)
def test_no_text_can_add_a_header(text: str) -> None:
    message = replace(
        MESSAGE,
        subject=text,
        sender=Party("desk@luukku.example.se", text),
        to=Party("anna@example.se", text),
        language=text,
        answered_ids=(text, "a@example.se"),
        attachments=(Attachment(text, text, b"x", content_id=text),),
    )
    mail = parsed(message)
    names = [name.lower() for name in mail]
    assert "bcc" not in names
    assert len(names) == len(set(names))
    assert mail["In-Reply-To"] == "<a@example.se>"


@pytest.mark.parametrize(
    "text", [*INJECTIONS, "", "anna", "a b@example.se", "<a@example.se>", "a@example.se, b@example.se"]
)
def test_an_address_that_is_not_one_is_refused_for_good(text: str) -> None:
    for message in (
        replace(MESSAGE, to=Party(text)),
        replace(MESSAGE, sender=Party(text)),
        replace(MESSAGE, reply_to=text or "x"),
    ):
        with pytest.raises(ChannelError) as raised:
            build_mime(message)
        assert raised.value.permanent


def test_a_message_id_that_is_not_one_is_refused_for_good() -> None:
    with pytest.raises(ChannelError):
        build_mime(replace(MESSAGE, message_id="a b\r\n@x"))


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS, TEXTS, st.binary(max_size=300))
def test_whatever_is_written_the_lines_are_short_and_the_words_arrive(
    subject: str, name: str, text: str, data: bytes
) -> None:
    message = replace(
        MESSAGE,
        subject=subject,
        to=Party("anna@example.se", name),
        text=text,
        html=f"<p>{'x' * 2_000}</p>",
        attachments=(Attachment(name, "application/octet-stream", data),),
    )
    raw = build_mime(message)
    head = raw.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
    assert b"\n" not in raw.replace(b"\r\n", b"")
    read_back = read(raw, our_addresses="", our_domain="")
    if any(char.isprintable() and not char.isspace() for char in text):
        assert read_back.text == read(build_mime(replace(message, html="")), our_addresses="").text
    assert data in [one.data for one in read_back.attachments]
