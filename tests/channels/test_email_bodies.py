"""Text out of every kind of body: charsets, transfer encodings, flowed text, alternatives and broken MIME."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from channels.contract import ChannelName, RawItem, UnreadableError
from channels.email.flowed import unflow
from channels.email.parse import parse
from tests.samples.email.build import PDF, PNG, RECEIVED_AT, mail, multipart, multipart_mail, nested, part, read

SWEDISH = "Hej på er! Åsa från Småland – ”när?”"
CHARSETS = {
    "utf-8": SWEDISH.encode(),
    "UTF8": SWEDISH.encode(),
    "windows-1252": SWEDISH.encode("cp1252"),
    "iso-8859-1": SWEDISH.encode("cp1252"),
    "us-ascii": SWEDISH.encode(),
    "": SWEDISH.encode("cp1252"),
    "x-unknown": SWEDISH.encode("cp1252"),
    "ansi_x3.110-1983": SWEDISH.encode(),
    "idna": SWEDISH.encode(),
    "zlib_codec": SWEDISH.encode(),
    "unicode_escape": SWEDISH.encode(),
    "utf-16": SWEDISH.encode("utf-16"),
    "cp850": SWEDISH.replace("–", "-").replace("”", '"').encode("cp850"),
}


@pytest.mark.parametrize("charset", CHARSETS, ids=lambda name: name or "undeclared")
def test_text_is_read_whatever_charset_the_sender_names(charset: str) -> None:
    field = f'text/plain; charset="{charset}"' if charset else "text/plain"
    raw = mail(base64.encodebytes(CHARSETS[charset]), f"Content-Type: {field}", "Content-Transfer-Encoding: base64")
    message = read(raw)
    assert message.text.replace("-", "–").replace('"', "”") == SWEDISH
    is_wrong = charset in ("x-unknown", "ansi_x3.110-1983", "idna", "zlib_codec", "unicode_escape")
    assert ("charset_repaired" in message.problems) == is_wrong


def test_one_bad_byte_does_not_spoil_the_rest_of_a_text() -> None:
    raw = mail("Åsa ".encode() + "Öst".encode("cp1252"), "Content-Type: text/plain; charset=utf-8")
    message = read(raw)
    assert message.text == "Åsa Öst"
    assert "charset_repaired" in message.problems


def test_other_scripts_are_read() -> None:
    scripts = (("koi8-r", "Привет"), ("gb2312", "你好"), ("iso-2022-jp", "日本語"), ("windows-1256", "سلام"))
    for charset, text in scripts:
        assert read(mail(text.encode(charset), f"Content-Type: text/plain; charset={charset}")).text == text


def test_quoted_printable_is_decoded() -> None:
    raw = mail(
        b"H=C3=A4r =C3=A4r en l=\r\nng rad =3D bra =ZZ",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
    )
    assert read(raw).text == "Här är en lng rad = bra =ZZ"


DAMAGED = [b"SGVqIHDDpSBkaWc", b"SGVqIHDDpSBkaWc=!!", b"SGVqIHD=\r\nDpSBkaWc=", b"SGVq IHDD pSBk\r\naWc"]


@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_base64_gives_what_can_be_read(damage: bytes) -> None:
    raw = mail(damage, "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64")
    assert read(raw).text.startswith("Hej p")


def test_nul_and_other_controls_never_reach_the_text() -> None:
    assert read(mail(b"He\x00j\x07 d\x1bu\r\n")).text == "Hej du"


def test_the_text_form_of_alternatives_is_taken_and_the_html_kept() -> None:
    html = part("<p>Hej <b>du</b></p>", "text/html; charset=utf-8")
    message = read(multipart_mail(part("Hej du"), html, kind="alternative"))
    assert message.text == "Hej du"
    assert message.html == "<p>Hej <b>du</b></p>"
    assert message.attachments == ()


def test_a_stub_of_a_text_form_gives_way_to_the_html() -> None:
    html = "<p>" + " ".join(["Jag undrar över mitt ärende."] * 10) + "</p>"
    message = read(multipart_mail(part("Visa som HTML"), part(html, "text/html; charset=utf-8"), kind="alternative"))
    assert message.text.startswith("Jag undrar")
    assert "text_from_html" in message.problems


def test_an_empty_text_form_gives_way_to_the_html() -> None:
    message = read(multipart_mail(part(" \r\n"), part("<p>Hej</p>", "text/html"), kind="alternative"))
    assert message.text == "Hej"


def test_html_alone_is_read_as_text() -> None:
    html = "<html><head><style>p{}</style></head><body><p>Hej!</p><p>Rad ett<br>rad två &amp; tre</p></body></html>"
    message = read(mail(html, "Content-Type: text/html; charset=utf-8"))
    assert message.text == "Hej!\n\nRad ett\nrad två & tre"


def test_html_names_its_charset_itself_when_the_header_does_not() -> None:
    html = '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-2"><p>Łódź</p>'.encode("iso-8859-2")
    assert read(mail(html, "Content-Type: text/html")).text == "Łódź"


def test_all_stretches_of_a_mixed_body_are_kept_in_order() -> None:
    message = read(
        multipart_mail(
            part("Före bilden"),
            part(PNG, "image/png", 'Content-Disposition: inline; filename="bild.png"'),
            part("Efter bilden"),
            part("<p>Och sist</p>", "text/html; charset=utf-8"),
        )
    )
    assert message.text == "Före bilden\n\nEfter bilden\n\nOch sist"
    assert "Före bilden" in message.html
    assert [one.filename for one in message.attachments] == ["bild.png"]


def test_alternatives_of_apple_mail_with_a_file_inside_lose_nothing() -> None:
    rich = nested(
        part("<p>Ett</p>", "text/html; charset=utf-8"),
        part(PDF, "application/pdf; name=a.pdf"),
        part("<p>Två</p>", "text/html; charset=utf-8"),
    )
    message = read(multipart_mail(part("Ett\n\nTvå"), rich, kind="alternative"))
    assert message.text == "Ett\n\nTvå"
    assert "Ett" in message.html
    assert "Två" in message.html
    assert [one.data for one in message.attachments] == [PDF]


def test_flowed_text_gets_its_paragraphs_back() -> None:
    raw = mail(
        "Det här är en lång \r\nrad som bröts.\r\n\r\n> citat \r\n> vidare\r\n  inskjuten\r\n-- \r\nAnna\r\n",
        "Content-Type: text/plain; charset=utf-8; format=flowed",
    )
    message = read(raw)
    assert message.text.startswith("Det här är en lång rad som bröts.")
    assert "> citat vidare" in message.text


def test_flowed_text_with_deleted_spaces_joins_words() -> None:
    assert unflow("Migrations \nverket", delete_space=True) == "Migrationsverket"
    assert unflow("-- \nAnna") == "-- \nAnna"
    assert unflow("> a \n>> b") == "> a\n>> b"


def test_a_multipart_without_its_boundary_is_text() -> None:
    message = read(mail("Hej på er", 'Content-Type: multipart/mixed; boundary="finns-inte"'))
    assert message.text == "Hej på er"
    assert "broken_mime" in message.problems


def test_a_missing_last_boundary_loses_no_byte() -> None:
    content_type, body = multipart(part("Hej"), part(PDF, "application/pdf; name=a.pdf"))
    message = read(mail(body.replace(b"--grans--\r\n", b""), f"Content-Type: {content_type}"))
    assert message.text == "Hej"
    assert message.attachments[0].data == PDF


def test_text_behind_the_last_boundary_is_kept() -> None:
    content_type, body = multipart(part("Hej"))
    message = read(mail(body + b"\r\nObs: efterskrift\r\n", f"Content-Type: {content_type}"))
    assert message.text == "Hej\n\nObs: efterskrift"


def test_a_boundary_that_begins_another_boundary_is_not_it() -> None:
    inner = nested(part("Inre ett"), part("Inre två"), boundary="grans-2")
    assert read(multipart_mail(part("Yttre"), inner)).text == "Yttre\n\nInre ett\n\nInre två"


def test_a_broken_header_line_does_not_end_the_headers() -> None:
    raw = mail(
        "Hej på er".encode("utf-16-le"),
        "X-Broken: a",
        "detta är ingen rubrik",
        "Content-Type: text/plain; charset=utf-16le",
    )
    message = read(raw)
    assert message.text == "Hej på er"
    assert "broken_mime" in message.problems


def test_a_mail_without_an_empty_line_after_its_headers_keeps_its_text() -> None:
    assert read(b"From: anna@example.se\r\nSubject: Hej\r\nVar finns mitt pass?\r\n").text == "Var finns mitt pass?"


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_every_kind_of_line_end_is_read(line_end: bytes) -> None:
    message = read(multipart_mail(part("Hej\r\ndu"), part("Mer")).replace(b"\r\n", line_end))
    assert message.text == "Hej\ndu\n\nMer"


def test_a_line_of_an_mbox_file_on_top_is_skipped() -> None:
    assert read(b"From anna@example.se Thu Mar  5 10:11:12 2026\r\n" + mail("Hej")).text == "Hej"


def test_uuencoded_files_stay_in_the_text_and_are_mentioned() -> None:
    message = read(mail("Hej\n\nbegin 644 a.txt\n#0V%T\n`\nend\n"))
    assert "begin 644 a.txt" in message.text
    assert "uuencoded_file" in message.problems


def test_a_book_of_a_text_is_cut_in_view_and_kept_as_a_file() -> None:
    message = read(mail("ord och " * 200_000))
    assert len(message.text) <= 400_000
    assert "text_cut" in message.problems
    assert len(message.attachments[0].data) == 1_600_000


def test_a_mail_with_nothing_but_a_from_is_read() -> None:
    message = read(b"From: anna@example.se\r\n\r\n")
    assert (message.subject, message.text, message.hints.message_id, message.claimed_at) == ("", "", "", None)
    assert message.arrived_at == RECEIVED_AT


def test_the_time_of_arrival_is_the_sources_or_now() -> None:
    before = datetime.now(UTC)
    item = RawItem(ChannelName.EMAIL, "test", "1", mail())
    assert before <= parse(item, settings={}).arrived_at <= before + timedelta(minutes=1)


DATES = {
    "Thu, 5 Mar 2026 10:11:12 +0100": datetime(2026, 3, 5, 9, 11, 12, tzinfo=UTC),
    "5 Mar 2026 10:11:12 -0000": datetime(2026, 3, 5, 10, 11, 12, tzinfo=UTC),
    "Thu, 05 Mar 2026 10:11:12 GMT (London)": datetime(2026, 3, 5, 10, 11, 12, tzinfo=UTC),
    "i går": None,
    "Thu, 5 Mar 99999 10:11:12 +0100": None,
    "Thu, 5 Mar 2026 10:11:12 +9999": None,
    "Sat, 31 Feb 2026 10:11:12 +0100": None,
}


@pytest.mark.parametrize("value", DATES, ids=str)
def test_the_senders_clock_is_read_or_left_out(value: str) -> None:
    message = read(mail(Date=value))
    assert message.claimed_at == DATES[value]
    assert ("date_unreadable" in message.problems) == (DATES[value] is None)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [(b"", "empty"), (b" \r\n\r\n ", "empty"), (b"\x00\x01\x02", "not_a_mail"), (b"bara text", "not_a_mail")],
)
def test_what_is_no_mail_is_unreadable(raw: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError) as raised:
        read(raw)
    assert raised.value.reason == reason
    assert raised.value.permanent


def test_quoted_mail_inside_html_is_trimmed() -> None:
    html = (
        "<div>Tack!</div><br><div class='gmail_quote'><div>Den tors 5 mars 2026 kl 10:11 skrev Kundtjänst &lt;"
        "<a href='mailto:desk@luukku.example.se'>desk@luukku.example.se</a>&gt;:<br></div>"
        "<blockquote class='gmail_quote'><p>Hej Anna</p><p>Ditt ärende</p></blockquote></div>"
    )
    message = read(mail(html, "Content-Type: text/html; charset=utf-8"))
    assert message.text == "Tack!"
    assert "> Hej Anna" in message.quoted
