"""Letters to print, read back as a citizen's screen reader and the post's machines would."""

from __future__ import annotations

import logging
import re
import time
from dataclasses import replace
from datetime import date

import pypdfium2 as pdfium
import pytest

from channels.contract import ChannelError
from channels.letters.printing import LetterSender, PrintableLetter, Window, render_letter
from channels.references import find_references

POINTS_PER_MM = 72 / 25.4
SENDER = LetterSender(
    authority="Migrationsservice",
    unit="Enheten för tillstånd",
    address_lines=("Box 507", "162 29 Vällingby"),
    phone="08-465 004 00",
    email="kund@example.se",
)
LETTER = PrintableLetter(
    sender=SENDER,
    recipient_lines=("Åsa Öberg", "c/o Lind", "Storgatan 4 lgh 1102", "114 55 Stockholm"),
    dated_on=date(2026, 11, 22),
    reference="4417092638",
    subject="Svar på din fråga",
    body="Hej Åsa!\n\nDu behöver:\n- pass\n- två foton\n\nVänliga hälsningar\nEva",
)


def pages(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in pdfium.PdfDocument(pdf)]


def read(letter: PrintableLetter) -> str:
    return "\n".join(pages(render_letter(letter)))


def box_of(pdf: bytes, words: str) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the first place of these words, in mm from the sheet's top left corner."""
    page = pdfium.PdfDocument(pdf)[0]
    text = page.get_textpage()
    start, count = text.search(words).get_next()
    boxes = [text.get_charbox(index) for index in range(start, start + count)]
    height = page.get_height()
    points = (
        min(box[0] for box in boxes),
        height - max(box[3] for box in boxes),
        max(box[2] for box in boxes),
        height - min(box[1] for box in boxes),
    )
    left, top, right, bottom = (point / POINTS_PER_MM for point in points)
    return left, top, right, bottom


def test_a_letter_carries_everything_its_reader_needs() -> None:
    text = read(LETTER)

    for part in (
        *("Migrationsservice", "Enheten för tillstånd", "162 29 Vällingby", "08-465 004 00", "kund@example.se"),
        *("Åsa Öberg\nc/o Lind\nStorgatan 4 lgh 1102\n114 55 Stockholm", "2026-11-22", "Sida 1 (1)"),
        *("Svar på din fråga", "Hej Åsa!", "• pass\n• två foton", "Vänliga hälsningar\nEva"),
    ):
        assert part in text


def test_the_reference_stands_in_the_shape_that_reading_finds_again() -> None:
    text = read(LETTER)

    assert "4417 0926 38" in text.replace("\u00a0", " ")
    assert find_references(text) == ("4417092638",)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("sv", ("Datum", "2026-11-22", "Ärendenummer", "Sida")),
        ("fi", ("Päiväys", "22.11.2026", "Asianumero", "Sivu")),
        ("en", ("Date", "22 November 2026", "Reference", "Page")),
        ("so", ("Date", "22 November 2026", "Reference", "Page")),
    ],
)
def test_the_words_around_the_text_and_the_document_speak_its_language(language: str, words: tuple[str, ...]) -> None:
    pdf = render_letter(replace(LETTER, language=language))

    assert all(word in pages(pdf)[0] for word in words)
    assert f"/Lang({language})".encode() in pdf


def test_a_letter_claims_archive_and_accessibility_and_names_itself() -> None:
    pdf = render_letter(LETTER)

    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert re.search(rb"<pdfaid:part>2</pdfaid:part>\s*<pdfaid:conformance>A", pdf)
    assert pdfium.PdfDocument(pdf).is_tagged()
    assert pdfium.PdfDocument(pdf).get_metadata_value("Title") == "Svar på din fråga"


def test_a_letter_without_a_subject_is_named_by_its_date() -> None:
    pdf = render_letter(replace(LETTER, subject=" ", reference=""))

    assert pdfium.PdfDocument(pdf).get_metadata_value("Title") == "Brev 2026-11-22"
    assert "Ärendenummer" not in pages(pdf)[0]


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert render_letter(LETTER) == render_letter(replace(LETTER))


def test_the_address_and_nothing_else_lies_in_the_window() -> None:
    pdf = render_letter(LETTER)
    window = LETTER.window
    page = pdfium.PdfDocument(pdf)[0]
    box = (window.left - 3, window.top - 3, window.left + window.width + 3, window.top + window.height + 3)
    left, top, right, bottom = (edge * POINTS_PER_MM for edge in box)

    shown = page.get_textpage().get_text_bounded(left, page.get_height() - bottom, right, page.get_height() - top)

    assert shown.replace("\r\n", "\n").strip() == "\n".join(LETTER.recipient_lines)


