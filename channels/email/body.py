"""What the person wrote, as text and as safe HTML, from all stretches of the body."""

from __future__ import annotations

import html as entities
import re
from dataclasses import dataclass, field

from channels.email import limits
from channels.email.charsets import clean_text, decode
from channels.email.flowed import unflow
from channels.email.markup import Markup, read_markup
from channels.email.parts import Part
from channels.email.structure import Slot

_META_CHARSET = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?([\w:.-]{1,40})", re.IGNORECASE)
_UUENCODED = re.compile(r"^begin [0-7]{3,4} \S.{0,200}\n[!-`]", re.MULTILINE)
_STUB_FACTOR = 3
"""a text form with so many times fewer words than the HTML form is only a stub"""


@dataclass(frozen=True, slots=True)
class Body:
    """`too_long` are parts whose text was cut and that must be kept whole as files."""

    text: str
    html: str
    cids: frozenset[str] = frozenset()
    embedded: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    too_long: tuple[Part, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    problems: list[str]
    too_long: list[Part]
    markups: list[Markup]
    text_left: int = limits.MAX_TEXT
    html_left: int = limits.MAX_HTML

    def leave_out(self, part: Part) -> None:
        """The part, or the rest of it, is shown as a file."""
        self.too_long.append(part)
        self.problems.append("text_cut")


def read_body(slots: tuple[Slot, ...]) -> Body:
    """The body in both forms; `html` is "" when the mail has none."""
    reading = _Reading([], [], [])
    texts: list[str] = []
    htmls: list[str] = []
    for slot in slots:
        plain = "\n".join(_plain(part, reading) for part in slot.plain)
        markups = [_markup(part, reading) for part in slot.html]
        texts.append(_best(plain, "\n".join(markup.text for markup in markups), reading))
        htmls.append("\n".join(markup.html for markup in markups) or _as_html(plain))
    has_html = any(markup.html for markup in reading.markups)
    return Body(
        text="\n\n".join(text.strip("\n") for text in texts if text.strip()),
        html="\n".join(htmls) if has_html else "",
        cids=frozenset().union(*(markup.cids for markup in reading.markups)),
        embedded=tuple(image for markup in reading.markups for image in markup.embedded),
        too_long=tuple(reading.too_long),
        problems=tuple(reading.problems),
    )


def part_text(part: Part) -> tuple[str, bool]:
    """The clean text of a text part, and whether its charset was unknown or wrong."""
    data = part.data()
    charset = part.parameters.get("charset", "")
    if not charset and part.content_type == "text/html" and (match := _META_CHARSET.search(data[:2048])):
        charset = match[1].decode("ascii", "replace")
    text, is_repaired = decode(data, charset)
    return clean_text(text), is_repaired


def _plain(part: Part, reading: _Reading) -> str:
    text = _text(part, reading)
    if len(text) > reading.text_left:
        reading.leave_out(part)
        text = text[: reading.text_left]
    reading.text_left -= len(text)
    if _UUENCODED.search(text):
        reading.problems.append("uuencoded_file")
    if part.parameters.get("format", "").lower() == "flowed":
        return unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return text


def _markup(part: Part, reading: _Reading) -> Markup:
    if len(reading.markups) >= limits.MAX_HTML_PARTS or reading.html_left <= 0:
        reading.leave_out(part)
        return Markup("")
    text = _text(part, reading)
    markup = read_markup(text, prefix=f"embedded-{len(reading.markups) + 1}")
    reading.html_left -= len(markup.html)
    if len(markup.text) > limits.MAX_TEXT:
        reading.leave_out(part)
    reading.problems.extend(markup.problems)
    reading.markups.append(markup)
    return markup


def _text(part: Part, reading: _Reading) -> str:
    text, is_repaired = part_text(part)
    if is_repaired:
        reading.problems.append("charset_repaired")
    if part.is_broken:
        reading.problems.append("broken_mime")
    return text


def _best(plain: str, from_html: str, reading: _Reading) -> str:
    if not plain.strip():
        return from_html[: limits.MAX_TEXT]
    if from_html and len(plain.split()) * _STUB_FACTOR < len(from_html.split()):
        reading.problems.append("text_from_html")
        return from_html[: limits.MAX_TEXT]
    return plain


def _as_html(plain: str) -> str:
    if not plain.strip():
        return ""
    return "<p>" + entities.escape(plain.strip("\n"), quote=False).replace("\n", "<br>") + "</p>"
