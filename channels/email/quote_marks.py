"""Where a quoted mail begins: quote marks, attribution lines, header blocks and separators."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from channels.email import quote_patterns as patterns

_MAX_WRAPPED = 4
"""lines that an attribution may be broken over"""
_MAX_BLOCK = 14
"""lines of a header block, long lists of recipients included"""


class MarkKind(Enum):
    """How the lines behind the mark are known to be quoted."""

    QUOTED = auto()
    """each has a quote mark"""
    UNMARKED = auto()
    """all to the end"""
    FORWARDED = auto()
    """they are what the person wants to show"""


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark that begins at line `start` and is `length` lines long before the quote itself."""

    kind: MarkKind
    start: int
    length: int


def is_quoted(line: str) -> bool:
    """Whether the line has a quote mark."""
    return bool(patterns.QUOTED.match(line))


def find_mark(lines: list[str]) -> Mark | None:
    """The first mark of the text, None when nothing in it is quoted."""
    for start in range(len(lines)):
        if mark := mark_at(lines, start):
            return mark
    return None


def mark_at(lines: list[str], start: int) -> Mark | None:
    """The mark that begins at this line."""
    line = lines[start]
    if not line.strip():
        return None
    if patterns.FORWARD.match(line):
        return Mark(MarkKind.FORWARDED, start, 1)
    if patterns.SEPARATOR.match(line) or _is_block_under_rule(lines, start) or _is_header_block(lines, start):
        return Mark(MarkKind.UNMARKED, start, 1)
    if is_quoted(line):
        return Mark(MarkKind.QUOTED, start, 0) if _is_real_quote(lines, start) else None
    return _attribution(lines, start)


def _is_real_quote(lines: list[str], start: int) -> bool:
    """One line alone may be a person's own "> 18"; two are a quote."""
    following = [line for line in lines[start + 1 : start + 3] if line.strip()]
    return bool(following) and is_quoted(following[0])


def _is_block_under_rule(lines: list[str], start: int) -> bool:
    if not patterns.RULE.match(lines[start]):
        return False
    following = _next_filled(lines, start + 1)
    return following <= start + 3 and following < len(lines) and _is_header_block(lines, following)


def _next_filled(lines: list[str], position: int) -> int:
    while position < len(lines) and not lines[position].strip():
        position += 1
    return position


def _is_header_block(lines: list[str], start: int) -> bool:
    """Sender, subject and time or address as mail programs list them; a person's own "Från: … Till: …" is not one."""
    first = patterns.LABEL_LINE.match(lines[start])
    if not first or patterns.ROLES[first[1].lower()] != "from":
        return False
    roles = {"from"}
    block = lines[start]
    strays = 0
    for line in lines[start + 1 : start + _MAX_BLOCK]:
        match = patterns.LABEL_LINE.match(line)
        strays = 0 if match else strays + 1
        if strays > 2:
            break
        if match and patterns.ROLES[match[1].lower()] == "from":
            return False
        if match:
            roles.add(patterns.ROLES[match[1].lower()])
            block += "\n" + line
    roles |= {patterns.ROLES[found.lower()] for found in patterns.LABEL_INSIDE.findall(lines[start])}
    return _is_evidence(roles, block, has_address=bool(patterns.ADDRESS.search(block)))


def _is_evidence(roles: set[str], block: str, *, has_address: bool) -> bool:
    if len(roles) < 3 or not roles & {"subject", "sent"}:
        return False
    return has_address or ({"subject", "sent"} <= roles and bool(patterns.TIME.search(block)))


def _attribution(lines: list[str], start: int) -> Mark | None:
    """A line such as "Den 5 mars 2024 kl. 10:11 skrev Anna <anna@example.se>:", also broken over several lines."""
    joined = ""
    for length in range(1, _MAX_WRAPPED + 1):
        if start + length > len(lines):
            return None
        line = lines[start + length - 1].replace("\u00a0", " ").replace("\u202f", " ").strip()
        joined = f"{joined} {line}".strip()
        if not line or is_quoted(line) or len(joined) > patterns.MAX_ATTRIBUTION:
            return None
        if joined.endswith(":"):
            return _checked(lines, start, length, joined)
    return None


def _checked(lines: list[str], start: int, length: int, joined: str) -> Mark | None:
    has_address = bool(patterns.ADDRESS.search(joined))
    if not (has_address or patterns.YEAR.search(joined) or patterns.TIME.search(joined)):
        return None
    if not patterns.DATE_FIRST.match(joined) and not _is_name_first(lines, start, length, joined):
        return None
    following = _next_filled(lines, start + length)
    if following < len(lines) and is_quoted(lines[following]) and following <= start + length + 2:
        return Mark(MarkKind.QUOTED, start, following - start)
    if has_address or following >= len(lines):
        return Mark(MarkKind.UNMARKED, start, length) if has_address else None
    return None


def _is_name_first(lines: list[str], start: int, length: int, joined: str) -> bool:
    """A name before the verb; if a later line alone reads so too, the lines before it are the person's own."""
    if not patterns.NAME_FIRST.match(joined):
        return False
    return not any(_attribution(lines, later) for later in range(start + 1, start + length))
