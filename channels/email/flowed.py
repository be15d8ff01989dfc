"""text/plain; format=flowed put back into its paragraphs (RFC 3676)."""

from __future__ import annotations

_SIGNATURE = "-- "


def unflow(text: str, *, delete_space: bool = False) -> str:
    """Lines joined where the sender's program broke them; `delete_space` is the DelSp parameter."""
    paragraphs: list[list[str]] = []
    open_depth = -1
    for line in text.split("\n"):
        depth, content = _unquoted(line)
        is_flowed = content.endswith(" ") and content != _SIGNATURE
        if open_depth != depth or content == _SIGNATURE:
            paragraphs.append([">" * depth + (" " if depth and content else "")])
        paragraphs[-1].append(content[:-1] if is_flowed and delete_space else content)
        open_depth = depth if is_flowed else -1
    return "\n".join(_line(pieces) for pieces in paragraphs)


def _line(pieces: list[str]) -> str:
    line = "".join(pieces)
    return line if line == _SIGNATURE else line.rstrip(" ")


def _unquoted(line: str) -> tuple[int, str]:
    """How deeply the line is quoted, and its content without quote marks and space-stuffing."""
    content = line.lstrip(">")
    return len(line) - len(content), content.removeprefix(" ")
