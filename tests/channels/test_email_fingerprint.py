"""Two deliveries of one mail have one fingerprint; two mails never share one."""

from __future__ import annotations

import base64

from tests.samples.email.build import PDF, PNG, mail, multipart_mail, part, read


def test_the_path_of_a_delivery_does_not_matter() -> None:
    first = mail("Hej")
    second = b"Return-Path: <anna@example.se>\r\nReceived: by mx2\r\nDelivered-To: info@luukku.example.se\r\n" + first
    assert read(first).fingerprint == read(second).fingerprint != ""


def test_line_ends_and_transfer_encodings_do_not_matter() -> None:
    plain = mail("Hej på er \n\n", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit")
    coded = mail(
        base64.encodebytes("Hej på er\r\n".encode()),
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: base64",
    )
    assert read(plain).fingerprint == read(coded).fingerprint == read(coded.replace(b"\r\n", b"\n")).fingerprint


def test_any_difference_of_content_makes_another_fingerprint() -> None:
    variants = [
        mail("Hej"),
        mail("Hej då"),
        mail("Hej", Subject="Annat"),
        mail("Hej", From="bo@example.se"),
        mail("Hej", Date="Fri, 6 Mar 2026 10:11:12 +0100"),
        mail("Hej", Message_ID="<sample-2@example.se>"),
        multipart_mail(part("Hej"), part(PDF, "application/pdf")),
        multipart_mail(part("Hej"), part(PNG, "application/pdf")),
    ]
    assert len({read(raw).fingerprint for raw in variants}) == len(variants)


def test_without_a_message_id_only_equal_bytes_are_equal() -> None:
    assert read(mail("Hej", Message_ID="")).fingerprint == read(mail("Hej", Message_ID="")).fingerprint
    assert read(mail("Hej", Message_ID="")).fingerprint != read(mail("Hej ", Message_ID="")).fingerprint
