"""Guesses the language of a text among those that citizens write in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

AMONG = ("sv", "fi", "en", "ar", "ru", "so", "fa", "uk", "et", "de")
FEWEST_WORDS = 3
SURE = 0.7
_WORD = re.compile(r"[^\W\d_]+")
_loading = Lock()


def guess_language(text: str, *, among: Sequence[str] = AMONG) -> str | None:
    """The language of a text, or None when it has fewer than three words or none is likely enough."""
    if len(_WORD.findall(text)) < FEWEST_WORDS:
        return None
    with _loading:
        language, probability = _identifier(tuple(among)).classify(text)
    return str(language) if probability >= SURE else None


@cache
def _identifier(among: tuple[str, ...]) -> Any:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(among))
    return identifier
