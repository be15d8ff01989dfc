"""HTML to the text a person would have typed: quoted mail marked by ">", tables as lines."""

from __future__ import annotations

import html as entities
import re
from typing import Any

from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml.html import builder

from channels.email.html_tree import depth_of

_MAX_ELEMENTS = 6_000
"""inscriptis walks elements in Python, about 40 microseconds each"""
_MAX_DEPTH = 80
_MAX_QUOTE_DEPTH = 8
_QUOTE = ("gmail_quote", "protonmail_quote", "yahoo_quoted", "moz-cite")
_PLACE = re.compile("\ue000(\\d{1,5})\ue001")
_TABLE = {"table": "div", "tbody": "div", "thead": "div", "tfoot": "div", "tr": "div", "td": "span", "th": "span"}
_UNSEEN = re.compile(r"<(/?)(script|style|title)\b", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/?p|/?div|/?tr|/?li|/?h[1-6]|/?blockquote|/?table)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<!?/?[a-zA-Z-][^<>]*>")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


def tree_to_text(tree: Any) -> str:
    """The text of a tree, which is consumed. Linear: table columns are not padded (one wide cell made 500 MB)."""
    for element in list(tree.iter(*_TABLE)):
        if element.tag in ("td", "th"):
            element.tail = "  " + (element.tail or "").strip()
        element.tag = _TABLE[element.tag]
    return _tidy(_render(tree, 0))


def is_hard_to_lay_out(tree: Any) -> bool:
    """Whether the tree is too large or deep for a layout with indentation; then `words_of` gives its words."""
    return sum(1 for _ in tree.iter()) > _MAX_ELEMENTS or depth_of(tree) > _MAX_DEPTH


def words_of(html: str) -> str:
    """Every word of the HTML by cutting the tags out, for bodies too costly for a tree. Linear."""
    return _tidy(entities.unescape(_TAG.sub("", _BREAK.sub("\n", _without_unseen(html)))))


def _without_unseen(html: str) -> str:
    kept: list[str] = []
    position, opened = 0, ""
    for match in _UNSEEN.finditer(html):
        name = match[2].lower()
        if not opened and not match[1]:
            kept.append(html[position : match.start()])
            position, opened = match.start(), name
        elif match[1] and name == opened:
            position, opened = match.start(), ""
    return "".join([*kept, html[position:]])


def _render(tree: Any, depth: int) -> str:
    quotes: list[str] = []
    if depth < _MAX_QUOTE_DEPTH:
        for quote in _outermost_quotes(tree):
            place = builder.DIV(f"\ue000{len(quotes)}\ue001")
            place.tail, quote.tail = quote.tail, None
            quote.getparent().replace(quote, place)
            quotes.append(_marked(_tidy(_render(quote, depth + 1))))
    text = Inscriptis(tree, ParserConfig(css=CSS_PROFILES["strict"])).get_text()
    return _PLACE.sub(lambda match: _quote(quotes, int(match[1])), text)


def _quote(quotes: list[str], number: int) -> str:
    return quotes[number] if number < len(quotes) else ""


def _outermost_quotes(tree: Any) -> list[Any]:
    """Blockquotes that mail programs put around what they quote; a person's own indentation is not one."""
    found = [element for element in tree.iter("blockquote") if element is not tree and _is_citation(element)]
    inside = {id(below) for element in found for below in element.iterdescendants("blockquote")}
    return [element for element in found if id(element) not in inside]


def _is_citation(element: Any) -> bool:
    return element.get("type") == "cite" or any(name in (element.get("class") or "") for name in _QUOTE)


def _marked(text: str) -> str:
    return "\n".join(">" + ("" if line.startswith(">") or not line else " ") + line for line in text.split("\n"))


def _tidy(text: str) -> str:
    text = text.replace("\u00a0", " ").replace("\u200b", "")
    lines = (line.rstrip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")
