"""The IMAP source against a real Dovecot: cursor, keyword, moves, TLS, IDLE and every way a connection dies."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from imapclient import IMAPClient

from channels.contract import Batch, ChannelError, Cursor
from channels.email.imap import MAX_BATCH_BYTES, TAKEN, ImapSource
from channels.email.imap_idle import wait_for_mail
from tests.samples.email.build import mail
from tests.servers.dovecot import DovecotServer

pytestmark = pytest.mark.dovecot
START = Cursor()
Opener = Callable[..., ImapSource]
numbers = itertools.count()


@pytest.fixture
def user() -> str:
    """A mailbox that no other test uses."""
    return f"user{next(numbers)}-{time.monotonic_ns()}"


@pytest.fixture
def opened(dovecot_server: DovecotServer, user: str) -> Iterator[Opener]:
    """Opens sources on the user's mailbox, over plain text unless told otherwise, and closes them."""
    sources: list[ImapSource] = []

    def open_source(secret: str = dovecot_server.password, **settings: str) -> ImapSource:
        given = {
            "host": dovecot_server.host,
            "port": str(dovecot_server.imap_port),
            "tls": "none",
            "user": user,
            "timeout": "5",
        }
        sources.append(ImapSource("post", given | settings, secret))
        return sources[-1]

    yield open_source
    for source in sources:
        source.close()


def subjects(batch: Batch) -> list[str]:
    return [item.raw.partition(b"Subject: ")[2].partition(b"\r\n")[0].decode() for item in batch.items]


def flags(server: DovecotServer, user: str, mailbox: str = "INBOX") -> str:
    return server.doveadm("fetch", "-u", user, "flags", "mailbox", mailbox)


def test_new_mails_come_in_order_and_the_cursor_moves_past_them(
    dovecot_server: DovecotServer, user: str, opened: Opener
) -> None:
    source = opened()
    assert source.fetch(START, limit=5).items == ()
    for number in range(3):
        dovecot_server.deliver(mail(Subject=f"brev {number}"), user)
    first = source.fetch(START, limit=2)
    assert subjects(first) == ["brev 0", "brev 1"]
    assert first.items[0].item_id == f"{first.cursor.validity}:1"
    assert first.items[0].received_at is not None
    assert first.items[0].received_at.utcoffset().total_seconds() == 0  # type: ignore[union-attr]
    rest = source.fetch(first.cursor, limit=2)
    assert subjects(rest) == ["brev 2"]
    assert source.fetch(rest.cursor, limit=2) == Batch((), rest.cursor)


def test_the_raw_mail_is_byte_for_byte_what_the_server_holds(
    dovecot_server: DovecotServer, user: str, opened: Opener
) -> None:
    raw = mail(bytes(range(128, 256)) + b"\r\n.\r\nslut\r\n")
    dovecot_server.deliver(raw, user)
    (item,) = opened().fetch(START, limit=5).items
    assert item.raw.endswith(raw)


def test_reading_marks_nothing_and_acknowledging_sets_our_keyword_only(
    dovecot_server: DovecotServer, user: str, opened: Opener
) -> None:
    dovecot_server.deliver(mail(), user)
    source = opened()
    batch = source.fetch(START, limit=5)
    assert flags(dovecot_server, user).strip() == "flags:"
    source.acknowledge(batch.items)
    source.acknowledge(batch.items)
    source.acknowledge([])
    assert flags(dovecot_server, user).strip() == f"flags: {TAKEN}"


def test_acknowledged_mails_move_to_the_folder_asked_for(
    dovecot_server: DovecotServer, user: str, opened: Opener
) -> None:
    dovecot_server.deliver(mail(), user)
    source = opened(move_to="Mottagna ärenden")
    batch = source.fetch(START, limit=5)
    source.acknowledge(batch.items)
    source.acknowledge(batch.items)
    assert flags(dovecot_server, user) == ""
    with IMAPClient(dovecot_server.host, dovecot_server.imap_port, ssl=False) as client:
        client.login(user, dovecot_server.password)
        assert client.select_folder("Mottagna ärenden")[b"EXISTS"] == 1


