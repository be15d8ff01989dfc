"""Articles in a small Markdown, shown safely or put into a letter as plain text.

The subset: paragraphs, headings, lists, links, **bold** and *stress*. HTML and everything else stay as they were typed,
escaped; an image becomes a link. Links go to http, https, mailto and tel only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import count, repeat

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup

_RULES = ["heading", "list", "link", "emphasis", "escape", "newline", "entity", "autolink"]
_SAFE = re.compile(r"(https?|mailto|tel):", re.IGNORECASE)
_LOWEST = 6


class _Parser(MarkdownIt):
    def __init__(self) -> None:
        super().__init__("zero", {"html": False, "maxNesting": 20})
        self.enable(_RULES)

    def validateLink(self, url: str) -> bool:  # noqa: N802 - markdown-it's own name
        return _SAFE.match(url) is not None


def markdown_to_html(source: str, *, heading_level: int = 2) -> Markup:
    """The article as safe HTML; its top headings ("#" and "##") become `heading_level`, to fit into the page."""
    parser = _parser()
    tokens = parser.parse(_cleaned(source))
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(_LOWEST, heading_level + max(0, int(token.tag[1:]) - 2))}"
    return Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704 - escaped by the renderer


def markdown_to_text(source: str) -> str:
    """The article as plain text: paragraphs on one line each, "- " and "1. " for lists, addresses in brackets."""
    return _children_text(SyntaxTreeNode(_parser().parse(_cleaned(source))), between="\n\n")


@cache
def _parser() -> _Parser:
    return _Parser()


def _cleaned(source: str) -> str:
    return source.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _children_text(node: SyntaxTreeNode, *, between: str = "") -> str:
    return between.join(_text(child) for child in node.children)


def _text(node: SyntaxTreeNode) -> str:
    if node.type in {"bullet_list", "ordered_list"}:
        return "\n".join(_item(item, marker) for item, marker in zip(node.children, _markers(node), strict=False))
    if node.type == "link":
        return _link(node)
    if node.children:
        return _children_text(node)
    return {"softbreak": " ", "hardbreak": "\n"}.get(node.type, node.content)


def _markers(node: SyntaxTreeNode) -> Iterator[str]:
    if node.type == "bullet_list":
        return repeat("- ")
    return (f"{number}. " for number in count(int(node.attrs.get("start", 1))))


def _item(item: SyntaxTreeNode, marker: str) -> str:
    return marker + _children_text(item, between="\n").replace("\n", "\n" + " " * len(marker))


def _link(node: SyntaxTreeNode) -> str:
    words = _children_text(node)
    address = str(node.attrs["href"]).removeprefix("mailto:").removeprefix("tel:")
    return words if address in words else f"{words} ({address})"
