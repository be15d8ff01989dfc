"""Kept bytes: originals, attachments and page images.

Up to 256 KiB lie in a table of their own, so that a small mail costs one durable commit; larger ones become files
that are synced to disk before the row is written, so that a row never speaks of a file that is not there. A file is
named by what is in it: a mail that is filed again after a fault finds its file and leaves no second one behind.
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
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    data: Mapped[bytes | None] = mapped_column(LargeBinary)
    path: Mapped[str | None] = mapped_column(String(200))


def keep(session: Session, folder: Path, data: bytes) -> Blob:
    """The row for `data`, pending; a large one is on disk before this returns. Raises OSError on a full disk."""
    blob = Blob(sha256=hashlib.sha256(data).hexdigest(), size=len(data), data=None, path=None)
    if len(data) <= IN_DATABASE:
        blob.data = data
    else:
        blob.path = _write(folder, data, blob.sha256)
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


def _write(folder: Path, data: bytes, sha256: str) -> str:
    relative = Path(sha256[:2]) / sha256
    target = folder / "files" / relative
    if not _is_there(target, len(data)):
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{secrets.token_hex(8)}.part")
        try:
            _write_synced(draft, data)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        _sync_folder(target.parent)
    return relative.as_posix()


def _is_there(target: Path, size: int) -> bool:
    try:
        return target.stat().st_size == size
    except FileNotFoundError:
        return False


def _write_synced(file: Path, data: bytes) -> None:
    with file.open("xb") as opened:
        opened.write(data)
        opened.flush()
        os.fsync(opened.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
