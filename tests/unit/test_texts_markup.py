"""Articles' Markdown and agents' plain text, as HTML and as text."""

from __future__ import annotations

import time

import pytest

from app.texts.markdown import markdown_to_html, markdown_to_text
from app.texts.plain import cleaned, is_closed, linked, plain_to_html, quoted_html, quoted_text

ARTICLE = """# Resa ut utan kort

Du kan resa **ut** utan kort,
men inte alltid *in*.

## Ta med

- pass
- beslut, se [sidan om beslut](https://example.se/beslut)
  1. i original
  2. i kopia

Ring [oss](tel:+46846500400) eller skriv till <https://example.se/>.
"""


def test_an_article_becomes_headings_lists_links_and_stress() -> None:
    html = markdown_to_html(ARTICLE)
    assert "<h2>Resa ut utan kort</h2>" in html
    assert "<strong>ut</strong>" in html
    assert '<a href="https://example.se/beslut">sidan om beslut</a>' in html
    assert html.index("<ul>") < html.index("<ol>") < html.index("</ol>") < html.index("</ul>")


def test_headings_fit_under_the_heading_of_their_page() -> None:
    html = markdown_to_html("# A\n\n## B\n\n### C\n\n###### D", heading_level=4)
    assert html.split("\n")[:4] == ["<h4>A</h4>", "<h4>B</h4>", "<h5>C</h5>", "<h6>D</h6>"]


def test_an_article_becomes_plain_text_that_reads_well() -> None:
    assert markdown_to_text(ARTICLE) == (
        "Resa ut utan kort\n\n"
        "Du kan resa ut utan kort, men inte alltid in.\n\n"
        "Ta med\n\n"
        "- pass\n"
        "- beslut, se sidan om beslut (https://example.se/beslut)\n"
        "  1. i original\n"
        "  2. i kopia\n\n"
        "Ring oss (+46846500400) eller skriv till https://example.se/."
    )


def test_numbering_starts_where_the_author_starts_and_hard_breaks_stay() -> None:
    assert markdown_to_text("3. c\n4. d\\\n   e") == "3. c\n4. d\n   e"


def test_plain_text_of_an_article_keeps_its_lists_when_it_is_sent() -> None:
    html = plain_to_html(markdown_to_text("Intro\n\n- a\n- b\n\n1. c\n2. d"))
    assert html.count("<li ") == 4
    assert "<ol>" in html
    assert "<ul>" in html


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](java\nscript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "[x](file:///etc/passwd)",
        "[x](//evil.example.org)",
        "[x](/relative)",
        "[x](http://[)",
        "<javascript:alert(1)>",
        '[x](https://a.example.se "title\\" onmouseover=alert(1)")',
        "![x](https://tracker.example.org/p.gif)",
        "<!-- c --> <svg/onload=alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
        "```html\n<script>\n```",
        "\0<script>",
    ],
)
def test_hostile_markdown_loads_and_runs_nothing(hostile: str) -> None:
    html = markdown_to_html(hostile)
    for forbidden in (
        "<script",
        "<img",
        "<svg",
        "<!--",
        'href="java',
        'href="data',
        'href="vb',
        'href="file',
        'href="/',
    ):
        assert forbidden not in html.lower()
    assert "\0" not in html
    markdown_to_text(hostile)


@pytest.mark.parametrize("source", ["", "\n\n", "   "])
def test_an_empty_article_is_empty(source: str) -> None:
    assert markdown_to_html(source) == ""
    assert markdown_to_text(source) == ""
    assert plain_to_html(source) == ""


def test_paragraphs_line_breaks_and_lists_come_from_plain_text() -> None:
    html = plain_to_html("Hej!\nSå här:\n- pass\n• kort\n  som är giltigt\n\n1. ring\n2) skriv\nHej då")
    assert html == (
        '<p dir="auto">Hej!<br>\nSå här:</p>\n'
        '<ul>\n<li dir="auto">pass</li>\n<li dir="auto">kort som är giltigt</li>\n</ul>\n'
        '<ol>\n<li dir="auto">ring</li>\n<li dir="auto">skriv</li>\n</ol>\n'
        '<p dir="auto">Hej då</p>'
    )


@pytest.mark.parametrize("line", ["17. marraskuuta saat kortin", "1. september är sista dagen", "-40 grader", "*OBS*"])
def test_a_date_a_minus_or_a_star_does_not_start_a_list(line: str) -> None:
    assert plain_to_html(line) == f'<p dir="auto">{line}</p>'


def test_numbers_that_do_not_count_up_stay_as_typed() -> None:
    assert plain_to_html("3. c\n1. a") == '<p dir="auto">3. c<br>\n1. a</p>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            "Se https://example.se/a?b=1&c=2.",
            'Se <a href="https://example.se/a?b=1&amp;c=2" rel="noreferrer">https://example.se/a?b=1&amp;c=2</a>.',
        ),
        ("(http://example.se)", '(<a href="http://example.se" rel="noreferrer">http://example.se</a>)'),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("www.example.se a@example.se ftp://example.se", "www.example.se a@example.se ftp://example.se"),
        ("https://bank.example.se@evil.example.org", "https://bank.example.se@evil.example.org"),
        ("<b>&", "&lt;b&gt;&amp;"),
    ],
)
def test_only_http_and_https_addresses_become_links(text: str, html: str) -> None:
    assert linked(text) == html


def test_a_quote_in_an_address_cannot_leave_its_attribute() -> None:
    html = linked('https://example.se/"onmouseover="alert(1)')
    assert html.count('"') == 4


def test_unseen_characters_and_strange_line_ends_are_cleaned_away() -> None:
    assert cleaned("\n\na\r\nb\rc\u2028d\x00\x1b[31m \u202ee\ud800  \t\n\n") == "a\nb\nc\nd[31m e"


def test_what_is_quoted_makes_no_links_and_no_lists() -> None:
    html = quoted_html("- https://evil.example.org\n<b>\n\nb")
    assert html == '<p dir="auto">- https://evil.example.org<br>\n&lt;b&gt;</p>\n<p dir="auto">b</p>'


def test_a_quote_marks_every_line() -> None:
    assert quoted_text("a\n\n> b\n c") == "> a\n>\n>> b\n>  c"


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("Ja.\n\nMed vänliga hälsningar\nKarin", True),
        ("Kyllä.\nYstävällisin terveisin, Aino", True),
        ("Yes.\n\nBest regards,\nKarin", True),
        ("Mvh Karin", True),
        ("Vi hälsar dig välkommen.", False),
        ("Regarding your card: yes.", False),
        ("", False),
    ],
)
def test_a_closing_is_recognised_at_the_end(text: str, closed: bool) -> None:
    assert is_closed(text) is closed


@pytest.mark.parametrize("hostile", ["[" * 20_000, "*a " * 20_000, "- " * 20_000, "https://" + "(" * 20_000])
def test_hostile_length_does_not_take_long(hostile: str) -> None:
    begun = time.process_time()
    markdown_to_html(hostile)
    markdown_to_text(hostile)
    plain_to_html(hostile)
    assert time.process_time() - begun < 5
