"""Break the running demo by its buttons, and compare whole sets."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path

import pytest

from app.cli.check.browser import Browser
from app.web.demo.sent import _files, _read
from tests.e2e.conftest import RunningDemo, running_demo, wait_until
from tests.e2e.test_up import drop_many

pytestmark = pytest.mark.demo


def press(demo: RunningDemo, path: str) -> None:
    """Press the button that posts to a path."""
    browser = Browser(f"http://127.0.0.1:{demo.port}")
    form = browser.get("/demo/break").form(path)
    assert form is not None, path
    assert browser.submit(form, {}).status == 200


def late(name: str) -> bytes:
    head = f"From: {name}@late.example\nTo: kundtjanst.norr@migration.example\nSubject: {name}\n"
    return f"{head}Message-ID: <{name}@late.example>\n\nHej! Kommer det?\n".encode()


def in_the_sink(demo: RunningDemo) -> Counter[str]:
    return Counter(_read(path).message_id for path in _files(demo.var / "demo" / "sent"))


def outbox(demo: RunningDemo) -> dict[str, str]:
    return dict(demo.rows("SELECT mail_id, state FROM outbox"))


def settled(demo: RunningDemo, mails: int) -> bool:
    states = outbox(demo)
    filed = demo.rows("SELECT count(*) FROM inbound")[0][0]
    return filed == mails and not {"queued", "claimed"} & set(states.values())


def proof(demo: RunningDemo) -> str:
    text = " ".join(Browser(f"http://127.0.0.1:{demo.port}").get("/demo/proof").text.split())
    verdict = re.search(r"\d+ came in: .*? perhaps sent", text)
    assert verdict is not None, text
    return verdict[0]


def test_whatever_is_broken_nothing_is_lost_or_sent_twice(tmp_path: Path) -> None:
    with running_demo(tmp_path / "var") as demo:
        press(demo, "/mid-send")
        batch = len(drop_many(demo.var / "demo" / "mail-in"))
        wait_until(lambda: "perhaps_sent" in outbox(demo).values(), 60, "no mail is in doubt")
        wait_until(lambda: settled(demo, batch), 60, "the worker did not go on")
        assert Counter(outbox(demo).values())["perhaps_sent"] == 1
        assert in_the_sink(demo) == Counter(dict.fromkeys(outbox(demo), 1))

        press(demo, "/again")
        wait_until(lambda: settled(demo, 2 * batch), 60, "not everything was seen again")
        assert demo.rows("SELECT count(*) FROM ticket") == [(batch,)]
        assert len(outbox(demo)) == batch

        press(demo, "/mail-server")
        new = demo.var / "demo" / "mail-in" / "new"
        (new / "a.late").write_bytes(late("a"))
        wait_until(lambda: "queued" in outbox(demo).values(), 30, "nothing waits")
        press(demo, "/mend")
        wait_until(lambda: settled(demo, 2 * batch + 1), 90, "the mail did not leave when the server was back")

        press(demo, "/writes")
        time.sleep(0.5)
        (new / "b.late").write_bytes(late("b"))
        time.sleep(3)
        assert [file.name for file in new.iterdir()] == ["b.late"]
        press(demo, "/mend")
        wait_until(lambda: settled(demo, 2 * batch + 2), 90, "the mail was not filed after all")
        assert set(in_the_sink(demo).values()) == {1}
        assert proof(demo).startswith(
            f"{2 * batch + 2} came in: 0 lost. {batch + 2} mails went out: 0 twice, 1 perhaps"
        )
