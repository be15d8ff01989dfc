"""Plain text as an agent types it: cleaned, quoted, or as simple HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from jinja2.utils import urlize
from markupsafe import Markup, escape

_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""control characters, marks that override the reading direction, and halves of surrogate pairs"""
_BREAKS = re.compile(r"\r\n|[\r\x85\u2028\u2029\v\f]")
_BULLET = re.compile(r"[ \t]*[-*•–][ \t]+(\S.*)")
_NUMBER = re.compile(r"[ \t]*(\d{1,2})[.)][ \t]+(\S.*)")
_CLOSING = re.compile(
    r"\s*(?:(?:med )?(?:vänlig|varm)a? hälsning(?:ar)?|hälsningar|mvh|(?:ystävällisin |parhain )?terveisin"
    r"|(?:kind|best|warm) (?:regards|wishes)|regards|yours (?:sincerely|faithfully))\b",
    re.IGNORECASE,
)
_LONGEST_QUOTE = 20_000
_ADDRESS = re.compile(r"(https?://\S+)")


@dataclass(slots=True)
class _Block:
    """A run of lines of one kind: "p", "ul" or "ol"; `raw` is what was typed."""

    kind: str
    lines: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)


def cleaned(text: str) -> str:
    """The text with "\\n" as its only line break, without unseen characters, ends of lines and of the text trimmed."""
    lines = _UNSEEN.sub("", _BREAKS.sub("\n", text)).split("\n")
    return "\n".join(line.rstrip(" \t") for line in lines).strip("\n")


def is_closed(text: str) -> bool:
    """True when one of the last lines is a closing such as "Vänliga hälsningar", so that none need be added."""
    return any(_CLOSING.match(line) for line in cleaned(text).split("\n")[-4:])


def quoted_text(text: str) -> str:
    """The text with "> " before each line; of a very long one the beginning, ending in "…"."""
    lines = _beginning(text).split("\n")
    return "\n".join((">" if line.startswith(">") or not line else "> ") + line for line in lines)


def quoted_html(text: str) -> Markup:
    """The same text as escaped paragraphs without links; "" for no text."""
    paragraphs = filter(None, re.split(r"\n{2,}", _beginning(text)))
    return Markup("\n").join(_paragraph([escape(line) for line in part.split("\n")]) for part in paragraphs)


def plain_to_html(text: str) -> Markup:
    """The text as paragraphs and lists with everything escaped; http and https addresses become links, nothing else.

    Lines that begin with a dash, star or dot make a list; so do lines numbered 1, 2, 3 … in order, so that a Finnish
    date at the start of a line stays text. Other line breaks stay line breaks.
    """
    return Markup("\n").join(_html(block) for block in _blocks(cleaned(text)))


def linked(text: str) -> Markup:
    """The text escaped, with its http and https addresses as links."""
    parts = _ADDRESS.split(text)
    return Markup("").join(
        Markup(urlize(part, rel="noreferrer")) if place % 2 else escape(part)  # noqa: S704 - urlize escapes
        for place, part in enumerate(parts)
    )


def _blocks(text: str) -> Iterator[_Block]:
    for chunk in filter(None, re.split(r"\n{2,}", text)):
        for block in _runs(chunk.split("\n")):
            yield block if block.kind != "ol" or _is_counted(block) else _Block("p", block.raw, block.raw)


def _runs(lines: Iterable[str]) -> Iterator[_Block]:
    block: _Block | None = None
    for line in lines:
        kind, content = _kind(line)
        if block and block.kind != "p" and kind == "p" and line[:1] in " \t":
            block.lines[-1] += " " + content.strip()
            block.raw.append(line)
            continue
        if block is None or block.kind != kind:
            if block:
                yield block
            block = _Block(kind)
        block.lines.append(content)
        block.raw.append(line)
    if block:
        yield block


def _kind(line: str) -> tuple[str, str]:
    if bullet := _BULLET.fullmatch(line):
        return "ul", bullet[1]
    if numbered := _NUMBER.fullmatch(line):
        return "ol", numbered[2]
    return "p", line


def _is_counted(block: _Block) -> bool:
    numbers = [int(found[1]) for line in block.raw if (found := _NUMBER.fullmatch(line))]
    return len(numbers) > 1 and numbers == list(range(1, len(numbers) + 1))


def _html(block: _Block) -> Markup:
    if block.kind == "p":
        return _paragraph([linked(line) for line in block.lines])
    items = Markup("\n").join(Markup('<li dir="auto">{}</li>').format(linked(line)) for line in block.lines)
    return Markup("<{kind}>\n{items}\n</{kind}>").format(kind=block.kind, items=items)


def _paragraph(lines: list[Markup]) -> Markup:
    return Markup('<p dir="auto">{}</p>').format(Markup("<br>\n").join(lines))


def _beginning(text: str) -> str:
    whole = cleaned(text)
    return whole if len(whole) <= _LONGEST_QUOTE else whole[:_LONGEST_QUOTE].rstrip() + " …"
