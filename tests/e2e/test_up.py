from __future__ import annotations

import http.client
import os
import re
import signal
import socket
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest

from app.cli.check.browser import Browser
from app.core import clock
from app.web.demo.sent import _files, _read
from tests.e2e.conftest import RunningDemo, is_alive, luukku, running_demo, those_of, wait_until

pytestmark = pytest.mark.demo
MAILS = 60


def test_ctrl_c_stops_all_of_it_and_leaves_no_process_behind(tmp_path: Path) -> None:
    with running_demo(tmp_path / "var") as demo:
        assert set(demo.descendants()) == {"gunicorn", "worker", "listen", "aiosmtpd"}
        everything = those_of(demo.var)
        assert len(everything) >= 5
        assert demo.stop(signal.SIGINT) == 0
        assert [pid for pid in everything if is_alive(pid)] == []
        assert those_of(demo.var) == []


def test_a_second_start_on_the_same_folder_is_refused_in_plain_words(demo: RunningDemo) -> None:
    second = luukku("up", "--demo", var=demo.var)
    assert second.returncode == 1
    assert f"It answers at http://127.0.0.1:{demo.port}" in second.stderr
    assert "Traceback" not in second.stdout + second.stderr
    assert demo.process.poll() is None


def test_a_program_that_dies_is_started_again(demo: RunningDemo) -> None:
    before = demo.descendants()
    os.kill(before["listen"], signal.SIGKILL)
    os.kill(before["gunicorn"], signal.SIGKILL)
    wait_until(lambda: set(demo.descendants()) == set(before), 15, "a program was not started again")
    after = demo.descendants()
    assert (after["worker"], after["aiosmtpd"]) == (before["worker"], before["aiosmtpd"])
    assert (after["listen"], after["gunicorn"]) != (before["listen"], before["gunicorn"])
    wait_until(lambda: answers(demo.port), 20, "the desk did not come back")


def test_an_empty_database_gets_an_administrator_whose_password_is_shown_once(tmp_path: Path) -> None:
    with running_demo(tmp_path / "var", ()) as empty:
        told = re.search(r"Log in as +(\S+)\n +Password +(\S+)", empty.said)
        assert told is not None
        assert set(empty.descendants()) == {"gunicorn", "worker", "listen"}
        browser = Browser(f"http://127.0.0.1:{empty.port}")
        assert not browser.log_in(told[1], "luukku-demo-2026")
        assert browser.log_in(told[1], told[2])
        assert browser.get("/demo/").status == 404
        assert empty.rows("SELECT email, is_admin FROM user_account") == [(told[1], 1)]
    with running_demo(tmp_path / "var", ()) as again:
        assert "Password" not in again.said


def test_when_the_supervisor_itself_is_killed_its_programs_end(tmp_path: Path) -> None:
    with running_demo(tmp_path / "var") as demo:
        everything = those_of(demo.var)
        demo.stop(signal.SIGKILL)
        wait_until(lambda: not [pid for pid in everything if is_alive(pid)], 20, "programs were left behind")


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def test_a_taken_port_is_told_in_plain_words(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = luukku("up", "--demo", "--no-history", var=tmp_path / "var", port=port)
    assert done.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken by another program" in done.stderr
    assert "Traceback" not in done.stderr


def test_all_faults_of_the_settings_are_named_at_once(tmp_path: Path) -> None:
    wrong = {"LUUKKU_PORT": "eighty", "LUUKKU_SMTP_TLS": "maybe", "LUUKKU_UNDO_SECUNDS": "5"}
    done = luukku("up", var=tmp_path / "var", **wrong)
    assert done.returncode == 1
    for name in (
        "LUUKKU_PORT",
        "LUUKKU_SMTP_TLS",
        "LUUKKU_UNDO_SECUNDS is not a setting. Did you mean LUUKKU_UNDO_SECO",
    ):
        assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_the_demo_is_not_shown_to_the_network(tmp_path: Path) -> None:
    done = luukku("up", "--demo", var=tmp_path / "var", LUUKKU_HOST="0.0.0.0")
    assert done.returncode == 1
    assert "this machine only" in done.stderr


def test_a_worker_killed_among_its_mails_loses_nothing_and_doubles_nothing(demo: RunningDemo) -> None:
    dropped = drop_many(demo.var / "demo" / "mail-in")
    wait_until(lambda: in_the_sink(demo), 30, "no receipt was sent")
    os.kill(demo.descendants()["worker"], signal.SIGKILL)
    wait_until(lambda: len(settled(demo)) == MAILS, 45, "mails wait still")
    filed = demo.rows("SELECT m.message_id, i.fate, i.ticket_id FROM message m JOIN inbound i ON i.id = m.inbound_id")
    batch = [row for row in filed if (row[0] or "").startswith("batch-")]
    assert sorted(row[0] for row in batch) == sorted(dropped)
    assert {row[1] for row in batch} == {"ticket"}
    assert len({row[2] for row in batch}) == MAILS
    told, kept = settled(demo), in_the_sink(demo)
    assert len(kept) == len(set(kept))
    assert {mail_id for mail_id, state in told if state == "sent"} <= set(kept) <= {mail_id for mail_id, _ in told}
    assert len([state for _, state in told if state == "perhaps_sent"]) <= 1


def drop_many(maildir: Path) -> list[str]:
    """Put many mails of as many citizens into the Maildir; their Message-IDs."""
    ids = []
    for number in range(MAILS):
        mail = EmailMessage()
        mail["From"] = f"Citizen {number} <citizen-{number}@example.se>"
        mail["To"] = "kundtjanst.norr@migration.example"
        mail["Subject"] = f"Fråga {number}"
        mail["Date"] = format_datetime(clock.now())
        mail["Message-ID"] = f"<batch-{number}@example.se>"
        mail.set_content(f"Hej! Det här är fråga nummer {number}. När kommer mitt kort?")
        (maildir / "tmp" / f"{number:03}.batch").write_bytes(mail.as_bytes())
        ids.append(f"batch-{number}@example.se")
    for number in range(MAILS):
        (maildir / "tmp" / f"{number:03}.batch").rename(maildir / "new" / f"{number:03}.batch")
    return ids


def settled(demo: RunningDemo) -> list[tuple[str, str]]:
    """The batch's receipts that no worker is to send any more: their Message-ID and state."""
    return demo.rows(
        "SELECT mail_id, state FROM outbox WHERE state IN ('sent', 'perhaps_sent', 'failed')"
        " AND to_address LIKE 'citizen-%'"
    )


def in_the_sink(demo: RunningDemo) -> list[str]:
    """The Message-IDs of the batch's receipts that reached the mail server."""
    mails = [_read(path) for path in _files(demo.var / "demo" / "sent")]
    return [mail.message_id for mail in mails if any(to.startswith("citizen-") for to in mail.to)]
