"""Moving a file within one share so that a crash at any point neither loses nor overwrites anything."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

_STEM, _SUFFIX = 50, 10
"""characters kept of a name that gets a number, so that it stays below 255 bytes in any script"""


def move_into(path: Path, folder: Path) -> Path | None:
    """Move a file into `folder` (made when missing) under its name, or one with a number. None: it was gone already."""
    folder.mkdir(exist_ok=True)
    target = _reserve(folder, path)
    try:
        path.replace(target)
    except OSError as error:
        target.unlink(missing_ok=True)
        if isinstance(error, FileNotFoundError):
            return None
        raise
    return target


def put_back(path: Path, folder: Path) -> None:
    """Return a file that was moved by mistake to `folder`, there under a free name."""
    move_into(path, folder)


def sync(folder: Path) -> None:
    """Make the folder's entries durable; some network shares cannot, and then their server answers for it."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        return
    finally:
        os.close(descriptor)


def _reserve(folder: Path, path: Path) -> Path:
    """A name nobody else uses, held by an empty file: a rename alone would silently replace another letter."""
    numbered = (f"{path.stem[:_STEM]} ({number}){path.suffix[:_SUFFIX]}" for number in itertools.count(2))
    for name in itertools.chain([path.name], numbered):
        target = folder / name
        try:
            target.touch(exist_ok=False)
        except FileExistsError:
            continue
        return target
    raise AssertionError
