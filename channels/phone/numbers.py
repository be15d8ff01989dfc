"""Telephone numbers in one form, E.164, however an exchange or a person wrote them."""

from __future__ import annotations

import re

import phonenumbers

_MAX_TEXT = 100
_ADDRESS = re.compile(r"^\s*(?:tel|sips?):([^@;]+)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{4}")
_BARE_INTERNATIONAL = re.compile(r"[1-9][0-9]{7,14}")


def normalise_number(text: str, region: str = "SE") -> str | None:
    """The E.164 form of a number, or None when the text is none that can be called from outside.

    A number without country code is one of `region` (ISO 3166, such as "SE"); bare digits that are none there but
    begin with a country code are read so, as exchanges leave out the +. Forms "tel:+46…" and "sip:…@host" are
    understood, letters for digits are not; extensions are dropped.
    """
    written = (match[1] if (match := _ADDRESS.match(text)) else text).strip()
    if not written or len(written) > _MAX_TEXT or _WORD.search(written):
        return None
    number = _parsed(written, region)
    if _BARE_INTERNATIONAL.fullmatch(written) and not (number and phonenumbers.is_valid_number(number)):
        abroad = _parsed(f"+{written}", None)
        number = abroad if abroad and phonenumbers.is_valid_number(abroad) else number
    if number is None or not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def region_of(number: str) -> str | None:
    """The country (ISO 3166) of a number in international form, by its country code; None for any other text."""
    parsed = _parsed(number, None)
    return phonenumbers.region_code_for_country_code(parsed.country_code or 0) if parsed else None


def display_number(e164: str) -> str:
    """The number grouped as its country writes it, with country code: +46 70 174 06 05; other text as it is."""
    number = _parsed(e164, None)
    if number is None:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _parsed(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
