"""The folder that letters are dropped in: what is taken, when, and that nothing is lost or taken twice."""

from __future__ import annotations

import logging
import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from channels.contract import ChannelError, ChannelName, Cursor, RawItem, Source
from channels.letters.channel import create
from channels.letters.folder import shown_name
from tests.samples.letters import builders

QUIET = 0.1
PDF = builders.typeset("Hej")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "inkommande"
    path.mkdir()
    return path


def open_source(folder: Path, **settings: str) -> Source:
    return create().open_source("folder", "scanner", {"path": str(folder), "quiet_seconds": str(QUIET), **settings}, "")


def fetch(folder: Path, limit: int = 20, **settings: str) -> tuple[RawItem, ...]:
    return open_source(folder, **settings).fetch(Cursor(), limit=limit).items


def drop(folder: Path, name: str, raw: bytes = PDF, *, rest: bool = True) -> Path:
    path = folder / name
    path.write_bytes(raw)
    if rest:
        time.sleep(QUIET * 1.5)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_letter_becomes_one_item_with_all_its_bytes(folder: Path) -> None:
    path = drop(folder, "brev åäö.pdf")

    (item,) = fetch(folder)

    assert (item.channel, item.source, item.filename) == (ChannelName.LETTER, "scanner", "brev åäö.pdf")
    assert item.raw == PDF
    assert item.received_at == datetime.fromtimestamp(path.stat().st_mtime_ns / 1e9, UTC)
    assert path.exists()


def test_the_cursor_of_a_folder_stays_as_it_is(folder: Path) -> None:
    drop(folder, "a.pdf")

    assert open_source(folder).fetch(Cursor(), limit=1).cursor == Cursor()


def test_a_letter_is_left_until_it_has_rested(folder: Path) -> None:
    drop(folder, "a.pdf", rest=False)

    assert fetch(folder, quiet_seconds="5") == ()
    time.sleep(QUIET * 1.5)
    assert len(fetch(folder)) == 1


