"""Sending over a real SMTP server: what is sent, what is not, and what nobody knows."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from channels.contract import ChannelError, ChannelName, OutboundMessage, OutcomeUnknown, Party, UnreachableError
from channels.email.smtp import SmtpSender
from tests.servers import smtp_sink as sinks
from tests.servers.smtp_sink import SmtpSink

MESSAGE = OutboundMessage(
    channel=ChannelName.EMAIL,
    sender=Party("desk@luukku.example.se", "Luukku"),
    to=Party("anna@example.se", "Anna"),
    subject="Ditt ärende",
    text="Hej!\n.\n..prick\n" + "lång rad " * 300,
    html="<p>" + "lång rad " * 300 + "</p>",
    message_id="17+tok@mail.luukku.example.se",
    language="sv",
    envelope_from="desk+verp@luukku.example.se",
)


def sender(sink: SmtpSink) -> SmtpSender:
    return SmtpSender(sink.host, sink.port, tls="none", timeout=5)


def test_a_mail_arrives_whole_at_a_strict_server(smtp_sink: SmtpSink) -> None:
    receipt = sender(smtp_sink).send(MESSAGE)
    (sent,) = smtp_sink.wait_for(1)
    assert receipt.detail.startswith("250")
    assert (sent.sender, sent.recipients) == ("desk+verp@luukku.example.se", ("anna@example.se",))
    body = sent.message.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines()[:3] == ["Hej!", ".", "..prick"]
    assert smtp_sink.refused == []


WORDS = [
    "Ett mycket långt ord: " + "å" * 5000,
    "x" * 5000,
    "\n".join("." * length for length in range(1, 40)),
    "Smile 😀 " * 500,
    "From här\n.\n..\nQUIT\n",
    "a\0b \x1b[31m \u202e",
]


@pytest.mark.parametrize("words", WORDS, ids=range(len(WORDS)))
def test_whatever_an_agent_writes_a_strict_server_takes_it(smtp_sink: SmtpSink, words: str) -> None:
    name, line = words.replace("\n", " ")[:180], words[:280]
    ids = tuple(f"{'r' * 200}.{number}@example.se" for number in range(60))
    for is_automatic in (True, False):
        message = replace(MESSAGE, text=words, html=f"<p>{words}</p>", subject=line, answered_ids=ids)
        sender(smtp_sink).send(
            replace(message, sender=Party("desk@luukku.example.se", name), to=Party("anna@example.se", name))
            if not is_automatic
            else replace(message, is_automatic=True, envelope_from="")
        )
    smtp_sink.wait_for(2)
    assert smtp_sink.refused == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_closes_is_away_for_everybody(smtp_sink: SmtpSink, command: str) -> None:
    smtp_sink.answer_next(command, "421 4.3.2 closing")
    with pytest.raises(UnreachableError):
        sender(smtp_sink).send(MESSAGE)


@pytest.mark.parametrize(
    ("answer", "status"), [("550 5.1.1 unknown", "5.1.1"), ("550 unknown", "5.0.0"), ("451 later", "4.0.0")]
)
def test_a_refusal_carries_its_status(smtp_sink: SmtpSink, answer: str, status: str) -> None:
    smtp_sink.answer_next("RCPT", answer)
    with pytest.raises(ChannelError) as raised:
        sender(smtp_sink).send(MESSAGE)
    assert raised.value.status == status


def test_the_null_sender_goes_out_as_such(smtp_sink: SmtpSink) -> None:
    sender(smtp_sink).send(replace(MESSAGE, envelope_from=""))
    assert smtp_sink.wait_for(1)[0].sender in ("", "<>")


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(("answer", "is_permanent"), [("451 4.3.0 later", False), ("550 5.1.1 no such user", True)])
def test_a_refusal_says_whether_another_try_can_help(
    smtp_sink: SmtpSink, command: str, answer: str, is_permanent: bool
) -> None:
    smtp_sink.answer_next(command, answer)
    with pytest.raises(ChannelError) as raised:
        sender(smtp_sink).send(MESSAGE)
    assert raised.value.permanent is is_permanent
    assert smtp_sink.messages == []
    sender(smtp_sink).send(MESSAGE)
    smtp_sink.wait_for(1)


@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
def test_a_line_that_breaks_before_the_message_means_not_sent(smtp_sink: SmtpSink, command: str) -> None:
    smtp_sink.answer_next(command, "hang up")
    with pytest.raises(ChannelError) as raised:
        sender(smtp_sink).send(MESSAGE)
    assert not raised.value.permanent


def test_a_line_that_breaks_after_the_message_means_nobody_knows(smtp_sink: SmtpSink) -> None:
    smtp_sink.answer_next("DATA", "take and hang up")
    with pytest.raises(OutcomeUnknown):
        sender(smtp_sink).send(MESSAGE)
    assert len(smtp_sink.wait_for(1)) == 1


def test_no_server_at_all_is_worth_another_try() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sinks.open_ports.add(port)
    try:
        with pytest.raises(ChannelError) as raised:
            SmtpSender("127.0.0.1", port, tls="none", timeout=2).send(MESSAGE)
    finally:
        sinks.open_ports.discard(port)
    assert not raised.value.permanent


def test_a_server_without_starttls_is_never_given_the_mail(smtp_sink: SmtpSink) -> None:
    with pytest.raises(ChannelError) as raised:
        replace(sender(smtp_sink), tls="starttls").send(MESSAGE)
    assert not raised.value.permanent
    assert smtp_sink.messages == []


def test_an_unknown_way_of_encryption_is_no_fault_of_the_mail(smtp_sink: SmtpSink) -> None:
    with pytest.raises(UnreachableError):
        replace(sender(smtp_sink), tls="maybe").send(MESSAGE)


def test_a_login_that_the_server_does_not_take_is_not_the_messages_fault(smtp_sink: SmtpSink) -> None:
    with pytest.raises(ChannelError) as raised:
        replace(sender(smtp_sink), user="desk", password="secret").send(MESSAGE)
    assert not raised.value.permanent


def test_an_address_with_letters_beyond_ascii_needs_a_server_that_knows_them(smtp_sink: SmtpSink) -> None:
    sender(smtp_sink).send(replace(MESSAGE, to=Party("åke@example.se")))
    assert smtp_sink.wait_for(1)[0].recipients == ("åke@example.se",)


@pytest.mark.parametrize("address", ["a@b\r\nRCPT TO:<evil@example.org>", "a b@example.se", "<a@example.se>"])
def test_an_envelope_address_cannot_carry_a_command(smtp_sink: SmtpSink, address: str) -> None:
    for message in (replace(MESSAGE, envelope_from=address), replace(MESSAGE, to=Party(address))):
        with pytest.raises(ChannelError) as raised:
            sender(smtp_sink).send(message)
        assert raised.value.permanent
    assert smtp_sink.messages == []


def test_the_servers_words_are_kept_without_addresses(smtp_sink: SmtpSink) -> None:
    smtp_sink.answer_next("RCPT", "550 5.1.1 <anna@example.se>: unknown")
    with pytest.raises(ChannelError) as raised:
        sender(smtp_sink).send(MESSAGE)
    assert "anna" not in str(raised.value)
    assert "550" in str(raised.value)


@contextmanager
def scripted_server(*answers: bytes) -> Iterator[int]:
    """A server that says these lines, one for each line or message it is sent, and then keeps silent."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = threading.Event()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                for answer in answers:
                    connection.sendall(answer)
                    connection.recv(65_536)
                done.wait(10)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        sinks.open_ports.add(port)
        try:
            yield port
        finally:
            done.set()
            thread.join(5)
            sinks.open_ports.discard(port)


def test_a_server_that_falls_silent_after_the_message_leaves_it_unknown() -> None:
    lines = (b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n")
    with scripted_server(*lines) as port, pytest.raises(OutcomeUnknown):
        SmtpSender("127.0.0.1", port, tls="none", timeout=0.5).send(MESSAGE)


def test_a_server_that_falls_silent_before_the_message_means_not_sent() -> None:
    lines = (b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n")
    with scripted_server(*lines) as port, pytest.raises(ChannelError) as raised:
        SmtpSender("127.0.0.1", port, tls="none", timeout=0.5).send(MESSAGE)
    assert not raised.value.permanent


def test_an_answer_that_is_no_answer_leaves_it_unknown() -> None:
    lines = (b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b"what?\r\n")
    with scripted_server(*lines) as port, pytest.raises(OutcomeUnknown):
        SmtpSender("127.0.0.1", port, tls="none", timeout=1).send(MESSAGE)
