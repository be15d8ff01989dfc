"""The tables of `quote_words` joined into the patterns that the trimmer tries on each line."""

from __future__ import annotations

import re
from collections.abc import Iterable

from channels.email.quote_words import DEVICES, LANGUAGES, SMALL_WORDS

MAX_ATTRIBUTION = 320
"""characters of an attribution line, its wrapped lines together"""


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))


ROLES = {label: role for language in LANGUAGES for role, labels in language.labels.items() for label in labels}
_WROTE = _any(word for language in LANGUAGES for word in language.wrote)
_LEAD = _any(word for language in LANGUAGES for word in language.leads)
_WEEKDAY = _any(word for language in LANGUAGES for word in language.weekdays)
_MONTH = _any(word for language in LANGUAGES for word in language.months)
_ORIGINAL = _any(word for language in LANGUAGES for word in language.original)
_FORWARDED = _any(word for language in LANGUAGES for word in language.forwarded)
_LABEL = _any(ROLES)

ADDRESS = re.compile(r"[^\s<>()\[\]:;,\"]{1,64}@[^\s<>()\[\]:;,\"]{2,255}")
TIME = re.compile(r"\b\d{1,2}[.:]\d{2}\b")
YEAR = re.compile(r"\b(?:19|20)\d\d\b")
QUOTED = re.compile(r" ?>")
SEPARATOR = re.compile(rf"\s*[-_–—*]{{2,}}\s*(?:{_ORIGINAL})\s*[-_–—*]{{2,}}\s*\Z", re.IGNORECASE)
FORWARD = re.compile(rf"\s*(?:[-_–—*]{{2,}}\s*(?:{_FORWARDED})\b.{{0,80}}|(?:{_FORWARDED})\s*:)\s*\Z", re.IGNORECASE)
FORWARD_SUBJECT = re.compile(r"\s*(?:fwd?|vb|vl|wg|vidarebefordrat|edelleenlähetetty|videresendt?)\s*:", re.IGNORECASE)
AMBIGUOUS_FORWARD_SUBJECT = re.compile(r"\s*vs\s*:", re.IGNORECASE)
"""Finnish for an answer, Norwegian and Danish for a forwarded mail"""
RULE = re.compile(r"\s*[-_–—=*]{5,}\s*\Z")
LABEL_LINE = re.compile(rf"[ \t]*\*?({_LABEL})[ \t]*\*?[ \t]*:\*?(?:[ \t]+(.*)|)\Z", re.IGNORECASE)
LABEL_INSIDE = re.compile(rf"(?<!\w)\*?({_LABEL})\*?:", re.IGNORECASE)
DATE_FIRST = re.compile(
    rf"(?:(?:{_LEAD})\s+)?(?:(?:{_WEEKDAY})[a-zåäöø]{{0,8}}[.,]?\s+)?(?:(?:den|the|d\.)\s+)?"
    rf"(?:\d|(?:{_MONTH})[a-zåäöø]{{0,8}}\.?\s+\d)[^\n]{{3,220}}?(?<!\w)(?:{_WROTE})(?!\w)[^\n]{{0,160}}:\Z",
    re.IGNORECASE,
)
NAME_FIRST = re.compile(
    rf"[\"'<(\[]?[^\s:>][^:\n>]{{0,90}}[>)\]\"']{{0,2}}\s+(?:{_WROTE})(?!\w)[^\n]{{0,120}}:\Z", re.IGNORECASE
)
ANSWERS_BELOW = re.compile(
    "|".join(pattern for language in LANGUAGES for pattern in language.answers_below), re.IGNORECASE
)
SENT_FROM = re.compile(
    rf"(?:{_any(word for language in LANGUAGES for word in language.sent_from)})\s+(.{{2,90}})\Z", re.IGNORECASE
)
DEVICE = re.compile(rf"(?:{_any(DEVICES)})[\w-]{{0,12}}[.,]?\Z", re.IGNORECASE)
SMALL_WORD = re.compile(rf"(?:{_any(SMALL_WORDS)}|[\w-]*\d[\w-]*|-(?:{_any(DEVICES)})[\w-]*)[.,]?\Z", re.IGNORECASE)
LINK = re.compile(r"<?https?://\S+>?|\[https?://\S+\]")
