"""Letters read into the normal form: text layer, page pictures, and every way a file can be unreadable."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from channels.contract import AttachmentRole, ChannelName, InboundMessage, RawItem, UnreadableError
from channels.letters import page_process
from channels.letters.pages import LIMITS, read_pages
from channels.letters.parse import parse_letter, subject_of
from tests.samples.letters import builders

ARRIVED = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
A4_AT_110_DPI = (910, 1287)


def parse(raw: bytes, **settings: str) -> InboundMessage:
    item = RawItem(ChannelName.LETTER, "scanner", "letter.pdf:1:1", raw, received_at=ARRIVED, filename="letter.pdf")
    return parse_letter(item, settings=settings)


def picture(image: bytes) -> Image.Image:
    return Image.open(io.BytesIO(image))


def test_a_typeset_letter_gives_its_text_and_a_picture_of_each_page() -> None:
    message = parse(builders.typeset("Uppehållstillstånd för Åsa", "Sida två ärende 4417 0926 38"))

    assert message.text == "Uppehållstillstånd för Åsa\n\nSida två ärende 4417 0926 38"
    assert message.subject == "Uppehållstillstånd för Åsa"
    assert message.hints.references_in_text == ("4417092638",)
    assert [(page.filename, page.content_type, page.role) for page in message.attachments] == [
        ("page-1.png", "image/png", AttachmentRole.PAGE),
        ("page-2.png", "image/png", AttachmentRole.PAGE),
    ]
    assert message.problems == ()


def test_a_letter_has_an_arrival_and_no_sender() -> None:
    message = parse(builders.typeset("Hej"))

    assert (message.channel, message.sender, message.arrived_at) == (ChannelName.LETTER, None, ARRIVED)
    assert message.recipients == ()


def test_a_letter_without_an_arrival_arrives_now(frozen_time: object) -> None:
    item = RawItem(ChannelName.LETTER, "scanner", "a", builders.typeset("Hej"))

    assert parse_letter(item, settings={}).arrived_at == datetime.now(UTC)


def test_a_page_is_drawn_at_110_dots_an_inch_in_greys_with_its_ink() -> None:
    page = picture(parse(builders.typeset("Svart på vitt")).attachments[0].data)

    assert page.size == A4_AT_110_DPI
    greys = page.convert("L")
    assert greys.getextrema() == (0, 255)
    assert len(greys.getcolors() or ()) <= 16


def test_a_scan_without_text_layer_is_shown_and_says_so() -> None:
    message = parse(builders.scanned("Kirje", "Toinen sivu"))

    assert (message.text, message.subject) == ("", "")
    assert message.problems == ("no_text_layer",)
    assert [picture(page.data).convert("L").getextrema()[0] < 64 for page in message.attachments] == [True, True]


def test_a_word_divided_at_the_end_of_a_line_comes_whole() -> None:
    word = "uppehållstillståndsansökningshandläggningen"
    message = parse(builders.typeset(f"{word} " * 40))

    assert set(message.text.split()) == {word}


def test_what_a_citizen_typed_into_a_form_is_shown_and_read() -> None:
    empty, filled = (parse(builders.filled_form(value)) for value in ("", "Berit Lindqvist"))

    assert "Berit Lindqvist" in filled.text
    assert filled.attachments[0].data != empty.attachments[0].data


def test_a_form_that_cannot_be_shown_says_so() -> None:
    assert parse(builders.program_form()).problems == ("form_not_shown",)
    assert parse(builders.filled_form("Ja")).problems == ()


def test_scripts_links_and_attached_programs_leave_no_trace() -> None:
    message = parse(builders.with_actions())

    shown = message.text.encode() + b"".join(page.data for page in message.attachments)
    assert message.text == "Please open me"
    assert [page.filename for page in message.attachments] == ["page-1.png"]
    assert message.problems == ("files_inside_left_out",)
    for trace in (b"%PDF", b"JavaScript", b"alert", b"cmd.exe", b"setup.exe", b"MZ attached"):
        assert trace not in shown


def test_the_same_file_has_the_same_fingerprint_and_another_has_not() -> None:
    first, second = builders.typeset("Ett"), builders.typeset("Två")

    assert parse(first).fingerprint == parse(first).fingerprint != parse(second).fingerprint


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not_a_pdf"),
        (b"Hej, jag skickar min fr\xe5ga som text", "not_a_pdf"),
        (builders.photo(), "not_a_pdf"),
        (b"PK\x03\x04 word/document.xml", "not_a_pdf"),
        (b"%PDF-1.7\n", "broken_pdf"),
        (b"%PDF-1.7\n" + bytes(5000), "broken_pdf"),
        (builders.locked(), "encrypted"),
        (builders.without_pages(), "no_pages"),
        (builders.without_pages().replace(b"/Count 0", b"/Count 3"), "broken_pdf"),
    ],
    ids=["empty", "text", "jpeg", "zip", "head only", "zeros", "locked", "no pages", "pages missing"],
)
def test_what_cannot_be_read_names_its_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        parse(raw)

    assert caught.value.reason == reason
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_pdf_cut_off_anywhere_is_read_or_refused_but_never_fails_otherwise(share: float) -> None:
    raw = builders.typeset("Hej " * 200)
    outcome = "pages"
    try:
        message = parse(raw[: int(len(raw) * share)])
    except UnreadableError as error:
        outcome = error.reason
    else:
        assert message.attachments

    assert outcome in {"pages", "broken_pdf"}


def test_junk_before_the_header_is_tolerated() -> None:
    assert parse(b"\r\n\r\n" + builders.written([builders.line_of_text("Hello")])).text == "Hello"


def test_a_file_above_the_limit_is_refused_unread() -> None:
    raw = builders.typeset("Hej")

    with pytest.raises(UnreadableError) as caught:
        parse(raw, max_bytes=str(len(raw) - 1))

    assert caught.value.reason == "too_large"
    assert parse(raw, max_bytes=str(len(raw))).attachments


@pytest.mark.parametrize("size", [(14_400, 14_400), (1e9, 1e9), (1, 1e6), (0, 0), (-5, 8), (595, 842)])
def test_no_page_size_takes_more_than_its_share_of_memory(size: tuple[float, float]) -> None:
    (page,) = parse(builders.written([builders.line_of_text("Big")], size=size)).attachments

    width, height = picture(page.data).size
    assert width * height <= LIMITS["pixels"] * 1.01
    assert max(width, height) <= LIMITS["side"] + 1


def test_a_huge_image_in_a_small_file_is_shown_small() -> None:
    (page,) = parse(builders.image_bomb(20_000)).attachments

    assert picture(page.data).size == A4_AT_110_DPI
    assert picture(page.data).convert("L").getextrema() == (0, 255)


def test_of_a_very_long_letter_the_first_pages_are_shown_and_the_rest_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert LIMITS["pages"] == 200
    monkeypatch.setattr("channels.letters.parse.read_pages", lambda raw: read_pages(raw, limits={**LIMITS, "pages": 3}))

    message = parse(builders.written([builders.line_of_text("Page")] * 4))

    assert len(message.attachments) == 3
    assert message.problems == ("pages_left_out",)


def test_pages_before_one_that_takes_too_long_are_kept() -> None:
    read = read_pages(builders.endless_drawing(), limits={**LIMITS, "stop_after": 1, "end_after": 2})

    assert [page.text for page in read.pages] == ["Page one"]
    assert read.count == 2


def test_a_letter_whose_first_page_takes_too_long_is_refused() -> None:
    with pytest.raises(UnreadableError) as caught:
        read_pages(builders.endless_drawing(), limits={**LIMITS, "end_after": 0})

    assert caught.value.reason == "too_slow"


def test_pages_beyond_the_room_for_pictures_are_left_out() -> None:
    read = read_pages(builders.typeset("Ett", "Två", "Tre"), limits={**LIMITS, "image_bytes": 8_000})

    assert 0 < len(read.pages) < read.count == 3


def test_a_page_that_needs_too_much_memory_ends_the_reading_process_alone() -> None:
    raw = builders.written([builders.line_of_text("Page one"), b" " * 100_000_000])

    read = read_pages(raw, limits={**LIMITS, "memory_bytes": 100 * 1024**2})

    assert [page.text for page in read.pages] == ["Page one"]
    assert read.count == 2


def test_the_reading_process_writes_what_this_one_can_read_back() -> None:
    out = io.BytesIO()
    page_process.write_pages(builders.typeset("Hej"), dict(LIMITS), out)

    head, frame, image = out.getvalue().split(b"\n", 2)
    assert head == b'{"pages": 1, "problems": [], "image_bytes": 0}'
    assert b'"text": "Hej"' in frame
    assert image.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("", ""),
        ("12\n--\n. .", ""),
        ("\n\n 1 (2)\nAnsökan om   bostad\nHej", "Ansökan om bostad"),
        ("Anna Ek\nStorgatan 1\n\nÄrende: Flytt till Vasa\nHej", "Flytt till Vasa"),
        ("Matti Meikäläinen\nAsia: Oleskelulupa", "Oleskelulupa"),
        ("Subject:\nAll of it", "Subject:"),
        ("Siri Ek\nProvgatan 1\n871 99 Härnösand\nJag har flyttat\nHej!\nJag flyttade i går.", "Jag har flyttat"),
        ("Siri Ek\nHärnösand den 12 november 2026\nHej!\nJag flyttade i går.", "Jag flyttade i går."),
        ("Veikko Mallikas\n65998 Vaasa\nHyvä vastaanottaja,\nVaimoni hakee.", "Vaimoni hakee."),
        ("Kamil B\n13 November 2026\nMay I stay?\nDear Sir or Madam,\nOn 4 November", "May I stay?"),
        ("x" * 81, "x" * 79 + "…"),
        ("x" * 80, "x" * 80),
        ("مرحبا بك", "مرحبا بك"),
    ],
)
def test_the_subject_is_what_the_letter_calls_its_matter(text: str, subject: str) -> None:
    assert subject_of(text) == subject


def test_an_ordinary_letter_is_read_in_well_under_two_seconds() -> None:
    raw = builders.typeset("Hej " * 300, "Hej " * 300)
    before = datetime.now(UTC)

    parse(raw)

    assert datetime.now(UTC) - before < timedelta(seconds=2)
