"""What no test may do by accident: talk to another machine, or send mail."""

from __future__ import annotations

import ipaddress
import smtplib
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.servers import smtp_sink

INTERNET = (socket.AF_INET, socket.AF_INET6)


@pytest.fixture(autouse=True, scope="session")
def only_loopback() -> Iterator[None]:
    """Every attempt to reach another machine fails the test that made it, even where the code swallows errors."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, guarded(getattr(socket.socket, name)))
        patch.setattr(socket, "getaddrinfo", guarded_lookup(socket.getaddrinfo))
        yield


def guarded(original: Any) -> Any:
    """The socket's own method behind a look at the address, which is its last argument."""

    def method(self: socket.socket, *arguments: Any) -> Any:
        if self.family in INTERNET and not is_loopback(arguments[-1][0]):
            pytest.fail(f"a test was about to talk to {arguments[-1]!r}")
        return original(self, *arguments)

    return method


def guarded_lookup(original: Any) -> Any:
    """The look-up of names, refusing those that would have to ask a name server."""

    def lookup(host: Any, *arguments: Any, **named: Any) -> Any:
        if host is not None and not is_loopback(host):
            pytest.fail(f"a test was about to look up {host!r}")
        return original(host, *arguments, **named)

    return lookup


def is_loopback(host: str | bytes) -> bool:
    """Whether the address or name is this machine; "" and 0.0.0.0 are, as addresses to listen on."""
    text = host.decode() if isinstance(host, bytes) else host
    if text in ("", "localhost", "0.0.0.0", "::", socket.gethostname()):
        return True
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def no_mail_leaves(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mail may go to a sink that is open, or anywhere on loopback when the test asks for `mail_may_leave`."""
    if "mail_may_leave" in request.fixturenames:
        return
    original = smtplib.SMTP.connect

    def connect(self: smtplib.SMTP, host: str = "localhost", port: int = 0, *rest: Any, **named: Any) -> Any:
        if not isinstance(self, smtplib.LMTP) and port not in smtp_sink.open_ports:
            pytest.fail(f"a mail was about to leave to {host}:{port}; use the fixture smtp_sink")
        return original(self, host, port, *rest, **named)

    monkeypatch.setattr(smtplib.SMTP, "connect", connect)


@pytest.fixture
def mail_may_leave() -> None:
    """The test brings a mail server of its own."""
