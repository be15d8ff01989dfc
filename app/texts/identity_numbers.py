"""Personal identity numbers in a text: what must not go by mail unseen, as mail is not secret on its way.

Swedish: personnummer and samordningsnummer, whose day is 60 higher, with the check digit of the Luhn algorithm
(Skatteverket, SKV 704 and 707). Finnish: henkilötunnus with its check character (DVV).
"""

from __future__ import annotations

import re
import unicodedata

from stdnum import luhn
from stdnum.fi import hetu

_SWEDISH = re.compile(r"(?<![\w+-])(?:1[89]|20)?\d{6}[-+ ]?\d{4}(?![\w-])")
_FINNISH = re.compile(r"(?<![\w+-])\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y](?![\w-])", re.IGNORECASE)
_COORDINATION = 60
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
"""what programs write for a hyphen"""


def identity_numbers(text: str) -> list[str]:
    """The numbers that a text holds, with plain hyphens and digits."""
    text = unicodedata.normalize("NFKC", text).translate(_DASHES)
    swedish = (found for found in _SWEDISH.findall(text) if _is_swedish(found))
    return [*swedish, *(found for found in _FINNISH.findall(text) if hetu.is_valid(found))]


def _is_swedish(written: str) -> bool:
    digits = "".join(char for char in written if char.isdigit())
    month, day = int(digits[-8:-6]), int(digits[-6:-4])
    day -= _COORDINATION if day > _COORDINATION else 0
    return 1 <= month <= 12 and 1 <= day <= 31 and bool(luhn.is_valid(digits[-10:]))
