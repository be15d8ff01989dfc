"""Public references: ten random digits, the last a Damm check digit.

H. M. Damm, "Total anti-symmetrische Quasigruppen" (2004): finds every single wrong digit and every swap of neighbours,
so that a number told on the phone or read by OCR is either right or refused.
"""

from __future__ import annotations

import secrets

LENGTH = 10
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def new_reference() -> str:
    """A fresh ten-digit reference; the first digit is never 0, so that nobody drops it."""
    digits = str(secrets.randbelow(9) + 1) + "".join(str(secrets.randbelow(10)) for _ in range(LENGTH - 2))
    return digits + str(check_digit(digits))


def is_reference(text: str) -> bool:
    """True for ten digits whose last one is the right check digit."""
    return len(text) == LENGTH and text.isascii() and text.isdigit() and check_digit(text) == 0


def check_digit(digits: str) -> int:
    """The Damm check digit of a row of digits; 0 for a row that ends in its own check digit."""
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim
