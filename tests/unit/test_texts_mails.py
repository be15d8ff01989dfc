"""The citizen's mails: what they say in three languages, and that nothing hostile gets into them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from app.core.ids import new_reference
from app.texts import mails
from app.texts.catalogue import SUPPORTED
from app.texts.letters import letter_text
from app.texts.mails import MailText, acknowledgement, reply
from app.texts.subjects import LONGEST, reply_subject

REFERENCE = "4417092638"
SHOWN = "4417\N{NO-BREAK SPACE}0926\N{NO-BREAK SPACE}38"
DUE_AT = datetime(2026, 11, 17, 9, 20, tzinfo=UTC)


def an_acknowledgement(language: str = "sv", **changes: object) -> MailText:
    facts = {
        "reference": REFERENCE,
        "due_at": DUE_AT,
        "timezone": "Europe/Stockholm",
        "unit_name": "Kundtjänst Uppehåll",
        "authority_name": "Migrationsmyndigheten",
    }
    return acknowledgement(language, **{**facts, **changes})  # type: ignore[arg-type]


def a_reply(language: str = "sv", **changes: object) -> MailText:
    facts = {
        "reference": REFERENCE,
        "subject": "Mitt kort",
        "body": "Hej Samira!\n\nDu kan resa ut utan kort.",
        "agent_name": "Karin Ek",
        "unit_name": "Kundtjänst Uppehåll",
        "authority_name": "Migrationsmyndigheten",
    }
    return reply(language, **{**facts, **changes})  # type: ignore[arg-type]


class Page(HTMLParser):
    """Tags, attributes and words of a mail; fails on tags that are not closed in order."""

    VOID = frozenset({"meta", "br"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & set(self.open):
            self.words.append(data)

    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def names(self) -> set[str]:
        return {tag for tag, _ in self.tags}


@pytest.mark.parametrize(
    ("language", "subject", "promise"),
    [
        ("sv", "Vi har fått din fråga", "senast tisdag 17 november kl. 10:20 (svensk tid)"),
        ("fi", "Olemme saaneet kysymyksesi", "viimeistään tiistaina 17. marraskuuta klo 10.20 (Ruotsin aikaa)"),
        ("en", "We have received your question", "by Tuesday 17 November at 10:20 (Swedish time)"),
    ],
)
def test_a_receipt_tells_reference_and_when_to_expect_an_answer(language: str, subject: str, promise: str) -> None:
    mail = an_acknowledgement(language)
    assert mail.subject == f"{subject} [4417 0926 38]"
    for words in (mail.text, Page(mail.html).text().replace(" .", ".")):
        assert SHOWN in words or "4417 0926 38" in words
        assert re.sub(r"\s+", " ", words).replace(" (", " (").count(promise) == 1
        assert "Kundtjänst Uppehåll" in words
        assert "Migrationsmyndigheten" in words


def test_a_receipt_keeps_the_unit_s_time_when_clocks_change() -> None:
    before = an_acknowledgement(due_at=datetime(2026, 10, 24, 9, 0, tzinfo=UTC))
    after = an_acknowledgement(due_at=datetime(2026, 10, 26, 9, 0, tzinfo=UTC))
    assert "lördag 24 oktober kl. 11:00" in before.text
    assert "måndag 26 oktober kl. 10:00" in after.text
    finnish = an_acknowledgement("fi", timezone="Europe/Helsinki")
    assert "tiistaina 17. marraskuuta klo 11.20 (Suomen aikaa)" in finnish.text


@pytest.mark.parametrize("language", SUPPORTED)
def test_a_receipt_without_a_due_instant_promises_no_time(language: str) -> None:
    text = an_acknowledgement(language, due_at=None).text
    assert not re.search(r"\d{1,2}[:.]\d{2}", text)
    assert text.replace(SHOWN, "").count("17") == 0


@pytest.mark.parametrize("language", SUPPORTED)
def test_text_and_html_say_the_same_words(language: str) -> None:
    quoted = "Hej!\n\nFår jag resa?"
    for mail in (an_acknowledgement(language), a_reply(language, body="Hej!\n\nHär:\n- pass\n- kort", quoted=quoted)):
        from_text = re.sub(r"^(>|-) ?", "", mail.text, flags=re.MULTILINE)
        assert re.findall(r"\w+", Page(mail.html).text()) == re.findall(r"\w+", from_text)


@pytest.mark.parametrize("language", SUPPORTED)
def test_html_names_its_language_and_loads_nothing(language: str) -> None:
    for mail in (an_acknowledgement(language), a_reply(language, quoted="https://tracker.example.org/p.gif")):
        page = Page(mail.html)
        assert dict(page.tags)["html"] == {"lang": language}
        assert {"lang": language}.items() <= next(found for tag, found in page.tags if tag == "div").items()
        assert not page.names() & {"img", "link", "script", "table", "h1", "iframe", "form", "svg"}
        assert not any({"src", "background", "style", "srcset"} & set(attributes) for _, attributes in page.tags)
        assert "url(" not in mail.html
        assert "@import" not in mail.html


def test_html_sets_no_colours_so_that_dark_mode_stays_readable() -> None:
    html = an_acknowledgement().html
    assert "color-scheme: light dark" in html
    assert not re.search(r"[^-]color: (?!inherit)|background|#[0-9a-f]{3,6}\b", html)


@pytest.mark.parametrize(
    ("language", "closing", "how"),
    [
        ("sv", "Vänliga hälsningar", "Svara på det här mejlet"),
        ("fi", "Ystävällisin terveisin", "Vastaa tähän viestiin"),
        ("en", "Kind regards", "Just reply to this email"),
    ],
)
def test_a_reply_is_signed_and_tells_how_to_go_on(language: str, closing: str, how: str) -> None:
    mail = a_reply(language)
    text = mail.text
    assert mail.subject == "Re: [4417 0926 38] Mitt kort"
    assert text.startswith("Hej Samira!\n\nDu kan resa ut utan kort.\n\n")
    assert f"{closing}\nKarin Ek\nKundtjänst Uppehåll\nMigrationsmyndigheten\n\n" in text
    assert how in text
    assert SHOWN in text


def test_an_agent_who_has_written_a_closing_gets_no_second_one() -> None:
    text = a_reply(body="Du kan resa.\n\nMed vänlig hälsning\nKarin").text
    assert text.count("hälsning") == 1
    assert "Karin\n\nKarin Ek\nKundtjänst Uppehåll" in text


def test_a_reply_may_be_signed_by_the_unit_alone() -> None:
    assert "Vänliga hälsningar\nKundtjänst Uppehåll\n" in a_reply(agent_name="").text


@pytest.mark.parametrize(("language", "heading"), [("sv", "Du skrev:"), ("fi", "Kirjoitit:"), ("en", "You wrote:")])
def test_the_citizens_words_stand_quoted_at_the_end(language: str, heading: str) -> None:
    mail = a_reply(language, quoted="Hej\r\n\r\n> äldre\r\nFår jag resa?")
    assert mail.text.endswith(f"\n\n{heading}\n> Hej\n>\n>> äldre\n> Får jag resa?\n")
    assert '<blockquote type="cite">' in mail.html


@pytest.mark.parametrize("quoted", [None, "", " \n "])
def test_nothing_quoted_leaves_no_heading(quoted: str | None) -> None:
    mail = a_reply(quoted=quoted)
    assert "Du skrev" not in mail.text
    assert "<blockquote" not in mail.html
    assert "Du skrev" not in mail.html


def test_a_very_long_quote_is_cut_and_says_so() -> None:
    mail = a_reply(quoted="ord " * 20_000)
    assert len(mail.text) < 25_000
    assert mail.text.endswith("…\n")


def test_html_in_anybodys_words_is_shown_and_not_obeyed() -> None:
    evil = "<script>alert(1)</script><img src=//x onerror=1>"
    mail = a_reply(body=evil, subject=evil, agent_name=evil, unit_name=evil, authority_name=evil, quoted=evil)
    page = Page(mail.html)
    assert not page.names() & {"script", "img"}
    assert page.text().count("<script>alert(1)</script>") == 5
    assert "&lt;script&gt;" in mail.html


def test_markdown_in_a_name_is_shown_and_not_obeyed() -> None:
    name = "A*B*_c_ [d](https://evil.example.org) <https://evil.example.org> `x` \\ # 1."
    mail = an_acknowledgement(unit_name=name)
    assert "a" not in Page(mail.html).names()
    assert f"\n{name}\n" in mail.text


def test_template_code_in_words_is_shown_and_not_run() -> None:
    mail = a_reply(body="{{ 7*7 }} {% if x %}", agent_name="{{ 7*7 }}")
    assert mail.text.count("{{ 7*7 }}") == 2
    assert "49" not in mail.html


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x00"])
def test_no_line_break_gets_into_a_subject_or_a_name(end: str) -> None:
    bad = f"Mitt kort{end}Bcc: all@example.org"
    for mail in (a_reply(subject=bad, agent_name=bad), an_acknowledgement(unit_name=bad, authority_name=bad)):
        assert mail.subject.isprintable()
        assert "\n\nBcc" not in mail.text
        assert "\nBcc" not in mail.text


def test_reading_direction_cannot_be_turned_by_a_subject() -> None:
    assert "\u202e" not in a_reply(subject="kort\u202egpj.exe").subject


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("Mitt kort", "Mitt kort"),
        ("Re: Mitt kort", "Mitt kort"),
        ("SV: VS: Re: Mitt kort", "Mitt kort"),
        ("Vs: [4417 0926 38] Mitt kort", "Mitt kort"),
        ("Re: [4417 0926 38] SV: [1234 5678 90] Mitt kort", "Mitt kort"),
        ("RE[2]: AW: Fwd: Mitt kort", "Mitt kort"),
        ("Re: [4417\u00a00926\u00a038] kort", "kort"),
        ("Återresa: när?", "Återresa: när?"),
        ("Resa [viktigt]", "Resa [viktigt]"),
        ("Svar: kort", "Svar: kort"),
        ("", "Din fråga"),
        ("Re:", "Din fråga"),
        ("Re: [4417 0926 38]", "Din fråga"),
    ],
)
def test_a_subject_says_re_once_with_the_reference_in_front(given: str, sent: str) -> None:
    subject = reply_subject(given, reference=REFERENCE, language="sv")
    assert subject == f"Re: [4417 0926 38] {sent}"
    assert reply_subject(f"SV: {subject}", reference=REFERENCE, language="sv") == subject


@pytest.mark.parametrize("number", ["850101-1234", "19850101-1234", "198501011234", "850101+1234", "131052-308T"])
def test_a_personal_number_is_not_repeated_in_a_subject(number: str) -> None:
    assert reply_subject(f"Kort {number} tack", reference=REFERENCE, language="sv").endswith("Kort *** tack")


def test_other_numbers_in_a_subject_stay() -> None:
    text = "Faktura 20261117 och ärende 4417092638, tel 08-465 004 00"
    assert reply_subject(text, reference=REFERENCE, language="sv").endswith(text)


def test_a_subject_of_thousands_of_marks_is_short_and_quick() -> None:
    assert len(reply_subject("Re: " * 20_000 + "x", reference=REFERENCE, language="sv")) < LONGEST + 40


def test_only_a_reference_of_ten_digits_is_written() -> None:
    an_acknowledgement(reference=new_reference())
    with pytest.raises(ValueError, match="ten digits"):
        an_acknowledgement(reference="4417")


def test_a_language_without_catalogue_gets_english_whole() -> None:
    mail = a_reply("so", quoted="x")
    assert "Kind regards" in mail.text
    assert "You wrote:" in mail.text
    assert '<html lang="en">' in mail.html


def test_every_template_exists_in_every_language() -> None:
    folder = Path(mails.__file__).parent / "templates"
    kinds = {path.name.split(".")[0] for path in folder.glob("*.md")}
    assert kinds == {"acknowledgement", "footer", "signature", "staff_invitation", "staff_reset"}
    assert {path.name for path in folder.glob("*.md")} == {f"{kind}.{one}.md" for kind in kinds for one in SUPPORTED}


@pytest.mark.parametrize(
    ("language", "closing"), [("sv", "Vänliga hälsningar"), ("fi", "terveisin"), ("en", "Kind regards")]
)
def test_a_letter_is_signed_like_a_mail_and_closed_once(language: str, closing: str) -> None:
    names = {"agent_name": "Elin Bergvall", "unit_name": "Kundtjänst", "authority_name": "Migrationsservice"}
    text = letter_text("Ja, det går bra.", language, **names)
    assert text.startswith("Ja, det går bra.\n\n")
    assert closing in text
    assert text.index("Elin Bergvall") < text.index("Kundtjänst") < text.index("Migrationsservice")
    assert letter_text(text, language, **names).count(closing) == 1
