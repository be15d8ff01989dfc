"""The plain text of a letter as paragraphs and lists."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

_BULLET = re.compile(r"^\s*[-*•–]\s+(?=\S)")
_NUMBER = re.compile(r"^\s*([0-9]{1,3})[.)]\s+(?=\S)")
_RIGHT_TO_LEFT = {"R", "AL"}
_LEFT_TO_RIGHT = "L"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (one item) or a list; `start` is a numbered list's first number, `rtl` that it runs right to left."""

    kind: str
    items: tuple[str, ...]
    start: int = 1
    rtl: bool = False


def blocks_of(text: str) -> tuple[Block, ...]:
    """The blocks of a text: "- " or "• " begins a bullet, "1. " a numbered item, an empty line ends a paragraph."""
    chunks = re.split(r"\n[^\S\n]*\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    found = (block for chunk in chunks for block in _blocks_of_chunk(chunk.strip("\n")))
    return tuple(replace(block, rtl=is_right_to_left(block.items[0])) for block in found)


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction runs right to left (Unicode Standard Annex 9, rule P2)."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in _RIGHT_TO_LEFT:
            return True
        if direction == _LEFT_TO_RIGHT:
            return False
    return False


def _blocks_of_chunk(chunk: str) -> Iterator[Block]:
    lines = [line for line in chunk.split("\n") if line.strip()]
    for kind, group in groupby(_with_kinds(lines), key=lambda pair: pair[0]):
        texts = [line for _, line in group]
        if kind == "paragraph":
            yield Block(kind, ("\n".join(line.strip() for line in texts),))
        else:
            yield _list_of(kind, texts)


def _with_kinds(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Each line with its kind; an indented line after a list item goes on with that item."""
    kind = "paragraph"
    for line in lines:
        if _BULLET.match(line):
            kind = "bullets"
        elif _NUMBER.match(line):
            kind = "numbers"
        elif not line[0].isspace():
            kind = "paragraph"
        yield kind, line


def _list_of(kind: str, lines: list[str]) -> Block:
    mark = _BULLET if kind == "bullets" else _NUMBER
    items: list[str] = []
    for line in lines:
        if mark.match(line) or not items:
            items.append(mark.sub("", line).strip())
        else:
            items[-1] += "\n" + line.strip()
    first = _NUMBER.match(lines[0])
    return Block(kind, tuple(items), int(first[1]) if first else 1)
