"""What people call the browser that names itself by a long line (RFC 9110, section 10.1.5)."""

from __future__ import annotations

PROGRAMS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
"""every browser claims to be the older ones too: the newest claim comes first"""
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(line: str) -> str:
    """Program and system, "Firefox, Windows"; "" when neither is known."""
    found = (next((name for mark, name in table if mark in line), "") for table in (PROGRAMS, SYSTEMS))
    return ", ".join(filter(None, found))
