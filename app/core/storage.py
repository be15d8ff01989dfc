"""Kept bytes: originals, attachments and page images.

Up to 256 KiB lie in a table of their own, so that a small mail costs one durable commit; larger ones become files
that are synced to disk before the row is written, so that a row never speaks of a file that is not there.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core.db import Base
from app.core.errors import NotFoundError, StorageError

IN_DATABASE = 256 * 1024


class Blob(Base):
    """Some bytes: in `data`, or in the file named by `path` below the data folder."""

    __tablename__ = "blob"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    data: Mapped[bytes | None] = mapped_column(LargeBinary)
    path: Mapped[str | None] = mapped_column(String(200))


def keep(session: Session, folder: Path, data: bytes) -> Blob:
    """The row for `data`, pending; a large one is on disk before this returns. Raises OSError on a full disk."""
    blob = Blob(sha256=hashlib.sha256(data).hexdigest(), size=len(data), data=None, path=None)
    if len(data) <= IN_DATABASE:
        blob.data = data
    else:
        blob.path = _write(folder, data)
    session.add(blob)
    return blob


def load(session: Session, folder: Path, blob_id: int) -> bytes:
    """The bytes as they were kept. Raises NotFoundError, or StorageError when the file is gone or changed."""
    blob = session.get(Blob, blob_id)
    if blob is None:
        raise NotFoundError("There is no such file.")
    if blob.path is None:
        return blob.data or b""
    try:
        data = (folder / "files" / blob.path).read_bytes()
    except OSError as error:
        raise StorageError("A kept file cannot be read.") from error
    if hashlib.sha256(data).hexdigest() != blob.sha256:
        raise StorageError("A kept file is not what it was.")
    return data


def _write(folder: Path, data: bytes) -> str:
    name = secrets.token_hex(16)
    relative = Path(name[:2]) / name
    target = folder / "files" / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(target.parent)
    return relative.as_posix()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
