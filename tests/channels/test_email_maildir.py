"""A Maildir as a source: nothing lost, nothing taken twice, files that vanish do no harm."""

from __future__ import annotations

import mailbox
import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from channels.contract import ChannelError, ChannelName, Cursor, RawItem
from channels.email.maildir import MAX_BATCH_BYTES, MaildirSource
from tests.samples.email.build import mail

START = Cursor()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty Maildir as an MTA makes it."""
    mailbox.Maildir(tmp_path / "in", create=True).close()
    return tmp_path / "in"


@pytest.fixture
def source(folder: Path) -> MaildirSource:
    return MaildirSource("inbox", {"path": str(folder), "poll_seconds": "0.02"})


def deliver(folder: Path, name: str, raw: bytes = b"", *, at: float = 1_772_700_000) -> Path:
    """A mail as an MTA leaves it: written in tmp/, renamed into new/."""
    (folder / "tmp" / name).write_bytes(raw or mail(name))
    os.utime(folder / "tmp" / name, (at, at))
    return (folder / "tmp" / name).rename(folder / "new" / name)


def test_mails_come_oldest_first_with_their_names_and_times(folder: Path, source: MaildirSource) -> None:
    deliver(folder, "b.host", at=1_772_700_001)
    deliver(folder, "a.host:2,", at=1_772_700_002)
    batch = source.fetch(START, limit=10)
    assert [item.item_id for item in batch.items] == ["b.host", "a.host"]
    first = batch.items[0]
    assert (first.channel, first.source, first.raw) == (ChannelName.EMAIL, "inbox", mail("b.host"))
    assert first.received_at == datetime.fromtimestamp(1_772_700_001, UTC)
    assert batch.cursor == START


def test_a_mail_stays_until_it_is_acknowledged_and_then_lies_in_cur(folder: Path, source: MaildirSource) -> None:
    deliver(folder, "a.host")
    (item,) = source.fetch(START, limit=10).items
    assert source.fetch(START, limit=10).items == (item,)
    source.acknowledge([item])
    assert source.fetch(START, limit=10).items == ()
    assert (folder / "cur" / "a.host:2,").read_bytes() == item.raw


def test_acknowledging_twice_or_after_the_file_is_gone_is_harmless(folder: Path, source: MaildirSource) -> None:
    deliver(folder, "a.host")
    deliver(folder, "b.host")
    items = source.fetch(START, limit=10).items
    (folder / "new" / "b.host").unlink()
    source.acknowledge(items)
    source.acknowledge(items)
    assert [path.name for path in (folder / "cur").iterdir()] == ["a.host:2,"]


def test_an_item_read_back_from_the_ledger_is_acknowledged_by_its_id(folder: Path, source: MaildirSource) -> None:
    deliver(folder, "a.host:1,x")
    source.acknowledge([RawItem(ChannelName.EMAIL, "inbox", "a.host", b"")])
    assert (folder / "cur" / "a.host:2,").exists()


def test_a_name_with_a_path_in_it_moves_nothing(folder: Path, source: MaildirSource) -> None:
    (folder / "outside").write_bytes(b"x")
    source.acknowledge([RawItem(ChannelName.EMAIL, "inbox", "../outside", b"", filename="../outside")])
    assert (folder / "outside").exists()


def test_files_that_vanish_while_they_are_read_are_left_out(
    folder: Path, source: MaildirSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(folder, "a.host")
    deliver(folder, "b.host")
    original = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        if path.name == "a.host":
            path.unlink()
        return original(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    assert [item.item_id for item in source.fetch(START, limit=10).items] == ["b.host"]


def test_links_folders_and_dot_files_are_no_mails(folder: Path, source: MaildirSource) -> None:
    (folder / "secret").write_bytes(b"From: x\n\n")
    (folder / "new" / "link").symlink_to(folder / "secret")
    (folder / "new" / "folder").mkdir()
    (folder / "new" / ".hidden").write_bytes(b"x")
    assert source.fetch(START, limit=10).items == ()


def test_the_limit_and_the_size_of_a_batch_are_kept(folder: Path, source: MaildirSource) -> None:
    large = b"From: a@example.se\n\n" + b"x" * (MAX_BATCH_BYTES - 100)
    for number, raw in enumerate([b"", large, b"", b"", b""]):
        deliver(folder, f"{number}.host", raw, at=1_772_700_000 + number)
    assert [item.item_id for item in source.fetch(START, limit=10).items] == ["0.host"]
    source.acknowledge(source.fetch(START, limit=1).items)
    assert [item.item_id for item in source.fetch(START, limit=10).items] == ["1.host"]
    source.acknowledge(source.fetch(START, limit=1).items)
    assert len(source.fetch(START, limit=2).items) == 2


def test_waiting_ends_when_a_mail_comes_and_not_for_one_that_is_known(folder: Path, source: MaildirSource) -> None:
    assert not source.wait(0.05)
    deliver(folder, "a.host")
    assert source.wait(1)
    assert not source.wait(0.05)
    timer = threading.Timer(0.1, deliver, (folder, "b.host"))
    timer.start()
    began = time.monotonic()
    assert source.wait(5)
    assert time.monotonic() - began < 2
    timer.join()


def test_a_missing_folder_is_a_fault_of_the_channel(tmp_path: Path) -> None:
    source = MaildirSource("inbox", {"path": str(tmp_path / "nowhere")})
    with pytest.raises(ChannelError):
        source.fetch(START, limit=1)
    with pytest.raises(ChannelError):
        source.wait(0)
    source.close()


def test_a_maildir_without_a_path_is_refused_for_good() -> None:
    with pytest.raises(ChannelError) as raised:
        MaildirSource("inbox", {})
    assert raised.value.permanent


def test_a_file_name_that_is_no_text_gets_an_item_id_that_is(folder: Path, source: MaildirSource) -> None:
    path = os.fsencode(folder / "new") + b"/1.caf\xe9.host:2,S"
    Path(os.fsdecode(path)).write_bytes(mail("odd"))
    (item,) = source.fetch(START, limit=10).items
    item.item_id.encode("utf-8")
    item.filename.encode("utf-8")
    source.acknowledge([item])
    assert source.fetch(START, limit=10).items == ()
    assert len(list((folder / "cur").iterdir())) == 1


def test_a_name_that_is_long_when_written_out_is_kept_short_and_distinct(tmp_path: Path) -> None:
    for folder in ("new", "cur"):
        (tmp_path / folder).mkdir()
    for last in (b"\xfd", b"\xfe"):
        Path(os.fsdecode(os.fsencode(tmp_path / "new") + b"/1." + b"\xff" * 180 + last)).write_bytes(
            b"From: a@b.se\n\nHej"
        )
    source = MaildirSource("box", {"path": str(tmp_path)})
    items = source.fetch(Cursor(), limit=9).items
    assert len({item.item_id for item in items}) == 2
    assert all(len(item.item_id) <= 400 for item in items)
    source.acknowledge(items)
    assert list((tmp_path / "new").iterdir()) == []
