"""Bytes to text without ever believing a charset that is not one.

The sender names the charset, so only names on the list reach a codec: Python's registry also holds `idna`,
`zlib_codec` and `unicode_escape`. What is undeclared or wrong is read as UTF-8, then as windows-1252.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

_SINGLE_BYTE = {
    "us-ascii": "ascii",
    "ascii": "ascii",
    "ansi-x3.4-1968": "ascii",
    "646": "ascii",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "l1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "macintosh": "mac-roman",
    "x-mac-roman": "mac-roman",
    "mac": "mac-roman",
    "koi8-r": "koi8-r",
    "koi8-u": "koi8-u",
}
"""the Encoding Standard reads iso-8859-1 as windows-1252; "ASCII" with bytes above 127 is as good as undeclared"""
_MULTI_BYTE = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "x-gbk": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "euc-kr": "cp949",
    "ks-c-5601-1987": "cp949",
    "cp949": "cp949",
    "iso-2022-kr": "iso2022_kr",
    "shift-jis": "cp932",
    "shift_jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "cp932": "cp932",
    "windows-31j": "cp932",
    "euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp_ext",
    "utf-7": "utf-7",
    "unicode-1-1-utf-7": "utf-7",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-32": "utf-32",
}
_UTF_8 = {"utf-8": "utf-8", "utf8": "utf-8", "unicode-1-1-utf-8": "utf-8", "utf-8-sig": "utf-8", "cp65001": "utf-8"}
_KNOWN = _UTF_8 | _SINGLE_BYTE | _MULTI_BYTE
_NUMBERED = re.compile(r"(?:windows-|x-cp|cp-?|ibm-?|x-ibm)(125[0-8]|437|85[0278]|86[0-6]|874)\Z")
_ISO = re.compile(r"iso-?8859-?(\d{1,2})(?:-[ei])?\Z")
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
_LINE_UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+")
"""controls, line ends and the marks that turn the direction of what follows"""


def _read_as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    piece = error.object[error.start : error.end]
    return _windows(piece), error.end


codecs.register_error("luukku-windows", _read_as_windows)


def codec_for(charset: str) -> str:
    """The codec for a charset name of a mail, "" when the name is not a charset we know."""
    name = charset.strip().strip("\"'").lower().replace("_", "-")
    if name in _KNOWN:
        return _KNOWN[name]
    if match := _NUMBERED.match(name):
        return f"cp{match[1]}"
    if (match := _ISO.match(name)) and 1 <= int(match[1]) <= 16 and int(match[1]) != 12:
        return f"iso8859-{int(match[1])}"
    return ""


def decode(data: bytes, charset: str = "") -> tuple[str, bool]:
    """The text of `data`, and whether a declared charset was unknown or wrong. Never raises."""
    codec = codec_for(charset)
    if not codec:
        return _undeclared(data), bool(charset.strip())
    try:
        return data.decode(codec), False
    except UnicodeError:
        return _repaired(data, codec), codec != "ascii"


def _repaired(data: bytes, codec: str) -> str:
    if codec == "utf-8":
        return data.decode("utf-8", "luukku-windows")
    if codec in _MULTI_BYTE.values():
        return data.decode(codec, "replace")
    return _undeclared(data)


def _undeclared(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _windows(data)


def _windows(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def clean_text(text: str) -> str:
    """The text with LF line ends and without controls, lone surrogates or NUL, which no database keeps."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNWANTED.sub("", _storable(text))


def clean_line(text: str) -> str:
    """The text as one line that cannot start a header nor turn the reading direction; spaces are collapsed."""
    return " ".join(unicodedata.normalize("NFC", _LINE_UNWANTED.sub(" ", _storable(text))).split())


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
