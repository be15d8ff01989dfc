"""Mail addresses read strictly: what can be read in two ways is marked as such.

`chef@exempel.se <evil@x.org>` is given as chef@exempel.se by the standard library (CVE-2023-27043 and its kin). Here
the address in angle brackets wins and the mailbox is marked as not certain. Works on the raw field, before encoded
words are decoded: a decoded name can hold anything. One pass, no recursion (RFC 5322 section 3.4, groups of RFC 6854).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from channels.contract import Party
from channels.email.charsets import clean_line
from channels.email.words import decode_words

_TOKEN = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)*+"?)
    |(?P<comment>\()
    |(?P<angle><[^<>]*+>?)
    |(?P<mark>[,;:)>])
    |(?P<space>\s++)
    |(?P<word>[^\s"(),;:<>]++)""",
    re.VERBOSE | re.DOTALL,
)
_ADDRESS = re.compile(
    r"""(?:[^\s"(),:;<>@\[\]\\\x00-\x1f\x7f]+|"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*")"""
    r"""@(?:[^\s"(),:;<>@\[\]\\\x00-\x1f\x7f]+|\[[0-9A-Za-z.:]+\])\Z"""
)
_INSIDE = r"[^\s\"'(),:;<>@\[\]\\\x00-\x1f\x7f]"
_ADDRESS_INSIDE = re.compile(rf"(?<!{_INSIDE}){_INSIDE}++@{_INSIDE}+\.{_INSIDE}+")
"""looked for at the beginnings of words only: from each letter a long word would cost its square"""
MAX_ADDRESS = 320
"""64 octets, an at sign and 255 octets (RFC 5321 section 4.5.3.1)"""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One mailbox of an address field; `address` keeps its letters, `is_certain` is False if it reads in two ways."""

    address: str
    name: str = ""
    is_certain: bool = True

    def party(self) -> Party:
        return Party(normal_address(self.address), self.name)


@dataclass(slots=True)
class _Draft:
    """What has been read of one mailbox so far."""

    words: list[str]
    comments: list[str]
    angles: list[str]
    has_at: bool = False
    """whether a word holds an at sign; asking the words at every comma would cost their square"""
    has_trailing: bool = False
    is_odd: bool = False

    @classmethod
    def empty(cls) -> _Draft:
        return cls([], [], [])


def normal_address(address: str) -> str:
    """The address in the one form it is compared and stored in: lower case, NFC."""
    return unicodedata.normalize("NFC", address.strip()).lower()


def without_tag(address: str) -> str:
    """The mailbox of an address whose local part carries a tag behind a plus sign (RFC 5233)."""
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def is_address(text: str) -> bool:
    """Whether the text is exactly one address and nothing else."""
    return len(text) <= MAX_ADDRESS and bool(_ADDRESS.match(text))


def read_mailboxes(value: str) -> list[Mailbox]:
    """The mailboxes of an address field as it stands in the mail; things without an address are left out."""
    mailboxes: list[Mailbox] = []
    draft = _Draft.empty()
    position = 0
    while position < len(value):
        match = _TOKEN.match(value, position)
        if match is None:
            position, draft.is_odd = position + 1, True
            continue
        position = match.end()
        if match.lastgroup == "comment":
            text, position = _comment(value, position)
            draft.comments.append(text)
        elif match.lastgroup == "mark":
            draft = _mark(match[0], draft, mailboxes)
        else:
            _take(draft, str(match.lastgroup), match[0])
    _finish(draft, mailboxes)
    return mailboxes


def _comment(value: str, position: int) -> tuple[str, int]:
    """Text of a comment that opened before `position`; they nest (RFC 5322 section 3.2.2)."""
    depth, start = 1, position
    while position < len(value) and depth:
        character = value[position]
        if character == "\\":
            position += 1
        depth += (character == "(") - (character == ")")
        position += 1
    return value[start : position - (depth == 0)], position


def _mark(mark: str, draft: _Draft, mailboxes: list[Mailbox]) -> _Draft:
    if mark == ":" and not draft.angles and not draft.has_at:
        return _Draft.empty()
    if mark == "," and draft.words and not draft.angles and not draft.has_at:
        draft.words[-1] += "" if draft.words[-1].endswith('"') else ","
        return draft
    if mark in ",;":
        _finish(draft, mailboxes)
        return _Draft.empty()
    draft.is_odd = True
    return draft


def _take(draft: _Draft, kind: str, text: str) -> None:
    if kind == "space":
        return
    if kind == "angle":
        inside = text.removeprefix("<").removesuffix(">").strip()
        draft.angles += [inside] if inside else []
        draft.is_odd = draft.is_odd or not text.endswith(">")
        return
    draft.has_trailing = draft.has_trailing or bool(draft.angles)
    draft.has_at = draft.has_at or "@" in text
    draft.words.append(text)


def _finish(draft: _Draft, mailboxes: list[Mailbox]) -> None:
    box = _with_angle(draft) if draft.angles else _bare(draft)
    if box and len(box.address) <= MAX_ADDRESS:
        mailboxes.append(box)


def _with_angle(draft: _Draft) -> Mailbox | None:
    address = _without_route(draft.angles[0])
    name = _name(draft.words) or decode_words(" ".join(draft.comments))
    if not is_address(address):
        found = _ADDRESS_INSIDE.search(clean_line(address))
        return Mailbox(found[0], name, is_certain=False) if found else None
    others = {normal_address(found) for found in _ADDRESS_INSIDE.findall(name)} - {normal_address(address)}
    is_certain = not (others or draft.is_odd or draft.has_trailing or len(draft.angles) > 1)
    return Mailbox(address, name, is_certain=is_certain)


def _without_route(address: str) -> str:
    """RFC 822 source routes (`@relay:user@host`) are to be ignored (RFC 5321 appendix C)."""
    if address.startswith("@") and ":" in address:
        return address.rpartition(":")[2].strip()
    return address


def _bare(draft: _Draft) -> Mailbox | None:
    joined = "".join(draft.words)
    name = decode_words(" ".join(draft.comments))
    if is_address(joined) and (len(draft.words) == 1 or joined.startswith('"')):
        hidden = {normal_address(found) for found in _ADDRESS_INSIDE.findall(name)} - {normal_address(joined)}
        return Mailbox(joined, name, is_certain=not (draft.is_odd or hidden))
    found = [word for word in draft.words if is_address(word)]
    if not found:
        return None
    return Mailbox(found[-1], _name([word for word in draft.words if word not in found]), is_certain=False)


def _name(words: list[str]) -> str:
    return decode_words(" ".join(_unquoted(word) for word in words))


def _unquoted(word: str) -> str:
    if not word.startswith('"'):
        return word
    return re.sub(r"\\(.)", r"\1", word.removeprefix('"').removesuffix('"'), flags=re.DOTALL)
