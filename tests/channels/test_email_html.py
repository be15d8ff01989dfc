"""HTML a stranger wrote: nothing runs, nothing is fetched, nothing takes long."""

from __future__ import annotations

import time

import pytest

from channels.email.html_text import words_of
from channels.email.markup import read_markup
from tests.samples.email.build import mail, multipart_mail, part, read

ATTACKS = {
    "script": "<script>alert(1)</script>",
    "script in svg": "<svg><script>alert(1)</script></svg>",
    "handler": '<img src=x onerror="alert(1)">',
    "handler on body": '<body onload="alert(1)">',
    "javascript link": '<a href="javascript:alert(1)">x</a>',
    "javascript link hidden": '<a href=" jav&#x09;ascript:alert(1)">x</a>',
    "data link": '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    "data image": '<img src="data:image/svg+xml;base64,PHN2Zz4=">',
    "vbscript": '<a href="vbscript:msgbox(1)">x</a>',
    "frame": '<iframe src="https://evil.example.org"></iframe>',
    "srcdoc": '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "object": '<object data="https://evil.example.org/x.swf"></object><embed src="x">',
    "form": '<form action="https://evil.example.org"><input name=password><button formaction="x">In</button></form>',
    "refresh": '<meta http-equiv="refresh" content="0;url=https://evil.example.org">',
    "base": '<base href="https://evil.example.org/">',
    "link": '<link rel=stylesheet href="https://evil.example.org/x.css">',
    "style element": "<style>@import url(https://evil.example.org/x.css)</style>",
    "style attribute": '<p style="background:url(https://evil.example.org/x.png);position:fixed">x</p>',
    "background": '<table background="https://evil.example.org/x.png"><tr><td>x</table>',
    "mutation noscript": '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "mutation math": "<math><mtext><table><mglyph><style><!--</style>"
    "<img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "mutation svg": "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "mutation template": "<template><img src=x onerror=alert(1)></template>",
    "mutation comment": "<!--><img src=x onerror=alert(1)>-->",
    "cdata": "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "xml instruction": '<?xml-stylesheet href="javascript:alert(1)"?>',
    "unclosed": '<img src=x onerror=alert(1) <p "',
    "srcset": '<img srcset="https://evil.example.org/x.png 2x">',
    "video": '<video poster="https://evil.example.org/x.png"><source src="x"></video>',
    "class and id": '<p class="desk-admin" id="csrf_token" name="x">x</p>',
    "cid with quotes": "<img src='cid:x\" onerror=\"alert(1)'>",
    "cid link": '<a href="cid:x">x</a>',
}
FORBIDDEN = ("<script", "<svg", "<iframe", "<object", "<form", "<input", "<meta", "<base", "<link", "<style", "<video")
FORBIDDEN_PARTS = (
    'onerror="',
    "onload=",
    "javascript:",
    "vbscript:",
    "data:",
    "evil.example.org",
    "style=",
    "class=",
    "id=",
)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_nothing_dangerous_survives(attack: str) -> None:
    html = read_markup(f"<p>Hej</p>{attack}<p>Slut</p>").html.lower()
    assert "hej" in html
    visible_as_text = html.replace("&lt;", "").replace("&gt;", "")
    assert not [one for one in FORBIDDEN if one in html]
    assert not [one for one in FORBIDDEN_PARTS if one in visible_as_text]


def test_ordinary_html_is_kept_as_it_is() -> None:
    source = (
        '<h1>Rubrik</h1><p>Hej <b>du</b> <i>där</i><br>rad</p><ul><li>ett</li></ul><ol start="3"><li>tre</li></ol>'
        '<table><tbody><tr><td colspan="2">cell</td></tr></tbody></table><blockquote>citat</blockquote><pre>kod</pre>'
    )
    assert read_markup(source).html == source


def test_links_stay_and_carry_no_referrer() -> None:
    html = read_markup('<a href="https://example.se/a?b=1&amp;c=2" target="_blank">länk</a>').html
    assert html == '<a href="https://example.se/a?b=1&amp;c=2" rel="noopener noreferrer nofollow">länk</a>'


@pytest.mark.parametrize(
    "source",
    [
        '<img src="https://spy.example.org/pixel.gif" width=1 height=1>',
        "<img src='//spy.example.org/p.gif' alt='Logotyp'>",
        '<td background="http://spy.example.org/p.gif">x',
        '<p style="background-image: url(&quot;x&quot;); background: url(https://spy.example.org/x)">',
    ],
)
def test_remote_images_are_left_out_and_reported(source: str) -> None:
    message = read(mail(f"<p>Hej</p>{source}", "Content-Type: text/html"))
    assert "spy.example.org" not in message.html
    assert "<img" not in message.html
    assert "remote_images_blocked" in message.problems