def test_without_the_move_command_a_mail_is_copied_and_expunged(
    dovecot_server: DovecotServer, user: str, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = IMAPClient.has_capability
    monkeypatch.setattr(IMAPClient, "has_capability", lambda self, name: name != "MOVE" and original(self, name))
    dovecot_server.deliver(mail(), user)
    dovecot_server.deliver(mail(), user)
    source = opened(move_to="Taken")
    source.acknowledge(source.fetch(START, limit=1).items)
    assert flags(dovecot_server, user).count("flags") == 1


def test_a_changed_uidvalidity_starts_again_and_old_items_are_not_acknowledged(
    dovecot_server: DovecotServer, user: str, opened: Opener
) -> None:
    dovecot_server.deliver(mail(), user)
    source = opened()
    before = source.fetch(START, limit=5)
    dovecot_server.doveadm("mailbox", "update", "-u", user, "--uid-validity", "4711", "INBOX")
    after = opened().fetch(before.cursor, limit=5)
    assert after.cursor.validity == 4711
    assert after.items[0].item_id == "4711:1"
    assert after.items[0].raw == before.items[0].raw
    opened().acknowledge(before.items)
    assert TAKEN not in flags(dovecot_server, user)


def test_a_mail_deleted_by_somebody_else_is_passed_over(
    dovecot_server: DovecotServer, user: str, opened: Opener
) -> None:
    for number in range(3):
        dovecot_server.deliver(mail(Subject=f"brev {number}"), user)
    dovecot_server.doveadm("expunge", "-u", user, "mailbox", "INBOX", "uid", "2")
    source = opened()
    batch = source.fetch(START, limit=5)
    assert subjects(batch) == ["brev 0", "brev 2"]
    assert batch.cursor.position == 3
    dovecot_server.doveadm("expunge", "-u", user, "mailbox", "INBOX", "all")
    source.acknowledge(batch.items)


def test_a_huge_mail_is_fetched_alone(dovecot_server: DovecotServer, user: str, opened: Opener) -> None:
    huge = mail((b"x" * 70 + b"\r\n") * (MAX_BATCH_BYTES // 72 + 1), Subject="stort")
    for raw in (mail(Subject="litet"), huge, mail(Subject="sist")):
        dovecot_server.deliver(raw, user)
    source = opened()
    cursor, seen = START, []
    while (batch := source.fetch(cursor, limit=10)).items:
        seen.append(subjects(batch))
        cursor = batch.cursor
    assert seen == [["litet"], ["stort"], ["sist"]]


def test_tls_is_verified_against_the_authority_given(
    dovecot_server: DovecotServer, user: str, opened: Opener, tmp_path: Path
) -> None:
    dovecot_server.deliver(mail(), user)
    imaps = {"port": str(dovecot_server.imaps_port), "tls": "tls"}
    for settings in (imaps, {"tls": "starttls"}):
        assert opened(**settings, ca_file=str(dovecot_server.ca_file)).fetch(START, limit=5).items
        assert opened(**settings, verify_certificate="no").fetch(START, limit=5).items
        with pytest.raises(ChannelError, match="certificate"):
            opened(**settings).fetch(START, limit=5)


def test_a_wrong_password_is_refused_for_good_and_stays_out_of_words_and_logs(
    dovecot_server: DovecotServer, opened: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ChannelError) as raised:
        opened(secret="hemligt-ord").fetch(START, limit=1)
    assert raised.value.permanent
    assert "hemligt-ord" not in str(raised.value)
    assert "hemligt-ord" not in caplog.text


def test_a_folder_that_is_not_there_is_a_fault(opened: Opener) -> None:
    with pytest.raises(ChannelError):
        opened(folder="Finns inte").fetch(START, limit=1)


def test_waiting_ends_without_mail_after_its_time(opened: Opener) -> None:
    source = opened()
    source.fetch(START, limit=1)
    began = time.monotonic()
    assert not source.wait(0.6)
    assert 0.5 < time.monotonic() - began < 3


def test_a_mail_wakes_the_waiting(dovecot_server: DovecotServer, user: str, opened: Opener) -> None:
    source = opened()
    assert not source.wait(0.1)
    timer = threading.Timer(0.5, dovecot_server.deliver, (mail(), user))
    timer.start()
    began = time.monotonic()
    assert source.wait(20)
    assert time.monotonic() - began < 5
    timer.join()
    assert not source.wait(0.1)


def test_a_mail_that_came_between_fetch_and_wait_is_not_slept_over(
    dovecot_server: DovecotServer, user: str, opened: Opener
) -> None:
    dovecot_server.deliver(mail(), user)
    source = opened()
    batch = source.fetch(START, limit=5)
    dovecot_server.deliver(mail(), user)
    source.acknowledge(batch.items)
    began = time.monotonic()
    assert source.wait(20)
    assert time.monotonic() - began < 2


def test_mails_left_over_by_a_small_batch_are_not_slept_over(
    dovecot_server: DovecotServer, user: str, opened: Opener
) -> None:
    dovecot_server.deliver(mail(), user)
    dovecot_server.deliver(mail(), user)
    source = opened()
    source.fetch(START, limit=1)
    assert source.wait(20)


@pytest.mark.parametrize("tls", ["none", "starttls"])
def test_a_connection_that_is_closed_while_waiting_is_a_fault_and_the_next_call_connects_again(
    dovecot_server: DovecotServer, user: str, opened: Opener, tls: str
) -> None:
    source = opened(tls=tls, verify_certificate="no")
    source.fetch(START, limit=1)
    timer = threading.Timer(0.5, dovecot_server.doveadm, ("kick", user))
    timer.start()
    began = time.monotonic()
    with pytest.raises(ChannelError) as raised:
        source.wait(20)
    assert time.monotonic() - began < 5
    assert not raised.value.permanent
    timer.join()
    dovecot_server.deliver(mail(), user)
    assert source.wait(5)
    assert len(source.fetch(START, limit=5).items) == 1


def test_a_connection_closed_between_two_calls_is_a_fault_once(
    dovecot_server: DovecotServer, user: str, opened: Opener
) -> None:
    dovecot_server.deliver(mail(), user)
    source = opened()
    source.fetch(START, limit=1)
    dovecot_server.doveadm("kick", user)
    with pytest.raises(ChannelError):
        source.fetch(START, limit=1)
    assert len(source.fetch(START, limit=1).items) == 1


def test_nobody_listening_is_a_fault(opened: Opener) -> None:
    with pytest.raises(ChannelError) as raised:
        opened(port="1").fetch(START, limit=1)
    assert not raised.value.permanent


def test_closing_twice_is_harmless(opened: Opener) -> None:
    source = opened()
    source.fetch(START, limit=1)
    source.close()
    source.close()


def test_a_password_with_letters_beyond_ascii_is_sent_and_judged(opened: Opener) -> None:
    with pytest.raises(ChannelError) as raised:
        opened(secret="hemligt-lösenord").fetch(START, limit=1)
    assert raised.value.permanent


class SilentClient:
    """A live connection on which nothing happens; time passes only while it idles."""

    def __init__(self, clock: list[float]) -> None:
        self.clock = clock
        self.idles: list[float] = []

    def has_capability(self, name: str) -> bool:
        return name == "IDLE"

    def idle(self) -> None:
        pass

    def idle_check(self, timeout: float) -> list[tuple[object, ...]]:
        self.idles.append(timeout)
        self.clock[0] += timeout
        return []

    def idle_done(self) -> tuple[bytes, list[tuple[object, ...]]]:
        return b"", []

    noop = idle_done


def test_no_single_idle_lasts_longer_than_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1_000.0]
    monkeypatch.setattr("channels.email.imap_idle.time.monotonic", lambda: clock[0])
    client = SilentClient(clock)
    assert not wait_for_mail(client, 7_200)
    assert max(client.idles) == 600
    assert sum(client.idles) == 7_200


class DeadClient:
    """What IMAPClient does after its connection died: it answers at once with nothing, for ever."""

    def __init__(self, *answers: list[tuple[object, ...]]) -> None:
        self.answers = list(answers)

    def has_capability(self, name: str) -> bool:
        return name == "IDLE"

    def idle(self) -> None:
        pass

    def idle_check(self, timeout: float) -> list[tuple[object, ...]]:
        return self.answers.pop(0) if self.answers else []


def test_an_empty_answer_before_its_time_is_a_dead_connection() -> None:
    with pytest.raises(ChannelError, match="closed"):
        wait_for_mail(DeadClient(), 10)
    with pytest.raises(ChannelError, match="goodbye"):
        wait_for_mail(DeadClient([(b"BYE", b"Server shutting down.")]), 10)
    with pytest.raises(ChannelError, match="closed"):
        wait_for_mail(DeadClient([(b"OK", b"Still here")]), 10)
