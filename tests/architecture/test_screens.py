"""The pictures of the screens: small, and all of those that the index shows."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screens"
MOST = 6_000_000
"""bytes of all pictures together: everybody who clones the repository loads them"""


def test_the_pictures_are_small_and_the_index_shows_those_there_are() -> None:
    named = re.findall(r"\]\(([\w-]+\.png)\)", (FOLDER / "README.md").read_text("utf-8"))
    there = {file.name for file in FOLDER.glob("*-*-*.png")}
    assert len(named) == len(set(named)) >= 100
    assert set(named) <= there
    assert sum(file.stat().st_size for file in FOLDER.glob("*.png")) < MOST
