"""Shares, numbers, references and masked addresses as people of each language write them."""

from __future__ import annotations

import re
from decimal import Decimal

from babel.numbers import format_decimal, format_percent

from app.texts.catalogue import supported
from app.texts.instants import babel_locale

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def percent(share: float | Decimal, language: str, *, digits: int = 0) -> str:
    """A share of 1 as percent: "92 %", in English "92%".

    Never rounded up to all nor down to nothing: a service level of 99.96 % reads 99 %, for one person was left waiting.
    """
    step = Decimal(1).scaleb(-2 - digits)
    exact = Decimal(str(share))
    shown = min(max(exact.quantize(step), step), 1 - step) if 0 < exact < 1 else exact
    pattern = "0." + "0" * digits if digits else "0"
    suffix = "%" if supported(language) == "en" else f"{NO_BREAK_SPACE}%"
    return format_percent(shown, pattern + suffix, locale=babel_locale(language))


def number(value: float | Decimal, language: str, *, digits: int | None = None) -> str:
    """A number with the language's decimal mark and groups of thousands; `digits` fixes the decimals."""
    pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, pattern, locale=babel_locale(language))


def reference(digits: str) -> str:
    """A ten-digit reference as it is shown and read aloud, "4417 0926 38", kept on one line by no-break spaces.

    Raises ValueError for anything but ten digits.
    """
    if not re.fullmatch(r"[0-9]{10}", digits):
        message = "a reference has ten digits"
        raise ValueError(message)
    return NO_BREAK_SPACE.join((digits[:4], digits[4:8], digits[8:]))


def masked_address(address: str) -> str:
    """A mail address that its owner recognises and a passer-by cannot use: "s***@example.se"."""
    local, _, domain = address.strip().rpartition("@")
    return f"{local[:1]}***@{domain}" if local and re.fullmatch(r"[^\s<>]+", domain) else "***"
