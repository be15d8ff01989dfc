"""The one suite that every channel passes: what the intake may rely on, whatever an item came by."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels import registry
from channels.contract import (
    AttachmentRole,
    Batch,
    Channel,
    ChannelError,
    ChannelName,
    Cursor,
    InboundMessage,
    RawItem,
    Source,
    UnreadableError,
)
from tests.samples.letters import builders

ARRIVED = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
OUR_SETTINGS = {"our_addresses": "kund@example.se", "our_domain": "example.se", "authserv_id": "mx.example.se"}
MAIL = (
    b"From: Anna Ek <Anna.Ek@example.org>\r\nTo: kund@example.se\r\nSubject: Fr=?utf-8?q?=C3=A5?=ga\r\n"
    b"Message-ID: <one@example.org>\r\nDate: Mon, 02 Mar 2026 09:00:00 +0100\r\n\r\nHej, mitt nummer 4417 0926 38.\r\n"
)
CALL = {"call_id": "12", "kind": "ringing", "at": "2026-03-02T09:15:00+01:00", "number": "+46701740605"}
LETTER = builders.typeset("Hej, mitt nummer 4417 0926 38")
DAMAGE = st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True)
class Sample:
    """A good item of one channel and what spoils it."""

    name: ChannelName
    raw: bytes


SAMPLES = [
    Sample(ChannelName.EMAIL, MAIL),
    Sample(ChannelName.LETTER, LETTER),
    Sample(ChannelName.PHONE, json.dumps(CALL).encode()),
]


@pytest.fixture(params=SAMPLES, ids=lambda sample: sample.name.value)
def sample(request: pytest.FixtureRequest) -> Sample:
    found = request.param
    assert isinstance(found, Sample)
    return found


@pytest.fixture
def channel(sample: Sample) -> Channel:
    return registry.channel(sample.name)


def item_of(sample: Sample, raw: bytes | None = None, received_at: datetime | None = ARRIVED) -> RawItem:
    return RawItem(sample.name, "source", "1", sample.raw if raw is None else raw, received_at, "kund@example.se")


def parse(sample: Sample, raw: bytes | None = None) -> InboundMessage:
    return registry.channel(sample.name).parse(item_of(sample, raw), settings=OUR_SETTINGS)


def outcome(sample: Sample, raw: bytes) -> InboundMessage | UnreadableError:
    """The message or the one error that is allowed; any other fails the test."""
    try:
        return parse(sample, raw)
    except UnreadableError as error:
        return error


def strings_of(message: InboundMessage) -> list[str]:
    parties = [message.sender, message.reply_to, *message.recipients, *message.copies]
    texts = [message.subject, message.text, message.quoted, message.html, *message.problems]
    return texts + [word for party in parties if party for word in (party.address, party.name)]


def assert_storable(message: InboundMessage) -> None:
    """What every database takes: UTF-8 without NUL, aware instants in UTC, a fingerprint that fits."""
    for text in strings_of(message):
        assert "\x00" not in text
        text.encode("utf-8")
    assert message.arrived_at.utcoffset() == timedelta(0)
    assert message.claimed_at is None or message.claimed_at.utcoffset() is not None
    assert len(message.fingerprint) <= 64


def test_every_channel_is_in_the_registry_and_has_its_sample_here() -> None:
    assert {each.name for each in SAMPLES} == set(ChannelName)
    assert all(registry.channel(name).name == name for name in ChannelName)


def test_a_channel_is_found_by_the_value_that_the_database_holds(sample: Sample, channel: Channel) -> None:
    assert channel.name == sample.name
    assert registry.channel(sample.name.value).name == sample.name


def test_an_unknown_channel_is_a_permanent_fault() -> None:
    with pytest.raises(ChannelError) as caught:
        registry.channel("carrier pigeon")

    assert caught.value.permanent


def test_a_good_item_becomes_a_message_of_its_channel(sample: Sample) -> None:
    message = parse(sample)

    assert message.channel == sample.name
    assert message.arrived_at == ARRIVED
    assert_storable(message)


def test_reading_the_same_item_twice_gives_the_same_message(sample: Sample) -> None:
    assert parse(sample) == parse(sample)


def test_two_deliveries_of_one_message_have_one_fingerprint(sample: Sample) -> None:
    assert parse(sample).fingerprint == parse(sample).fingerprint != ""


def test_an_item_without_an_arrival_still_arrives_at_an_aware_instant(sample: Sample, channel: Channel) -> None:
    message = channel.parse(item_of(sample, received_at=None), settings=OUR_SETTINGS)

    assert message.arrived_at.utcoffset() == timedelta(0)


def test_a_channel_needs_no_settings_to_read(sample: Sample, channel: Channel) -> None:
    assert channel.parse(item_of(sample), settings={}).channel == sample.name


def test_references_are_bare_digits(sample: Sample) -> None:
    expected = () if sample.name == ChannelName.PHONE else ("4417092638",)

    assert parse(sample).hints.references_in_text == expected


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\xff" * 3000, b"{}", b"%PDF-", b"\r\n\r\n", bytes(range(256)) * 20])
def test_garbage_is_refused_with_a_short_reason_or_read_but_never_fails_otherwise(sample: Sample, raw: bytes) -> None:
    found = outcome(sample, raw)

    if isinstance(found, UnreadableError):
        assert found.permanent
        assert 0 < len(found.reason) <= 40
        assert found.reason.replace("_", "").isalnum()
    else:
        assert_storable(found)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(damage=DAMAGE, at=st.floats(0, 1))
def test_damage_anywhere_is_refused_or_read_but_never_fails_otherwise(sample: Sample, damage: bytes, at: float) -> None:
    position = int(at * len(sample.raw))
    found = outcome(sample, sample.raw[:position] + damage + sample.raw[position + len(damage) :])

    if isinstance(found, InboundMessage):
        assert_storable(found)


def test_pages_and_files_have_names_that_are_safe_to_save(sample: Sample) -> None:
    for attachment in parse(sample).attachments:
        assert Path(attachment.filename).name == attachment.filename
        assert attachment.role in AttachmentRole
        assert attachment.data


@pytest.mark.parametrize("source_settings", [{}, {"path": ""}])
def test_an_unknown_kind_or_missing_setting_does_not_open(channel: Channel, source_settings: dict[str, str]) -> None:
    for kind in ("", "carrier pigeon", "folder", "maildir", "imap"):
        with pytest.raises(ChannelError) as caught:
            channel.open_source(kind, "source", source_settings, "")
        assert caught.value.permanent


Drop = Callable[[Path, bytes], None]


def drop_letter(folder: Path, raw: bytes) -> None:
    (folder / f"{time.time_ns()}.pdf").write_bytes(raw)


def drop_mail(folder: Path, raw: bytes) -> None:
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(exist_ok=True)
    written = folder / "tmp" / f"{time.time_ns()}.1.host"
    written.write_bytes(raw)
    os.rename(written, folder / "new" / written.name)


@dataclass(frozen=True)
class Folder:
    """A source of files: how one is opened, with which pace, and how an item gets into it."""

    name: ChannelName
    kind: str
    drop: Drop
    raw: bytes
    pace: str

    def open(self, path: Path) -> Source:
        configured: Mapping[str, str] = {"path": str(path), self.pace: "0.05"}
        return registry.channel(self.name).open_source(self.kind, "source", configured, "")


FOLDERS = [
    Folder(ChannelName.LETTER, "folder", drop_letter, LETTER, "quiet_seconds"),
    Folder(ChannelName.EMAIL, "maildir", drop_mail, MAIL, "poll_seconds"),
]


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.kind)
def folder(request: pytest.FixtureRequest) -> Folder:
    found = request.param
    assert isinstance(found, Folder)
    return found


@pytest.fixture
def filled(folder: Folder, tmp_path: Path) -> Path:
    """A folder of three items that rest."""
    for number in range(3):
        folder.drop(tmp_path, folder.raw + b"\n" * number)
    time.sleep(0.1)
    return tmp_path


def fetch(folder: Folder, path: Path, limit: int = 10) -> Batch:
    source = folder.open(path)
    try:
        return source.fetch(Cursor(), limit=limit)
    finally:
        source.close()


def test_a_source_gives_whole_items_with_names_of_their_own_and_aware_arrivals(folder: Folder, filled: Path) -> None:
    items = fetch(folder, filled).items

    assert [item.raw for item in items] == [folder.raw + b"\n" * number for number in range(3)]
    assert len({item.item_id for item in items}) == 3
    for item in items:
        assert (item.channel, item.source) == (folder.name, "source")
        assert item.received_at is None or item.received_at.utcoffset() == timedelta(0)
        assert 0 < len(item.item_id) <= 400


def test_a_source_gives_no_more_than_asked_for(folder: Folder, filled: Path) -> None:
    assert len(fetch(folder, filled, limit=2).items) == 2


def test_items_not_acknowledged_come_again_under_the_same_names(folder: Folder, filled: Path) -> None:
    assert fetch(folder, filled).items == fetch(folder, filled).items


def test_items_are_acknowledged_once_or_twice_and_come_no_more(folder: Folder, filled: Path) -> None:
    source = folder.open(filled)
    first, *rest = source.fetch(Cursor(), limit=10).items

    source.acknowledge([first])
    source.acknowledge([first])
    source.close()
    other = folder.open(filled)
    other.acknowledge([first])

    assert other.fetch(Cursor(), limit=10).items == tuple(rest)
    other.acknowledge(rest)
    assert other.fetch(Cursor(), limit=10).items == ()


def test_what_is_acknowledged_is_still_on_the_disk(folder: Folder, filled: Path) -> None:
    source = folder.open(filled)
    source.acknowledge(source.fetch(Cursor(), limit=10).items)

    kept = sorted(path.read_bytes() for path in filled.rglob("*") if path.is_file())
    assert kept == sorted(folder.raw + b"\n" * number for number in range(3))


def test_waiting_tells_of_what_lies_there_and_of_nothing_else(folder: Folder, filled: Path, tmp_path: Path) -> None:
    source = folder.open(filled)
    assert source.wait(1)
    source.acknowledge(source.fetch(Cursor(), limit=10).items)

    assert not folder.open(filled).wait(0.05)


def test_closing_twice_is_safe(folder: Folder, filled: Path) -> None:
    source = folder.open(filled)
    source.fetch(Cursor(), limit=1)

    source.close()
    source.close()
