"""The registry hands out channels by name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from channels.contract import ChannelError, ChannelName, RawItem
from channels.email.imap import ImapSource
from channels.email.maildir import MaildirSource
from channels.registry import channel
from tests.samples.email.build import mail

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", [ChannelName.EMAIL, "email"])
def test_the_email_channel_is_found_by_its_name(name: str) -> None:
    assert channel(name).name is ChannelName.EMAIL


def test_a_name_that_is_no_channel_is_refused() -> None:
    with pytest.raises(ChannelError) as raised:
        channel("fax")
    assert raised.value.permanent


def test_the_email_channel_opens_its_kinds_of_source(tmp_path: Path) -> None:
    email = channel("email")
    mailbox = {"host": "localhost", "user": "desk"}
    assert isinstance(email.open_source("imap", "a", mailbox, "secret"), ImapSource)
    assert isinstance(email.open_source("maildir", "a", {"path": str(tmp_path)}, ""), MaildirSource)
    with pytest.raises(ChannelError) as raised:
        email.open_source("pop3", "a", mailbox, "")
    assert raised.value.permanent


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"host": "localhost"},
        {"host": "h", "user": "u", "tls": "perhaps"},
        {"host": "h", "user": "u", "port": "imap"},
    ],
)
def test_a_wrong_imap_setting_is_named_before_any_connection(settings: dict[str, str]) -> None:
    with pytest.raises(ChannelError) as raised:
        channel("email").open_source("imap", "a", settings, "")
    assert raised.value.permanent


def test_the_email_channel_reads_mail() -> None:
    item = RawItem(ChannelName.EMAIL, "test", "1", mail("Hej"))
    assert channel("email").parse(item, settings={}).text == "Hej"


def test_the_registry_loads_no_adapter_by_itself() -> None:
    program = (
        "import sys, channels.registry; print([name for name in sys.modules if name.startswith('channels.email')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
