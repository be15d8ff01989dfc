"""An HTML body as a tree that is cheap to work on: capped in size, depth and distinct attributes.

The caps stand before every step whose cost grows faster than its input: nh3 is quadratic in nesting (measured: 40,000
nested elements of 200 kB take 7 s), libxml2 in the attributes of one element (100,000 take 14 s).
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

from channels.email import limits

_SEPARATORS = re.compile(r"[\s/\"'=<>]+")
_SMALL = 50_000
"""characters that cannot hold enough attributes to matter"""
_MAX_DISTINCT = 12_000
_MAX_MARKS = 60_000
"""tags and character references; nh3 takes 6 microseconds for each"""
_MAX_ATTRIBUTES = 100
_MAX_NESTED_MARKS = 1_500_000
"""marks times depth; each wrongly nested link makes nh3 walk up the whole depth"""
_UNSEEN = (
    "script",
    "style",
    "title",
    "template",
    "noscript",
    "iframe",
    "object",
    "embed",
    "svg",
    "math",
    "meta",
    "link",
)


class TooCostlyError(Exception):
    """The HTML is so large or so deeply nested that it is only read for its words."""


def read_tree(html: str) -> Any | None:
    """The lxml tree of the body, invisible elements removed, None for an empty one. Raises TooCostlyError."""
    is_large = len(html) > limits.MAX_HTML or html.count("<") + html.count("&") > _MAX_MARKS
    if is_large or _has_many_attributes(html):
        raise TooCostlyError
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = document_fromstring(html.encode(), parser=parser)
    except etree.ParserError:
        return None
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        raise TooCostlyError
    if (html.count("<") + html.count("&")) * depth_of(tree) > _MAX_NESTED_MARKS:
        raise TooCostlyError
    _strip(tree)
    return tree


def depth_of(tree: Any) -> int:
    """How deeply its elements are nested."""
    depth = deepest = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(depth, deepest)
    return deepest


def _strip(tree: Any) -> None:
    for element in list(tree.iter(*_UNSEEN)):
        if element.getparent() is not None:
            element.drop_tree()
    for element in tree.iter():
        if len(element.attrib) > _MAX_ATTRIBUTES:
            element.attrib.clear()


def _has_many_attributes(html: str) -> bool:
    """Every attribute name is a word between these separators, so distinct words bound distinct attributes."""
    return len(html) > _SMALL and len(set(_SEPARATORS.split(html))) > _MAX_DISTINCT