def test_a_letter_that_arrives_slowly_is_taken_whole(folder: Path) -> None:
    def write_slowly() -> None:
        with (folder / "slow.pdf").open("wb", buffering=0) as stream:
            for start in range(0, len(PDF), len(PDF) // 8):
                stream.write(PDF[start : start + len(PDF) // 8])
                time.sleep(QUIET * 2)

    writer = threading.Thread(target=write_slowly)
    writer.start()
    seen = []
    while writer.is_alive():
        seen += fetch(folder)
        time.sleep(QUIET / 4)
    time.sleep(QUIET * 1.5)
    seen += fetch(folder)

    assert {item.raw for item in seen} == {PDF}


def test_an_unended_pdf_is_given_a_minute_and_then_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(folder, "half.pdf", PDF[:1000])
    assert fetch(folder) == ()

    monkeypatch.setattr("channels.letters.folder._INCOMPLETE_REST_SECONDS", QUIET)
    assert [item.raw for item in fetch(folder)] == [PDF[:1000]]


def test_an_empty_file_is_given_a_minute_and_then_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(folder, "empty.pdf", b"")
    assert fetch(folder) == ()

    monkeypatch.setattr("channels.letters.folder._INCOMPLETE_REST_SECONDS", QUIET)
    assert [item.raw for item in fetch(folder)] == [b""]


def test_files_being_written_are_left(folder: Path) -> None:
    for name in ("a.pdf.part", "b.TMP", ".hidden.pdf", "c.pdf~"):
        drop(folder, name, rest=False)
    time.sleep(QUIET * 1.5)

    assert fetch(folder) == ()
    (folder / "a.pdf.part").rename(folder / "a.pdf")
    time.sleep(QUIET * 1.5)
    assert [item.filename for item in fetch(folder)] == ["a.pdf"]


def test_what_is_no_pdf_is_taken_too(folder: Path) -> None:
    drop(folder, "photo.jpg", builders.photo(), rest=False)
    drop(folder, "notes", b"hello")

    assert {item.filename for item in fetch(folder)} == {"photo.jpg", "notes"}


def test_the_oldest_letters_come_first_and_no_more_than_asked_for(folder: Path) -> None:
    for age, name in enumerate(("new.pdf", "middle.pdf", "old.pdf")):
        os.utime(drop(folder, name, rest=False), (1_700_000_000 - age, 1_700_000_000 - age))
    time.sleep(QUIET * 1.5)

    assert [item.filename for item in fetch(folder, limit=2)] == ["old.pdf", "middle.pdf"]


def test_a_batch_holds_little_more_than_one_file_may(folder: Path) -> None:
    for number in range(4):
        drop(folder, f"{number}.bin", bytes(600), rest=False)
    time.sleep(QUIET * 1.5)

    assert len(fetch(folder, max_bytes="1000")) == 2


def test_a_clock_that_runs_ahead_neither_delays_a_letter_nor_dates_it_in_the_future(folder: Path) -> None:
    path = drop(folder, "ahead.pdf", rest=False)
    os.utime(path, (time.time() + 86_400, time.time() + 86_400))
    time.sleep(QUIET * 1.5)

    (item,) = fetch(folder)

    assert item.received_at is not None
    assert item.received_at <= datetime.now(UTC)
    open_source(folder).acknowledge([item])
    assert names(folder / "done") == ["ahead.pdf"]


def test_the_same_name_used_again_is_another_item(folder: Path) -> None:
    drop(folder, "scan001.pdf", builders.typeset("Ett"))
    (first,) = fetch(folder)
    open_source(folder).acknowledge([first])
    drop(folder, "scan001.pdf", builders.typeset("Två"))
    (second,) = fetch(folder)
    open_source(folder).acknowledge([second])
    drop(folder, "scan001.pdf", builders.typeset("Två"))
    (third,) = fetch(folder)

    assert len({first.item_id, second.item_id, third.item_id}) == 3
    assert names(folder / "done") == ["scan001 (2).pdf", "scan001.pdf"]
    assert (folder / "done" / "scan001 (2).pdf").read_bytes() == second.raw


def test_a_letter_fetched_again_before_it_is_acknowledged_is_the_same_item(folder: Path) -> None:
    drop(folder, "a.pdf")

    assert fetch(folder) == fetch(folder)


def test_an_acknowledged_letter_moves_to_done_and_comes_no_more(folder: Path) -> None:
    drop(folder, "a.pdf")
    source = open_source(folder)
    items = source.fetch(Cursor(), limit=5).items

    source.acknowledge(items)
    source.acknowledge(items)

    assert names(folder) == ["done"]
    assert (folder / "done" / "a.pdf").read_bytes() == PDF
    assert names(folder / "done") == ["a.pdf"]
    assert fetch(folder) == ()


def test_a_letter_that_vanished_can_be_acknowledged(folder: Path) -> None:
    path = drop(folder, "a.pdf")
    items = fetch(folder)
    path.unlink()

    open_source(folder).acknowledge(items)

    assert names(folder / "done") == []


def test_pages_added_after_the_reading_stay_for_the_next_one(folder: Path) -> None:
    path = drop(folder, "a.pdf")
    items = fetch(folder)
    path.write_bytes(PDF + b"\n% one page more %%EOF")

    open_source(folder).acknowledge(items)
    time.sleep(QUIET * 1.5)

    assert path.exists()
    (again,) = fetch(folder)
    assert again.item_id != items[0].item_id


def test_a_letter_that_takes_the_name_during_the_move_comes_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drop(folder, "a.pdf")
    items = fetch(folder)
    source = open_source(folder)
    listed = source._files  # type: ignore[attr-defined]

    def list_then_replace() -> object:
        found = listed()
        path.unlink()
        path.write_bytes(b"another letter")
        monkeypatch.setattr(source, "_files", listed)
        return found

    monkeypatch.setattr(source, "_files", list_then_replace)
    source.acknowledge(items)

    assert path.read_bytes() == b"another letter"
    assert names(folder / "done") == []


def test_a_file_above_the_limit_is_one_cut_item_and_is_held_whole(folder: Path) -> None:
    drop(folder, "huge.pdf", PDF)

    (item,) = fetch(folder, max_bytes="1000")
    open_source(folder, max_bytes="1000").acknowledge([item])

    assert len(item.raw) == 1001
    assert (folder / "held" / "huge.pdf").read_bytes() == PDF
    assert names(folder / "done") == []
    assert fetch(folder) == ()


def test_links_folders_and_pipes_are_refused_and_told_of(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    secret = folder.parent / "secret.pdf"
    secret.write_bytes(PDF)
    (folder / "link.pdf").symlink_to(secret)
    (folder / "sub").mkdir()
    os.mkfifo(folder / "pipe.pdf")
    time.sleep(QUIET * 1.5)

    with caplog.at_level(logging.WARNING):
        assert create().open_source("folder", "odd", {"path": str(folder)}, "").fetch(Cursor(), limit=5).items == ()

    assert [record.count for record in caplog.records] == [3]  # type: ignore[attr-defined]
    assert "link" not in caplog.text


def test_a_link_put_in_place_of_a_letter_at_the_last_moment_is_not_followed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = folder.parent / "secret.pdf"
    secret.write_bytes(PDF)
    path = drop(folder, "a.pdf")
    source = open_source(folder)
    rested = source._rested  # type: ignore[attr-defined]

    def swap_after_look(files: object) -> object:
        found = list(rested(files))
        path.unlink()
        path.symlink_to(secret)
        return found

    monkeypatch.setattr(source, "_rested", swap_after_look)

    assert source.fetch(Cursor(), limit=5).items == ()


def test_a_letter_that_changes_while_it_is_read_waits(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drop(folder, "a.pdf")
    source = open_source(folder)
    rested = source._rested  # type: ignore[attr-defined]

    def grow_after_look(files: object) -> object:
        found = list(rested(files))
        with path.open("ab") as stream:
            stream.write(b"more")
        return found

    monkeypatch.setattr(source, "_rested", grow_after_look)

    assert source.fetch(Cursor(), limit=5).items == ()


def test_one_file_that_cannot_be_opened_does_not_stop_the_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    drop(folder, "locked.bin", rest=False)
    drop(folder, "open.bin")
    original = os.open

    def deny(path: object, flags: int, *rest: object, **named: object) -> int:
        if str(path).endswith("locked.bin") and flags & os.O_ACCMODE == os.O_RDONLY:
            raise PermissionError(13, "Permission denied")
        return original(path, flags, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", deny)

    assert [item.filename for item in fetch(folder)] == ["open.bin"]


def test_a_name_that_is_no_text_is_escaped_and_its_letter_taken(folder: Path) -> None:
    raw_name = os.fsencode(folder) + b"/br\xe5v\n\x01.pdf"
    with open(raw_name, "wb") as stream:
        stream.write(PDF)
    time.sleep(QUIET * 1.5)

    (item,) = fetch(folder)
    open_source(folder).acknowledge([item])

    assert item.filename == "br\\xdce5v\\x0a\\x01.pdf"
    assert item.item_id.encode("utf-8").startswith(b"br")
    assert fetch(folder) == ()


def test_a_shown_name_fits_where_names_are_stored() -> None:
    shown = shown_name("\x01" * 250 + ".pdf")

    assert len(shown) == 255
    assert shown.endswith(".pdf")


def test_a_missing_folder_is_a_fault_that_may_pass(tmp_path: Path) -> None:
    source = open_source(tmp_path / "unmounted")

    for act in (lambda: source.fetch(Cursor(), limit=1), lambda: source.acknowledge([]), lambda: source.wait(0)):
        with pytest.raises(ChannelError) as caught:
            act()
        assert not caught.value.permanent
    assert not (tmp_path / "unmounted").exists()


def test_a_folder_that_letters_cannot_be_moved_out_of_is_a_fault_at_once(folder: Path) -> None:
    drop(folder, "a.pdf", rest=False)
    (folder / "done").write_text("a file where the folder should be")
    time.sleep(QUIET * 1.5)

    with pytest.raises(ChannelError, match="cannot be written"):
        fetch(folder)


def test_a_letter_that_cannot_be_moved_stays_and_does_not_hold_up_the_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(folder, "a.pdf", rest=False)
    drop(folder, "b.pdf")
    items = fetch(folder)
    original = Path.replace

    def fail(self: Path, target: Path) -> Path:
        if self.name == "a.pdf":
            raise OSError(28, "No space left on device")
        return original(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(ChannelError, match="No space left"):
        open_source(folder).acknowledge(items)

    assert (folder / "a.pdf").read_bytes() == PDF
    assert names(folder / "done") == ["b.pdf"]


def test_the_longest_names_can_be_used_again(folder: Path) -> None:
    name = "ö" * 125 + "a.pdf"
    for _ in range(3):
        drop(folder, name)
        open_source(folder).acknowledge(fetch(folder))

    assert len(names(folder / "done")) == 3


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("imap", {"path": "/tmp"}),
        ("folder", {}),
        ("folder", {"path": ""}),
        ("folder", {"path": "/tmp", "quiet_seconds": "soon"}),
        ("folder", {"path": "/tmp", "quiet_seconds": "nan"}),
        ("folder", {"path": "/tmp", "quiet_seconds": "-1"}),
    ],
)
def test_a_source_with_bad_settings_does_not_open(kind: str, settings: dict[str, str]) -> None:
    with pytest.raises(ChannelError) as caught:
        create().open_source(kind, "scanner", settings, "")

    assert caught.value.permanent


def test_waiting_ends_when_a_letter_has_rested(folder: Path) -> None:
    source = open_source(folder)
    threading.Timer(0.2, drop, (folder, "a.pdf")).start()

    assert source.wait(10)
    assert len(source.fetch(Cursor(), limit=5).items) == 1


def test_waiting_announces_each_letter_once(folder: Path) -> None:
    drop(folder, "a.pdf")
    source = open_source(folder)

    assert source.wait(0)
    assert not source.wait(0)
    drop(folder, "b.pdf")
    assert source.wait(0)


def test_waiting_for_nothing_takes_as_long_as_asked(folder: Path) -> None:
    began = time.monotonic()

    assert not open_source(folder).wait(0.3)
    assert 0.3 <= time.monotonic() - began < 2


def test_a_share_that_vanishes_while_waiting_is_a_fault(folder: Path) -> None:
    threading.Timer(0.2, folder.rmdir).start()

    with pytest.raises(ChannelError):
        open_source(folder).wait(10)