def test_the_window_is_a_profile_of_the_envelope() -> None:
    left, top, _, _ = box_of(render_letter(replace(LETTER, window=Window(left=110, top=42))), "Åsa Öberg")

    assert left == pytest.approx(110, abs=0.5)
    assert top == pytest.approx(42, abs=1)


def test_a_long_address_is_set_smaller_to_fit() -> None:
    name = "Föreningen för internationella studerande i Norrland"
    letter = replace(LETTER, recipient_lines=(name, *LETTER.recipient_lines[1:]))

    left, top, right, bottom = box_of(render_letter(letter), name)

    assert left >= letter.window.left - 0.5
    assert right <= letter.window.left + letter.window.width
    assert top >= letter.window.top - 0.5
    assert bottom <= letter.window.top + letter.window.height


@pytest.mark.parametrize("lines", [("x" * 90,), tuple(f"Rad {number}" for number in range(12))])
def test_an_address_that_fits_at_no_size_is_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(ChannelError, match="does not fit") as caught:
        render_letter(replace(LETTER, recipient_lines=lines))

    assert caught.value.permanent


def test_a_long_letter_runs_over_numbered_pages_with_reference_and_authority() -> None:
    body = "\n\n".join(f"Stycke {number}. " + "Vi har läst din ansökan noga. " * 12 for number in range(60))

    found = pages(render_letter(replace(LETTER, body=body)))

    assert len(found) >= 5
    for number, text in enumerate(found[1:], start=2):
        assert f"Sida {number} ({len(found)})" in text
        assert "Migrationsservice, 4417 0926 38" in text.replace("\u00a0", " ")
    joined = " ".join(found)
    assert all(f"Stycke {number}." in joined for number in range(60))


HOSTILE = (
    '#read("/etc/passwd") #import "@preview/x:1.0.0": * #include "letter.typ" #eval("1") #panic() *fet* _kursiv_ '
    "`kod` $x^2$ @ref <label> \\u{41} // kommentar /* mer */ = rubrik #let a = 1 ~ -- --- ... ]] }} )) \" ' https://x.se"
)


@pytest.mark.parametrize("field", ["body", "subject"])
def test_what_a_person_wrote_is_never_markup(field: str) -> None:
    text = " ".join(read(replace(LETTER, **{field: HOSTILE})).split())

    assert HOSTILE in text
    assert "root:" not in text


def test_markup_in_an_address_or_a_sender_is_text_too() -> None:
    sender = replace(SENDER, authority="#panic()", unit="*U*", email="a@b<c>")

    text = read(replace(LETTER, sender=sender, recipient_lines=('#read("/etc/passwd")', "*Ort*")))

    for part in ("#panic()", "*U*", "a@b<c>", '#read("/etc/passwd")\n*Ort*'):
        assert part in text


def test_arabic_runs_from_the_right() -> None:
    pdf = render_letter(replace(LETTER, body="مرحبا بك في السويد\n\nHej", language="ar"))

    assert box_of(pdf, "مرحبا")[2] > 180
    assert "مرحبا" in pages(pdf)[0]


@pytest.mark.parametrize(
    "body", ["\x00\x07\x1b[31m\ud800\u202eHej\ufffe", "你好 😀 🂡 Hej", "Zażółć Ελλάδα Привет Hej", ""]
)
def test_odd_characters_never_stop_a_letter(body: str) -> None:
    text = read(replace(LETTER, body=body))

    assert ("Hej" in text) == bool(body)
    assert "\u202e" not in text


def test_empty_parts_leave_no_holes() -> None:
    bare = replace(LETTER, sender=LetterSender("Authority"), language="en", reference="")

    assert "Authority Date 22 November 2026\nPage 1 (1)" in read(bare)


def test_nothing_of_a_letter_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        render_letter(LETTER)

    assert "Öberg" not in caplog.text


def test_a_letter_takes_about_ten_milliseconds_of_processor_time() -> None:
    render_letter(LETTER)
    began = time.process_time()
    for number in range(30):
        render_letter(replace(LETTER, subject=f"Svar {number}"))

    assert (time.process_time() - began) / 30 < 0.04
