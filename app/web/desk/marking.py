"""Marks the words in a text that made it fit."""

from __future__ import annotations

import re
from collections.abc import Collection

from markupsafe import Markup, escape

from app.core.text import folded

_WORD = re.compile(r"\w+", re.UNICODE)
SHORTEST = 3


def marked(text: str, words: Collection[str]) -> Markup:
    """The text escaped, each word that begins with one of `words` in <mark>; case and accents do not matter."""
    stems = tuple({folded(word) for word in words if len(word) >= SHORTEST})
    if not stems:
        return escape(text)
    parts, at = [], 0
    for found in _WORD.finditer(text):
        if folded(found[0]).startswith(stems):
            parts += [escape(text[at : found.start()]), Markup("<mark>{}</mark>").format(found[0])]
            at = found.end()
    return Markup("").join([*parts, escape(text[at:])])
