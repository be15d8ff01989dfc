"""One HTML body read: its text, its safe form, the images inside it and what was left out."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field

from channels.email.charsets import clean_text
from channels.email.html_safe import drop_images, has_remote_content, safe_html
from channels.email.html_text import is_hard_to_lay_out, tree_to_text, words_of
from channels.email.html_tree import TooCostlyError, read_tree
from channels.email.transfer import from_base64

_DATA_IMAGE = re.compile(
    r"(?<=[\"'=])\s*+data:image/(?:png|jpe?g|gif|webp);base64,([A-Za-z0-9+/=\s%]*+)", re.IGNORECASE
)
_MAX_GROWTH = 5
"""times longer than its source a text may become: lists inside lists are indented"""
_PRIVATE = re.compile("[\ue000\ue001]")


@dataclass(frozen=True, slots=True)
class Markup:
    """`html` is "" when it was too costly to sanitise; `cids` are the content ids its images show."""

    text: str
    html: str = ""
    cids: frozenset[str] = frozenset()
    embedded: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    problems: tuple[str, ...] = ()


def read_markup(source: str, *, prefix: str = "embedded") -> Markup:
    """The HTML of one part. Images written into it as data are taken out and get the content ids `prefix`-1, -2, …"""
    embedded: list[tuple[str, bytes]] = []

    def take(match: re.Match[str]) -> str:
        embedded.append((f"{prefix}-{len(embedded) + 1}", from_base64(match[1].replace("%", "").encode())))
        return f"cid:{embedded[-1][0]}"

    html = _DATA_IMAGE.sub(take, _PRIVATE.sub("", clean_text(source)))
    try:
        text, safe, cids, problems = _read(html)
    except TooCostlyError:
        text, safe, cids, problems = words_of(html), "", set[str](), ["html_too_costly"]
    return Markup(text, safe, frozenset(cids), tuple(embedded), tuple(problems))


def _read(html: str) -> tuple[str, str, set[str], list[str]]:
    tree = read_tree(html)
    if tree is None:
        return "", "", set(), []
    problems = ["remote_images_blocked"] if has_remote_content(html, tree) else []
    cids = drop_images(tree)
    text = "" if is_hard_to_lay_out(tree) else tree_to_text(deepcopy(tree))
    if not text or len(text) > _MAX_GROWTH * len(html):
        text = words_of(html)
    return text, safe_html(tree), cids, problems
