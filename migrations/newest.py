"""The newest version of the tables, told without loading Alembic: programs that start often ask only this."""

from __future__ import annotations

from pathlib import Path


def newest_revision() -> str:
    """The number that the newest migration's file name begins with, which is its revision."""
    files = (Path(__file__).parent / "versions").glob("[0-9]*_*.py")
    return max(file.name.partition("_")[0] for file in files)
