"""Telephone numbers in one form, E.164, however an exchange or a person wrote them."""

from __future__ import annotations

import re

import phonenumbers

_MAX_TEXT = 100
_ADDRESS = re.compile(r"^\s*(?:tel|sips?):([^@;]+)", re.IGNORECASE)


def normalise_number(text: str, region: str = "SE") -> str | None:
    """The E.164 form of a number, or None when the text is none that can be called from outside.

    A number without country code is one of `region` (ISO 3166, such as "SE"). Forms "tel:+46…" and "sip:…@host" are
    understood; extensions are dropped.
    """
    written = (match[1] if (match := _ADDRESS.match(text)) else text).strip()
    if not written or len(written) > _MAX_TEXT:
        return None
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def display_number(e164: str) -> str:
    """The number grouped as its country writes it, with country code: +46 70 174 06 05; other text as it is."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
