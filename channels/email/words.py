"""Words of a header: RFC 2047 encoded words, and parameters with RFC 2231 continuations.

Decoded by hand: senders put encoded words into quoted strings and file names, break characters over two words, and
name charsets that do not exist; the standard library raises on some of these.
"""

from __future__ import annotations

import binascii
import re
from urllib.parse import unquote_to_bytes

from channels.email.charsets import clean_line, decode
from channels.email.transfer import from_base64

_WORD = re.compile(r"=\?([^?*\s]{1,40})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?]*)\?=")
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*+"?|[^;]*+)', re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_PIECE = re.compile(r"([^*]+)\*(?:(\d{1,3})(\*?))?\Z")


def decode_words(value: str) -> str:
    """The header value as one clean line; neighbouring encoded words of one charset are joined before decoding."""
    parts: list[str] = []
    pending: tuple[str, bytes] | None = None
    position = 0
    for match in _WORD.finditer(value):
        between = value[position : match.start()]
        position = match.end()
        charset, data = match[1].lower(), _word_bytes(match[2], match[3])
        if pending and not between.strip() and pending[0] == charset:
            pending = (charset, pending[1] + data)
            continue
        _flush(parts, pending)
        if not pending or between.strip():
            parts.append(between)
        pending = (charset, data)
    _flush(parts, pending)
    return clean_line("".join([*parts, value[position:]]))


def _flush(parts: list[str], pending: tuple[str, bytes] | None) -> None:
    if pending:
        parts.append(decode(pending[1], pending[0])[0])


def _word_bytes(encoding: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "replace")
    if encoding in "bB":
        return from_base64(data)
    return binascii.a2b_qp(data.replace(b" ", b"_"), header=True)


def read_parameters(value: str) -> tuple[str, dict[str, str]]:
    """The lower-case main value of a Content-Type or Content-Disposition, and its decoded parameters."""
    main, separator, rest = value.partition(";")
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in _PARAMETER.finditer(separator + rest):
        name, text = match[1].lower(), _unquoted(match[2].strip())
        if piece := _PIECE.match(name):
            is_encoded = piece[2] is None or bool(piece[3])
            pieces.setdefault(piece[1], {})[int(piece[2] or 0)] = (text, is_encoded)
        else:
            plain.setdefault(name, decode_words(text))
    extended = {name: _joined(numbered) for name, numbered in pieces.items()}
    return "".join(main.split()).lower(), plain | extended


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    return _QUOTED_PAIR.sub(r"\1", text.removeprefix('"').removesuffix('"'))


def _joined(numbered: dict[int, tuple[str, bool]]) -> str:
    """RFC 2231: the first piece may begin with charset'language'; only starred pieces are percent-encoded."""
    charset = ""
    joined = ""
    for place, number in enumerate(sorted(numbered)):
        text, is_encoded = numbered[number]
        if is_encoded and place == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        joined += text if is_encoded else text.replace("%", "%25")
    return clean_line(decode(unquote_to_bytes(joined.encode("utf-8", "replace")), charset or "utf-8")[0])
