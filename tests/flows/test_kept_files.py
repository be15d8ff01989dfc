"""Large originals become files: once, whole, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import select

from app.core import storage
from app.core.errors import StorageError
from app.core.storage import IN_DATABASE, Blob
from app.core.system import System
from tests.factories import Authority, arrives, mail

LARGE = os.urandom(IN_DATABASE + 1)


def files(system: System) -> list[Path]:
    return sorted(path for path in (system.settings.data_dir / "files").rglob("*") if path.is_file())


def keep(system: System, data: bytes) -> int:
    with system.db.begin() as session:
        blob = storage.keep(session, system.settings.data_dir, data)
        session.flush()
        return blob.id


def load(system: System, blob_id: int) -> bytes:
    with system.db.read() as session:
        return storage.load(session, system.settings.data_dir, blob_id)


def test_small_ones_lie_in_the_database_and_large_ones_in_a_file(system: System) -> None:
    small, large = keep(system, LARGE[:-1]), keep(system, LARGE)
    assert (load(system, small), load(system, large)) == (LARGE[:-1], LARGE)
    assert [file.read_bytes() for file in files(system)] == [LARGE]


def test_the_same_bytes_kept_again_make_no_second_file(system: System) -> None:
    first, second = keep(system, LARGE), keep(system, LARGE)
    assert first != second
    assert load(system, first) == load(system, second) == LARGE
    assert len(files(system)) == 1


def test_a_full_disk_leaves_neither_row_nor_half_a_file(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_number: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(storage.os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            keep(system, LARGE)
    assert files(system) == []
    with system.db.read() as session:
        assert session.scalars(select(Blob)).all() == []
    assert load(system, keep(system, LARGE)) == LARGE


def test_a_mail_that_is_filed_at_the_second_try_leaves_one_file(
    system: System, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = mail("Hej! Se bilagan.") + b"\r\n" + b"x" * 70 * 5000
    with monkeypatch.context() as patch:
        patch.setattr("app.flows.receive.sort_out", lambda *_: 1 / 0)
        patch.setattr("app.intake.ledger.settle", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            arrives(system, raw)
    assert arrives(system, raw).fate == "ticket"
    assert len([file for file in files(system) if file.read_bytes() == raw]) == 1


def test_a_changed_file_is_refused(system: System) -> None:
    blob_id = keep(system, LARGE)
    files(system)[0].write_bytes(LARGE[::-1])
    with pytest.raises(StorageError, match="not what it was"):
        load(system, blob_id)
