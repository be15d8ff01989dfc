"""A mail taken apart into its MIME tree (RFC 2046), with caps on parts and depth, linear in its size.

Nothing is dropped: a multipart without its boundary becomes text, text after the last boundary becomes a part.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from channels.contract import UnreadableError
from channels.email import limits
from channels.email.filetypes import is_content_type
from channels.email.headers import Headers, read_headers
from channels.email.transfer import from_transfer
from channels.email.words import read_parameters


@dataclass(frozen=True, slots=True)
class Part:
    """One node of the tree; `body` is still transfer-encoded, `children` is empty for a leaf."""

    headers: Headers
    content_type: str
    parameters: dict[str, str]
    disposition: str
    filename: str
    body: bytes = field(repr=False)
    children: tuple[Part, ...] = ()
    is_broken: bool = False

    @property
    def subtype(self) -> str:
        return self.content_type.partition("/")[2]

    def data(self) -> bytes:
        """The bytes of a leaf with the transfer encoding undone."""
        return from_transfer(self.body, self.headers.first("content-transfer-encoding"))


class _Budget:
    def __init__(self) -> None:
        self.parts = 0

    def spend(self, depth: int) -> None:
        self.parts += 1
        if depth > limits.MAX_DEPTH:
            raise UnreadableError("The mail is nested deeper than is read.", reason="too_deep")
        if self.parts > limits.MAX_PARTS:
            raise UnreadableError("The mail has more parts than are read.", reason="too_many_parts")


def read_parts(raw: bytes) -> Part:
    """The tree of a whole mail. Raises UnreadableError over a cap."""
    if len(raw) > limits.MAX_RAW:
        raise UnreadableError("The mail is larger than is read.", reason="too_large")
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    return _read(raw, 0, len(raw), default="text/plain", depth=0, budget=_Budget())


def _read(raw: bytes, start: int, end: int, *, default: str, depth: int, budget: _Budget) -> Part:
    budget.spend(depth)
    headers, body_start = read_headers(raw, start, end)
    content_type, parameters = read_parameters(headers.first("content-type"))
    if not is_content_type(content_type):
        content_type = "text/plain" if content_type == "text" else default
    disposition, more = read_parameters(headers.first("content-disposition"))
    children, is_broken = _children(raw, body_start, end, content_type, parameters, depth, budget)
    return Part(
        headers=headers,
        content_type="text/plain" if is_broken else content_type,
        parameters=parameters,
        disposition=disposition,
        filename=more.get("filename", "") or parameters.get("name", ""),
        body=b"" if children else raw[body_start:end],
        children=children,
        is_broken=is_broken or headers.is_broken,
    )


def _children(
    raw: bytes, start: int, end: int, content_type: str, parameters: dict[str, str], depth: int, budget: _Budget
) -> tuple[tuple[Part, ...], bool]:
    if not content_type.startswith("multipart/"):
        return (), False
    boundary = parameters.get("boundary", "").encode("utf-8", "replace")
    spans, epilogue = _spans(raw, start, end, boundary) if boundary else ([], end)
    default = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
    read = [_read(raw, first, last, default=default, depth=depth + 1, budget=budget) for first, last in spans]
    if rest := raw[epilogue:end].strip():
        read.append(Part(Headers(()), "text/plain", {}, "", "", rest))
    return tuple(read), not spans


def _spans(raw: bytes, start: int, end: int, boundary: bytes) -> tuple[list[tuple[int, int]], int]:
    """Where the parts lie between the delimiter lines, and where text behind the last of them begins.

    A missing last delimiter is forgiven.
    """
    delimiter = b"--" + boundary
    spans: list[tuple[int, int]] = []
    opened = -1
    position = start if raw.startswith(delimiter, start, end) else _line_with(raw, delimiter, start, end)
    while position >= 0:
        after = position + len(delimiter)
        line_end = raw.find(b"\n", after, end)
        line_end = end if line_end < 0 else line_end
        rest = raw[after : min(line_end, after + 200)].strip()
        if rest in (b"", b"--"):
            if opened >= 0:
                spans.append((opened, _before_newline(raw, position, opened)))
            opened = min(line_end + 1, end)
            if rest == b"--":
                return spans, opened
        if len(spans) > limits.MAX_PARTS:
            raise UnreadableError("The mail has more parts than are read.", reason="too_many_parts")
        position = _line_with(raw, delimiter, after, end)
    return ([*spans, (opened, end)] if opened >= 0 else spans), end


def _line_with(raw: bytes, delimiter: bytes, at: int, end: int) -> int:
    """Where the next line begins with the delimiter, -1 if none does."""
    found = raw.find(b"\n" + delimiter, at, end)
    return found + 1 if found >= 0 else -1


def _before_newline(raw: bytes, position: int, opened: int) -> int:
    """The line end before a delimiter belongs to the delimiter (RFC 2046 section 5.1.1)."""
    cut = position - 1
    if raw[cut - 1 : cut] == b"\r":
        cut -= 1
    return max(cut, opened)
