"""One IMAP connection with its folder selected, and the faults of IMAP as the faults of a channel."""

from __future__ import annotations

import contextlib
import imaplib
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from channels.contract import ChannelError
from channels.known_settings import refuse_unknown

TLS_MODES = ("tls", "starttls", "none")
AUTH_MODES = ("password", "xoauth2", "oauthbearer")
_REFUSED = ("AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "NOPERM")
"""response codes that another try cannot change (RFC 5530)"""


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """How to reach a mailbox. `tls`: tls, starttls or none; `auth`: password, xoauth2 or oauthbearer; seconds."""

    host: str
    user: str
    port: int
    tls: str = "tls"
    auth: str = "password"
    address: str = ""
    """whose mailbox it is, where all of it is for one address"""
    folder: str = "INBOX"
    move_to: str = ""
    ca_file: str = ""
    verify_certificate: bool = True
    timeout: float = 30.0


def imap_settings(settings: Mapping[str, str]) -> ImapSettings:
    """The settings of an IMAP source. Raises ChannelError that names what is missing or wrong."""
    refuse_unknown(settings, [field.name for field in fields(ImapSettings)])
    missing = [name for name in ("host", "user") if not settings.get(name)]
    tls, auth = settings.get("tls") or "tls", settings.get("auth") or "password"
    if missing:
        raise ChannelError(f"IMAP needs the settings: {', '.join(missing)}.", permanent=True)
    if tls not in TLS_MODES or auth not in AUTH_MODES:
        raise ChannelError(f"IMAP knows tls = {TLS_MODES} and auth = {AUTH_MODES}.", permanent=True)
    try:
        port = int(settings.get("port") or (993 if tls == "tls" else 143))
        timeout = float(settings.get("timeout") or 30)
    except ValueError as error:
        raise ChannelError("IMAP's port and timeout are numbers.", permanent=True) from error
    return ImapSettings(
        host=settings["host"],
        user=settings["user"],
        port=port,
        tls=tls,
        auth=auth,
        address=settings.get("address", ""),
        folder=settings.get("folder") or "INBOX",
        move_to=settings.get("move_to", ""),
        ca_file=settings.get("ca_file", ""),
        verify_certificate=settings.get("verify_certificate", "yes").lower() not in ("no", "false", "0"),
        timeout=timeout,
    )


@contextlib.contextmanager
def imap_faults() -> Iterator[None]:
    """Turns everything that IMAP and its connection raise into ChannelError, without a person's words in it."""
    try:
        yield
    except LoginError as error:
        is_refused = any(code in str(error) for code in _REFUSED)
        raise ChannelError("The mail server refused the login.", permanent=is_refused) from error
    except ssl.SSLCertVerificationError as error:
        raise ChannelError(f"The mail server's certificate is not valid: {error.verify_message}.") from error
    except (IMAPClientError, imaplib.IMAP4.error) as error:
        raise ChannelError(f"The mail server failed: {type(error).__name__}.") from error
    except OSError as error:
        raise ChannelError(f"No connection to the mail server: {type(error).__name__}.") from error


def connect(settings: ImapSettings, secret: str) -> Any:
    """A logged-in IMAPClient. Raises what IMAPClient raises; call it inside `imap_faults`."""
    context = _tls_context(settings)
    timeout = SocketTimeout(connect=min(settings.timeout, 15.0), read=settings.timeout)
    is_tls = settings.tls == "tls"
    client = IMAPClient(
        settings.host, settings.port, ssl=is_tls, ssl_context=context if is_tls else None, timeout=timeout
    )
    try:
        if settings.tls == "starttls":
            client.starttls(ssl_context=context)
        _login(client, settings, secret)
    except BaseException:
        drop(client)
        raise
    client.normalise_times = False
    return client


def drop(client: Any) -> None:
    """Closes the connection at once, without a word to the server. Never raises."""
    with contextlib.suppress(OSError, IMAPClientError, imaplib.IMAP4.error):
        client.shutdown()


def _tls_context(settings: ImapSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.ca_file or None)
    if not settings.verify_certificate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _login(client: Any, settings: ImapSettings, secret: str) -> None:
    """LOGIN takes ASCII only; a password with other letters goes by PLAIN as UTF-8 (RFC 4616)."""
    if settings.auth == "xoauth2":
        client.oauth2_login(settings.user, secret)
    elif settings.auth == "oauthbearer":
        client.oauthbearer_login(settings.user, secret)
    elif f"{settings.user}{secret}".isascii():
        client.login(settings.user, secret)
    else:
        client.sasl_login("PLAIN", lambda _: f"\0{settings.user}\0{secret}".encode())
