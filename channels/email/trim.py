"""Parts what a person wrote now from the mail quoted below it.

Pure and table-driven. Never cutting a person's own sentence outranks trimming: answers between quoted lines, forwarded
mails and anything unclear are left whole. Every word is in `text` or in `quoted`; only blank lines at their ends go.
"""

from __future__ import annotations

from dataclasses import dataclass

from channels.email import quote_patterns as patterns
from channels.email.quote_marks import Mark, MarkKind, find_mark, is_quoted, mark_at

MAX_LINES = 20_000
"""longer texts are left whole"""


@dataclass(frozen=True, slots=True)
class Trimmed:
    """What is new, and what was already said; `quoted` is "" when nothing was trimmed."""

    text: str
    quoted: str = ""


def trim(text: str, *, subject: str = "") -> Trimmed:
    """The new text and the quoted rest. `subject` tells forwarded mails, which are never trimmed."""
    lines = text.split("\n")
    mark = find_mark(lines) if len(lines) <= MAX_LINES else None
    if mark is None:
        return _cut(lines, len(lines))
    if mark.kind is MarkKind.FORWARDED or _is_forward(subject, mark, lines):
        return Trimmed(text.strip("\n"))
    if mark.kind is MarkKind.UNMARKED:
        is_inline = patterns.ANSWERS_BELOW.search("\n".join(lines[: mark.start]))
        return Trimmed(text.strip("\n")) if is_inline else _cut(lines, mark.start)
    return _cut_marked(lines, mark)


def _is_forward(subject: str, mark: Mark, lines: list[str]) -> bool:
    if patterns.FORWARD_SUBJECT.match(subject):
        return True
    is_ambiguous = bool(patterns.AMBIGUOUS_FORWARD_SUBJECT.match(subject))
    return is_ambiguous and any(line.strip().lower().startswith("emne:") for line in lines[mark.start : mark.start + 8])


def _cut_marked(lines: list[str], mark: Mark) -> Trimmed:
    """Lines with quote marks go only if nothing of the person's own stands among them."""
    quote_end = mark.start + mark.length
    while quote_end < len(lines) and (is_quoted(lines[quote_end]) or not lines[quote_end].strip()):
        quote_end += 1
    own = _own_lines(lines, quote_end)
    if not own:
        return _cut(lines, mark.start)
    has_head = any(line.strip() for line in lines[: mark.start])
    if has_head or any(is_quoted(line) for line in lines[quote_end:]):
        return Trimmed(_joined(lines))
    below = _cut(lines[quote_end:], len(lines) - quote_end)
    return Trimmed(below.text, _joined([*lines[:quote_end], *below.quoted.split("\n")]))


def _own_lines(lines: list[str], start: int) -> list[str]:
    """Lines behind a quote that are neither quoted nor a mark themselves."""
    own: list[str] = []
    position = start
    while position < len(lines):
        mark = mark_at(lines, position)
        if mark and mark.kind is not MarkKind.QUOTED:
            break
        line = lines[position]
        if mark:
            position += mark.length
        elif line.strip() and not is_quoted(line) and not is_device_signature(line):
            own.append(line)
        position += 1
    return own


def _cut(lines: list[str], start: int) -> Trimmed:
    """Everything before `start` is new but a telephone's signature at its end; nothing new left means no cut."""
    end = start
    while end and (not lines[end - 1].strip() or is_device_signature(lines[end - 1])):
        end -= 1
    while end < start and not lines[end].strip():
        end += 1
    head = _joined(lines[:end])
    if not head.strip():
        return Trimmed(_joined(lines))
    return Trimmed(head, _joined(lines[end:]))


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n")


def is_device_signature(line: str) -> bool:
    """Whether the line is what a telephone or mail program adds, such as "Skickat från min iPhone"."""
    plain = patterns.LINK.sub(" ", line.replace("\u00a0", " ")).strip(" *_>.")
    match = patterns.SENT_FROM.match(plain)
    if not match:
        return False
    words = match[1].split()
    devices = [word for word in words if patterns.DEVICE.match(word)]
    return bool(devices) and all(patterns.DEVICE.match(word) or patterns.SMALL_WORD.match(word) for word in words)