def test_the_alternative_text_stands_for_a_remote_image() -> None:
    assert read_markup('<p>Hej <img src="https://spy.example.org/s.png" alt="😀">!</p>').html == "<p>Hej 😀!</p>"


def test_images_of_the_mail_stay_as_cid_references() -> None:
    markup = read_markup('<p><img src="cid:a@b.example.se" alt="karta" width="20"></p>')
    assert markup.html == '<p><img src="cid:a@b.example.se" alt="karta" width="20"></p>'
    assert markup.cids == {"a@b.example.se"}
    assert markup.problems == ()


EXPENSIVE = {
    "nested divs": "<div>" * 40_000 + "slut",
    "nested tables": "<table><tr><td>" * 8_000 + "slut",
    "nested formatting": "".join(f"<b a={number}>x" for number in range(250)) + "<p>x" * 200_000,
    "misnested formatting": "<b><p>x" * 100_000,
    "misnested links": "<div>" * 240 + "<a href=x>x" * 50_000,
    "attributes": "<div " + " ".join(f"a{number}=1" for number in range(100_000)) + ">slut",
    "fewer attributes": "<div " + " ".join(f"a{number}=1" for number in range(11_000)) + ">slut" + " " * 40_000,
    "comments": "<!--" * 200_000,
    "lone marks": "<" * 900_000,
    "references": "&amp" * 200_000,
    "scripts": "<script>" * 100_000,
    "styles": "<style>a</style" * 60_000,
    "nested lists": "<ul>" * 250 + "<li>x" * 5_000,
    "quotes in quotes": "<blockquote type=cite>" * 200 + "x<br>" * 2_000,
    "a wide cell among many": "<table>" + "<tr><td>y" * 2_500 + "<tr><td>" + "x " * 50_000 + "</table>",
    "a row of cells": "<table><tr>" + "<td>x" * 25_000,
    "forms": "<form>" * 50_000 + "<select><option>" * 10_000,
    "math": "<math><mi><table>" * 18_000,
    "length": "ord " * 600_000,
}


@pytest.mark.parametrize("source", EXPENSIVE.values(), ids=EXPENSIVE)
def test_no_html_takes_long_to_read(source: str) -> None:
    began = time.process_time()
    read_markup(source)
    assert time.process_time() - began < 2.0


@pytest.mark.parametrize("name", ["nested divs", "nested tables", "length"])
def test_html_too_costly_to_sanitise_still_gives_its_words(name: str) -> None:
    message = read(mail(EXPENSIVE[name], "Content-Type: text/html"))
    assert message.html == ""
    assert message.text.split()[-1] in ("slut", "ord")
    assert "html_too_costly" in message.problems


def test_words_are_cut_out_of_html_without_tags_styles_or_entities() -> None:
    source = "<style>p{}</style><p>Hej&nbsp;på &lt;dig&gt;</p><script>x()</script><div>Rad 2<br>Rad 3</div> 1 < 2"
    assert words_of(source).split("\n") == ["", "Hej på <dig>", "", "Rad 2", "Rad 3", " 1 < 2"][1:]


def test_a_persons_own_indentation_is_not_taken_for_a_quote() -> None:
    assert ">" not in read_markup("<p>Hej</p><blockquote style='margin:0 0 0 40px'>indraget</blockquote>").text


def test_quotes_of_mail_programs_are_marked_by_their_depth() -> None:
    source = "<p>Nytt</p><blockquote type='cite'><p>Ett</p><blockquote type='cite'>Två</blockquote></blockquote>"
    assert read_markup(source).text.split("\n") == ["Nytt", "", "> Ett", ">", ">> Två"]


def test_tables_are_read_row_by_row() -> None:
    source = "<table><tr><th>Land</th><th>År</th></tr><tr><td>Syrien</td><td>2019</td></tr></table>"
    assert [line.split() for line in read_markup(source).text.split("\n")] == [["Land", "År"], ["Syrien", "2019"]]


def test_html_of_both_forms_is_safe_in_the_message() -> None:
    html = part("<p onclick=x()>Hej</p><script>x()</script>", "text/html; charset=utf-8")
    message = read(multipart_mail(part("Hej"), html, kind="alternative"))
    assert message.html == "<p>Hej</p>"


def test_plain_text_beside_html_is_escaped() -> None:
    message = read(multipart_mail(part("<script>x()</script>"), part("<p>Hej</p>", "text/html")))
    assert message.html == "<p>&lt;script&gt;x()&lt;/script&gt;</p>\n<p>Hej</p>"
