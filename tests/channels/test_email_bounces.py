"""Delivery reports of every make, tied to the message that failed."""

from __future__ import annotations

import base64

import pytest

from channels.contract import Automatic
from tests.samples.email.build import mail, multipart, multipart_mail, nested, part, read

FAILED = "17+tok@mail.luukku.example.se"
ORIGINAL = f"From: desk@luukku.example.se\r\nMessage-ID: <{FAILED}>\r\nSubject: Svar\r\n\r\nHej Anna".encode()
STATUS = (
    "Reporting-MTA: dns; mx.example.org\r\n\r\nFinal-Recipient: rfc822;anna@example.se\r\n"
    "Action: failed\r\nStatus: 5.1.1"
)
MAILER = "Mail Delivery Subsystem <mailer-daemon@mx.example.org>"


def report(returned: bytes, *, kind: str = "delivery-status", status: str = STATUS, **fields: str) -> bytes:
    """A multipart/report as RFC 3464 wants it."""
    given = {"From": MAILER, "Subject": "Undelivered Mail Returned to Sender"} | fields
    parts = [part("Your mail could not be delivered."), part(status, f"message/{kind}"), returned]
    return multipart_mail(*parts, kind="report", more=f"; report-type={kind}", **given)


REPORTS = {
    "whole message returned": report(part(ORIGINAL, "message/rfc822")),
    "headers returned": report(part(ORIGINAL, "text/rfc822-headers")),
    "internationalised": report(part(ORIGINAL, "message/global"), kind="global-delivery-status"),
    "returned in base64": report(
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(ORIGINAL)
    ),
    "from a person's address": report(part(ORIGINAL, "message/rfc822"), From="anna@example.se", Subject="?"),
    "declared as mixed": multipart_mail(
        part("Fel"), part(STATUS, "message/delivery-status"), part(ORIGINAL, "message/rfc822"), From=MAILER
    ),
    "one of two failed": report(
        part(ORIGINAL, "text/rfc822-headers"), status=f"{STATUS}\r\n\r\n{STATUS.replace('failed', 'delayed')}"
    ),
    "report inside mixed": multipart_mail(
        nested(part("Fel"), part(STATUS, "message/delivery-status"), part(ORIGINAL, "message/rfc822"), kind="report"),
        part("-- \r\nscanned"),
        From=MAILER,
        Subject="Undeliverable: Svar",
    ),
}
UNUSUAL = {
    "exim": mail(
        "This message was created automatically by mail delivery software.\r\n\r\n  anna@example.se\r\n\r\n"
        f"------ This is a copy of the message, including all the headers. ------\r\n\r\nMessage-ID: <{FAILED}>\r\n",
        "X-Failed-Recipients: anna@example.se",
        From=MAILER,
        Subject="Mail delivery failed: returning message to sender",
    ),
    "qmail": mail(
        "Hi. This is the qmail-send program at mx.example.org.\r\n"
        "I'm afraid I wasn't able to deliver your message.\r\n\r\n"
        f"--- Below this line is a copy of the message.\r\n\r\nMessage-Id: <{FAILED}>\r\n",
        From="MAILER-DAEMON@mx.example.org",
        Subject="failure notice",
    ),
    "exchange in Swedish": mail(
        f"Meddelandet kunde inte levereras.\r\n\r\nMessage-ID: <{FAILED}>\r\n",
        "Return-Path: <>",
        From="Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.org>",
        Subject="=?utf-8?Q?Olevererbart:_Svar?=",
    ),
    "exchange in Finnish": mail(
        "Viestiä ei voitu toimittaa.",
        "Return-Path: <>",
        "Content-Type: text/plain; charset=utf-8",
        Subject="Ei voi toimittaa: Vastaus",
        In_Reply_To=f"<{FAILED}>",
    ),
    "sendmail, quoted headers": mail(
        f"The following addresses had permanent fatal errors\r\n\r\n> Message-ID:\r\n>  <{FAILED}>\r\n",
        From=MAILER,
        Subject="Returned mail: see transcript for details",
    ),
    "only the null path and the words": mail(
        f"Your message wasn't delivered to anna@example.se because the address couldn't be found.\r\n"
        f"\r\nMessage-ID: <{FAILED}>",
        "Return-Path: <>",
        From="mail-system@mx.example.org",
        Subject="Message not delivered",
    ),
}


@pytest.mark.parametrize("raw", (REPORTS | UNUSUAL).values(), ids=REPORTS | UNUSUAL)
def test_a_bounce_is_known_and_tied_to_the_failed_message(raw: bytes) -> None:
    message = read(raw)
    assert message.automatic is Automatic.BOUNCE
    assert message.hints.failed_message_ids == (FAILED,)
    assert "tok" in message.hints.tokens


@pytest.mark.parametrize("action", ["delayed", "relayed", "delivered", "expanded"])
def test_a_report_of_no_failure_is_no_bounce(action: str) -> None:
    raw = report(part(ORIGINAL, "text/rfc822-headers"), status=STATUS.replace("failed", action))
    assert read(raw).automatic is Automatic.AUTO_REPLY


def test_a_bounce_to_our_envelope_address_carries_its_token() -> None:
    raw = report(part(ORIGINAL, "message/rfc822"), To="desk+verp.abc@luukku.example.se")
    assert read(raw).hints.tokens[0] == "verp.abc"


def test_an_absence_with_a_null_path_is_no_bounce() -> None:
    raw = mail(
        "Jag är på semester. Meddelanden kunde inte levereras till min kollega.",
        "Return-Path: <>",
        "Auto-Submitted: auto-replied",
        "Content-Type: text/plain; charset=utf-8",
        Subject="Autosvar: Svar",
    )
    assert read(raw).automatic is Automatic.AUTO_REPLY


def test_a_citizens_forwarded_bounce_is_the_citizens() -> None:
    returned = part(REPORTS["whole message returned"], "message/rfc822")
    content_type, body = multipart(part("Hej, mitt brev till er kom tillbaka. Varför?"), returned, boundary="yttre")
    message = read(mail(body, f"Content-Type: {content_type}"))
    assert message.automatic is Automatic.NO
    assert message.hints.failed_message_ids == ()


def test_a_complaint_report_is_automatic_and_no_bounce() -> None:
    raw = report(
        part(ORIGINAL, "message/rfc822"), kind="feedback-report", status="Feedback-Type: abuse", Subject="Abuse"
    )
    assert read(raw).automatic is Automatic.AUTO_REPLY


def test_a_returned_message_with_giant_headers_still_gives_its_id() -> None:
    giant = ORIGINAL.replace(b"Subject", b"X-Long: " + b"a" * 100_000 + b"\r\nSubject")
    assert read(report(part(giant, "message/rfc822"))).hints.failed_message_ids == (FAILED,)
