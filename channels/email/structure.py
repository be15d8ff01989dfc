"""Which parts of a mail are what the person wrote and which are files (RFC 8621 section 4.1.4).

The tree is walked here and nothing is skipped: the standard library's iterators lose parts of multipart/related and of
broken multiparts.
"""

from __future__ import annotations

from dataclasses import dataclass

from channels.email.parts import Part

_BODY = ("text/plain", "text/html")


@dataclass(frozen=True, slots=True)
class Slot:
    """One stretch of the body, in up to two forms."""

    plain: tuple[Part, ...] = ()
    html: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Structure:
    """The body in its order, and everything else."""

    slots: tuple[Slot, ...] = ()
    files: tuple[Part, ...] = ()


def read_structure(part: Part) -> Structure:
    """Body and files of a part and all below it."""
    if not part.children:
        return _leaf(part, is_first=True, is_related=False)
    return _multipart(part)


def _multipart(part: Part) -> Structure:
    read = [
        _multipart(child) if child.children else _leaf(child, is_first=place == 0, is_related=part.subtype == "related")
        for place, child in enumerate(part.children)
    ]
    files = tuple(leaf for structure in read for leaf in structure.files)
    if part.subtype == "alternative":
        slot, left_over = _one_of(read)
        return Structure((slot,) if slot.plain or slot.html else (), files + left_over)
    return Structure(tuple(slot for structure in read for slot in structure.slots), files)


def _one_of(read: list[Structure]) -> tuple[Slot, tuple[Part, ...]]:
    """The forms of one body: all plain ones, and the last that has HTML; other HTML forms become files."""
    plain = tuple(leaf for structure in read for slot in structure.slots for leaf in slot.plain)
    rich = [[leaf for slot in structure.slots for leaf in slot.html] for structure in read]
    rich = [leaves for leaves in rich if leaves]
    left_over = tuple(leaf for leaves in rich[:-1] for leaf in leaves)
    return Slot(plain, tuple(rich[-1]) if rich else ()), left_over


def _leaf(part: Part, *, is_first: bool, is_related: bool) -> Structure:
    is_body = part.content_type in _BODY and part.disposition != "attachment"
    if not is_body or (part.filename and not is_first) or (is_related and not is_first):
        return Structure((), (part,))
    if part.content_type == "text/html":
        return Structure((Slot(html=(part,)),))
    return Structure((Slot(plain=(part,)),))
