"""Spoils mails as nets, gateways and strangers do: the same seed spoils them in the same way."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

POISON = (
    b"\0",
    b"\r",
    b"\n\n",
    b"=?utf-8?B?",
    b"=?x-unknown?Q?=00=ff?=",
    b"; boundary=",
    b"Content-Type: multipart/mixed; boundary=grans\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: uuencode\n",
    b"charset=utf-7",
    b"charset=idna",
    b"filename*0*=utf-8''%2e%2e%2f",
    b'"' * 50,
    b"(" * 200,
    b"<" * 200,
    b",a@b" * 200,
    b"<div>" * 300,
    b"> " * 300,
    b"\xff\xfe",
    b"\xf0\x9f\x98\x80",
    b"--grans\n",
    b"Message-ID: <x@y>\n",
    b"From: a@b, c@d <e@f>\n",
)
MOST = 200_000
"""bytes of a spoiled mail"""


def spoil(raw: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """The mail after one to six mishaps."""
    for _ in range(chance.randint(1, 6)):
        raw = chance.choice(MISHAPS)(raw, others, chance)[:MOST]
    return raw


def _at(raw: bytes, chance: random.Random) -> int:
    return chance.randrange(len(raw) + 1)


def _insert(raw: bytes, _others: Sequence[bytes], chance: random.Random) -> bytes:
    place = _at(raw, chance)
    return raw[:place] + chance.choice(POISON) + raw[place:]


def _delete(raw: bytes, _others: Sequence[bytes], chance: random.Random) -> bytes:
    place = _at(raw, chance)
    return raw[:place] + raw[place + chance.randint(1, 200) :]


def _flip(raw: bytes, _others: Sequence[bytes], chance: random.Random) -> bytes:
    spoiled = bytearray(raw)
    for _ in range(min(len(spoiled), chance.randint(1, 20))):
        spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
    return bytes(spoiled)


def _repeat(raw: bytes, _others: Sequence[bytes], chance: random.Random) -> bytes:
    start = _at(raw, chance)
    piece = raw[start : start + chance.randint(1, 400)]
    return raw[:start] + piece * chance.randint(2, 40) + raw[start:]


def _cross(raw: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    other = chance.choice(others)
    return raw[: _at(raw, chance)] + other[_at(other, chance) :]


def _swap_lines(raw: bytes, _others: Sequence[bytes], chance: random.Random) -> bytes:
    lines = raw.split(b"\n")
    first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return b"\n".join(lines)


def _cut(raw: bytes, _others: Sequence[bytes], chance: random.Random) -> bytes:
    return raw[: _at(raw, chance)]


MISHAPS: tuple[Callable[[bytes, Sequence[bytes], random.Random], bytes], ...] = (
    _insert,
    _insert,
    _delete,
    _flip,
    _repeat,
    _cross,
    _swap_lines,
    _cut,
)
