"""The fixtures around every test do what they promise."""

from __future__ import annotations

import smtplib
import socket
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.plugins.databases import BACKENDS, EMPTY_EVERYTHING
from tests.queries import count_queries

on_both = pytest.mark.parametrize("database_backend", BACKENDS, indirect=True)


@pytest.fixture
def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "kundtjanst@example.se", "anna@example.se"
    message["Date"], message["Message-ID"] = "Mon, 02 Mar 2026 10:00:00 +0000", "<1@example.se>"
    message.set_content("Hej Åsa", cte="quoted-printable")
    return message


@pytest.mark.parametrize("address", [("192.0.2.1", 25), ("2001:db8::1", 25)])
def test_talking_to_another_machine_fails_the_test(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with pytest.raises(pytest.fail.Exception, match="about to talk to"), socket.socket(family) as connection:
        connection.connect(address)


def test_looking_up_a_name_fails_the_test() -> None:
    with pytest.raises(pytest.fail.Exception, match="about to look up"):
        socket.create_connection(("mail.example.org", 25))


def test_mail_does_not_leave_unless_a_sink_is_open() -> None:
    with pytest.raises(pytest.fail.Exception, match="about to leave"):
        smtplib.SMTP("127.0.0.1", 2525)


def test_mail_reaches_the_sink_with_its_envelope(smtp_sink: Any, mail: EmailMessage) -> None:
    with smtplib.SMTP(smtp_sink.host, smtp_sink.port) as client:
        client.send_message(mail, from_addr="bounces@example.se")
    (sent,) = smtp_sink.wait_for(1)
    assert (sent.sender, sent.recipients) == ("bounces@example.se", ("anna@example.se",))
    assert sent.message.get_content() == "Hej Åsa\r\n"


@pytest.mark.parametrize("missing", ["From", "Date", "Message-ID"])
def test_the_sink_refuses_a_mail_without_a_required_header(smtp_sink: Any, mail: EmailMessage, missing: str) -> None:
    del mail[missing]
    with smtplib.SMTP(smtp_sink.host, smtp_sink.port) as client, pytest.raises(smtplib.SMTPDataError, match="no "):
        client.send_message(mail, from_addr="bounces@example.se")
    assert smtp_sink.messages == []


def test_the_sink_fails_once_as_it_is_told(smtp_sink: Any, mail: EmailMessage) -> None:
    smtp_sink.answer_next("RCPT", "451 4.3.0 later")
    smtp_sink.answer_next("DATA", "take and hang up")
    expected = [smtplib.SMTPRecipientsRefused, smtplib.SMTPServerDisconnected]
    for error in expected:
        with pytest.raises(error), smtplib.SMTP(smtp_sink.host, smtp_sink.port) as client:
            client.send_message(mail)
    assert len(smtp_sink.wait_for(1)) == 1


def test_a_shared_database_is_emptied_whatever_its_foreign_keys_say(postgres_server: Any) -> None:
    postgres_server.execute("CREATE DATABASE emptied")
    with postgres_server.connect("emptied") as connection:
        connection.execute("CREATE TABLE parent (id SERIAL PRIMARY KEY)")
        connection.execute("CREATE TABLE child (parent_id INTEGER REFERENCES parent)")
        connection.execute("INSERT INTO parent DEFAULT VALUES")
        connection.execute("INSERT INTO child VALUES (1)")
        connection.execute(EMPTY_EVERYTHING.encode())
        assert connection.execute("SELECT count(*) FROM child").fetchone() == (0,)
        assert connection.execute("INSERT INTO parent DEFAULT VALUES RETURNING id").fetchone() == (1,)
    postgres_server.execute("DROP DATABASE emptied")


@on_both
def test_queries_are_counted_without_the_commands_around_them(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection, count_queries(engine) as counted:
        connection.execute(text("SELECT 1"))
        connection.execute(text("SELECT 2"))
    engine.dispose()
    assert counted.count == 2, str(counted)


def test_time_stands_still_until_it_is_moved(frozen_time: Any) -> None:
    from app.core.clock import now

    before = now()
    frozen_time.shift(20)
    assert (now() - before).total_seconds() == 20
