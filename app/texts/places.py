"""Places in texts that people keep: `{name}` is filled in when the text is used."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

SIGNATURE_PLACES = ("agent", "unit", "authority")
_PLACE = re.compile(r"\{(\w+)\}")


def filled_places(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled in; a place without a value stays to be seen."""
    return _PLACE.sub(lambda found: values.get(found[1]) or found[0], text)


def unknown_places(text: str, known: Collection[str]) -> set[str]:
    """The places in a text that nothing fills."""
    return set(_PLACE.findall(text)) - set(known)
