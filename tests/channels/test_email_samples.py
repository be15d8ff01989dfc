"""Whole mails as the programs of our citizens send them, each read to the last field that matters."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from channels.contract import Authentication, Automatic, InboundMessage
from tests.samples.email.build import read

FOLDER = Path(__file__).resolve().parents[1] / "samples" / "email"


@dataclass(frozen=True)
class Expected:
    """What a sample must be read as; "" and () mean nothing of the kind."""

    sender: str
    subject: str
    text: str
    quoted_has: str = ""
    files: tuple[str, ...] = ()
    automatic: Automatic = Automatic.NO
    authentication: Authentication = Authentication.NONE
    tokens: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    problems: tuple[str, ...] = field(default=())


SAMPLES = {
    "gmail-reply-sv": Expected(
        "karin.lund@example.se",
        "Re: Ditt ärende 4417 0926 38",
        "Hej!\n\nTack, men jag har redan skickat in passet. Behöver ni originalet också?\n\nKarin",
        quoted_has="Skicka in en kopia",
        authentication=Authentication.PASS,
        tokens=("4417092638.a1.fk0.abcdefgh", "17.first"),
        references=("4417092638",),
    ),
    "outlook-reply-sv": Expected(
        "erik.nilsson@foretag.example.se",
        "SV: Arbetstillstånd",
        "Hej,\n\nHär kommer anställningsavtalet.\n\nMed vänlig hälsning\nErik Nilsson\nHR-chef",
        quoted_has="Vi saknar",
        files=("anställningsavtal.pdf",),
        tokens=("18.first",),
    ),
    "outlook-desktop-fi": Expected(
        "paivi.makinen@example.fi",
        "VS: Oleskelulupa 4417-0926-38",
        "Hei,\n\nkiitos vastauksesta. Milloin saan päätöksen?\n\nTerveisin\nPäivi Mäkinen",
        quoted_has="hakemuksesi on käsittelyssä",
        references=("4417092638",),
    ),
    "gmail-reply-fi": Expected(
        "matti@example.fi",
        "Re: Hakemus",
        "Hei\n\nPuhelinnumeroni on muuttunut, uusi on alla.",
        quoted_has="Emme tavoittaneet",
    ),
    "apple-mail-sv": Expected(
        "lisa@example.se", "Re: Medborgarskap", "Ja, det stämmer!", quoted_has="stämmer adressen?"
    ),
    "apple-mail-fi": Expected("liisa@example.fi", "Re: Käyntiaika", "Kiitos, aika sopii.", quoted_has="Hei Liisa"),
    "thunderbird-flowed": Expected(
        "john@example.org",
        "Re: Visa",
        "Dear Sir or Madam, I plan to arrive on the first of June together with my wife and our two children.\n\n"
        "Best regards\nJohn",
        quoted_has="please tell us",
    ),
    "interleaved-sv": Expected(
        "sara@example.se",
        "Re: Frågor",
        "Den 2026-03-11 kl. 16:20, skrev Kundtjänst:\n> Har du ett giltigt pass?\n> Vilket land?\n\n"
        "Ja, från Eritrea.\n\n> Bor du på samma adress?\n\nNej, jag har flyttat till Umeå.",
    ),
    "latin1-undeclared": Expected("bjorn@example.se", "Fråga om körkort", "Hej! När får jag svar?"),
    "html-only-newsletter": Expected(
        "nyheter@utskick.example.com",
        "Vårrea! Upp till 50 %",
        "Möbelhuset\n\nVårrea!\n\nUpp till 50 % på soffor.\n\nHandla nu",
        automatic=Automatic.BULK,
        problems=("remote_images_blocked",),
    ),
    "out-of-office-exchange": Expected(
        "anders.holm@kommun.example.se",
        "Automatiskt svar: Ditt ärende",
        "Jag är på semester till den 23 mars.",
        automatic=Automatic.AUTO_REPLY,
        tokens=("17.first",),
    ),
    "postfix-bounce": Expected(
        "mailer-daemon@mx.example.org",
        "Undelivered Mail Returned to Sender",
        "This is the mail system at host mx.example.org.\n\n"
        "<gone@example.se>: host mx.example.se[192.0.2.1] said: 550 5.1.1 User unknown",
        files=("attachment-1.txt", "Svar.eml"),
        automatic=Automatic.BOUNCE,
        tokens=("verp.17", "tok.en"),
        failed=("17+tok.en@mail.luukku.example.se",),
    ),
    "gmail-bounce": Expected(
        "mailer-daemon@googlemail.example.com",
        "Delivery Status Notification (Failure)",
        "** Address not found **\n\nYour message wasn't delivered to gone@example.com.",
        files=("attachment-1.txt", "Svar.eml"),
        automatic=Automatic.BOUNCE,
        tokens=("tok.en",),
        failed=("17+tok.en@mail.luukku.example.se",),
    ),
    "outlook-ios-en": Expected(
        "amina@example.org",
        "Re: Family reunification",
        "Thank you, I’ve uploaded the certificate – please confirm.",
        quoted_has="We need the marriage certificate",
        tokens=("20.first",),
    ),
    "forwarded-with-attached-mail": Expected(
        "olle@example.se", "Fwd: Brev", "Se bifogat brev från min arbetsgivare.", files=("Intyg.eml",)
    ),
    "inline-image-iphone": Expected(
        "yusuf@example.se", "Kvitto", "Kvittot:", quoted_has="Skickat från min iPhone", files=("IMG_0001.png",)
    ),
    "winmail": Expected(
        "jukka@example.fi", "Liite", "Liite ohessa, hinta 5 €.", files=("winmail.dat",), problems=("winmail_dat",)
    ),
    "web-form": Expected(
        "noreply@forms.luukku.example.se",
        "Kontaktformulär: Studier",
        "Namn: Maja Sand\nE-post: maja@example.se\nMeddelande: Kan jag arbeta medan jag studerar?",
    ),
    "arabic": Expected("may@example.org", "لساء", "مرحبا، أين جواز سفري؟"),
    "norwegian-yahoo": Expected(
        "ola@example.org", "Sv: Pass", "Takk, jeg sender det i morgen.", quoted_has="Vi mangler passet ditt"
    ),
    "danish-outlook": Expected("bo@example.org", "SV: Ansøgning", "Mange tak for svaret.", quoted_has="Hej Bo"),
    "spoofed-sender": Expected(
        "attacker@evil.example.org",
        "Viktigt Bcc: alla@example.se",
        "Hej",
        files=("x",),
        authentication=Authentication.FAIL,
        problems=("remote_images_blocked", "attachment_is_not_what_it_says", "sender_ambiguous"),
    ),
}


def described(message: InboundMessage, expected: Expected) -> Expected:
    """The message in the form of an expectation."""
    return Expected(
        sender=message.sender.address if message.sender else "",
        subject=message.subject,
        text=message.text,
        quoted_has=expected.quoted_has if expected.quoted_has in message.quoted else message.quoted,
        files=tuple(one.filename for one in message.attachments),
        automatic=message.automatic,
        authentication=message.authentication,
        tokens=message.hints.tokens,
        references=message.hints.references_in_text,
        failed=message.hints.failed_message_ids,
        problems=message.problems,
    )


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_read_as_it_was_meant(name: str) -> None:
    message = read((FOLDER / f"{name}.eml").read_bytes())
    assert described(message, SAMPLES[name]) == SAMPLES[name]
    assert message.claimed_at is not None
    assert message.fingerprint


def test_every_sample_has_an_expectation() -> None:
    assert {path.stem for path in FOLDER.glob("*.eml")} == set(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_reads_the_same_with_bare_line_feeds(name: str) -> None:
    raw = (FOLDER / f"{name}.eml").read_bytes()
    first, second = read(raw), read(raw.replace(b"\r\n", b"\n"))
    assert first.text == second.text
    assert first.fingerprint == second.fingerprint
