"""Small rules about text that several stages share."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"\w+", re.UNICODE)


def folded(text: str) -> str:
    """The text in lower case without diacritics, for searching: "Åbo" and "abo" meet."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return _WORD.findall(folded(text))


def one_line(text: str, length: int) -> str:
    """The text on one line, white space folded, cut at a word to at most `length` characters."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if len(line) <= length:
        return line
    cut = line[: length - 1].rsplit(" ", 1)[0] if " " in line[: length - 1] else line[: length - 1]
    return f"{cut}…"


def cut_to_bytes(text: str, most: int) -> str:
    """The beginning of the text that takes at most `most` bytes in UTF-8."""
    return text if len(text) * 4 <= most else text.encode()[:most].decode(errors="ignore")
