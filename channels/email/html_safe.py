"""HTML a stranger wrote, made safe to show inside the desk.

Only text-like elements stay; nothing is fetched from elsewhere and nothing runs. nh3 has the last word, so that no
earlier step has to be trusted; the web layer adds a sandboxed frame and a content security policy.
"""

from __future__ import annotations

import re
from typing import Any

import nh3
from lxml import etree

_TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "caption", "center", "code", "col", "colgroup", "dd", "del", "div", "dl"),
    *("dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li", "ol", "p", "pre", "q", "s"),
    *("small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u"),
    "ul",
}
_ATTRIBUTES = {
    "*": {"dir", "lang"},
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}
_KEPT = frozenset().union(*_ATTRIBUTES.values()) | {"href"}
_LINK = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)
_CID = re.compile(r"cid:[^\s\"'<>]{1,250}\Z", re.IGNORECASE)
_REMOTE = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)
_REMOTE_BACKGROUND = re.compile(r"(?:\bbackground\s*=|url\()\s*[\"']?(?:https?:)?//", re.IGNORECASE)


def _keep(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "href":
        return value if tag == "a" and _LINK.match(value.strip()) else None
    if attribute == "src":
        return value if tag == "img" and _CID.match(value.strip()) else None
    return value


_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    attribute_filter=_keep,
    clean_content_tags={"script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math"},
    url_schemes={"http", "https", "mailto", "tel", "cid"},
    link_rel="noopener noreferrer nofollow",
)


def drop_images(tree: Any) -> set[str]:
    """Puts the alternative text in the place of every image that is not a part of the mail; the cids that stay."""
    kept: set[str] = set()
    for image in list(tree.iter("img")):
        source = (image.get("src") or "").strip()
        if _CID.match(source):
            kept.add(source[4:])
        else:
            image.tail = (image.get("alt") or "") + (image.tail or "")
            image.drop_tree()
    return kept


def has_remote_content(html: str, tree: Any) -> bool:
    """Whether showing the HTML as it came would fetch something from elsewhere."""
    sources = (image.get("src") or "" for image in tree.iter("img"))
    return any(_REMOTE.match(source) for source in sources) or bool(_REMOTE_BACKGROUND.search(html))


def safe_html(tree: Any) -> str:
    """The sanitised body of the tree."""
    for element in tree.iter():
        kept = {name: value for name, value in element.attrib.items() if name in _KEPT}
        element.attrib.clear()
        element.attrib.update(kept)
    body = tree.find("body")
    return _CLEANER.clean(etree.tostring(tree if body is None else body, encoding="unicode", method="html")).strip()
