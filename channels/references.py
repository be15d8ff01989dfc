"""Ten-digit references as people write and print them: how they are found in text, and how they are shown."""

from __future__ import annotations

import re

_SEPARATOR = "[ \u00a0\u202f-]"
_CANDIDATE = re.compile(rf"(?<![\w+])[1-9][0-9]{{3}}({_SEPARATOR}?)[0-9]{{4}}\1[0-9]{{2}}(?!\w)")
_ADDRESS = re.compile(
    r"(?:(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*+://|www\.|mailto:|tel:)\S+|(?<!\S)[^\s@]++@\S+", re.IGNORECASE
)
"""each word is tried from its beginning only: a scan may be one word of a hundred thousand letters"""
_DIGITS_BEFORE = re.compile(rf"[0-9](?:{_SEPARATOR}|[.,/])$")
_DIGITS_AFTER = re.compile(rf"(?:{_SEPARATOR}|[.,/])[0-9]")
_DATE_BEFORE = re.compile(r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4})\s$")
_DATE_AFTER = re.compile(r"\s(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4})(?![0-9])")


def find_references(text: str) -> tuple[str, ...]:
    """Every distinct ten-digit number that may be a reference, bare digits, in the order of the text.

    Written 4417092638, "4417 0926 38" or 4417-0926-38. A part of a longer run of digits, of an address or of a
    number that begins with + or 0 is none; a date beside it does not count as a longer run. Check digits are not
    judged here.
    """
    plain = _ADDRESS.sub(lambda address: "\n" * len(address[0]), text)
    found = (match for match in _CANDIDATE.finditer(plain) if _stands_alone(match))
    return tuple(dict.fromkeys(re.sub(r"[^0-9]", "", match[0]) for match in found))


def printed_reference(reference: str) -> str:
    """The fixed shape "4417 0926 38" of a ten-digit reference; anything else comes back as it is."""
    if not re.fullmatch(r"[0-9]{10}", reference):
        return reference
    return f"{reference[:4]} {reference[4:8]} {reference[8:]}"


def _stands_alone(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - 12) : match.start()]
    after = match.string[match.end() : match.end() + 12]
    is_continued = _DIGITS_AFTER.match(after) and not _DATE_AFTER.match(after)
    has_begun = _DIGITS_BEFORE.search(before) and not _DATE_BEFORE.search(before)
    return not is_continued and not has_begun
