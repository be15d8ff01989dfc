"""The demo console: it drops things at the doors, shows what became of them, and reads what came back."""

from __future__ import annotations

import io
import mailbox
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from app.calls.models import Call
from app.core.demo import DEMO_PASSWORD, DemoPlaces
from app.core.system import System
from app.flows.deliver import deliver
from app.flows.sources import NewSource, add_source
from app.web.factory import create_app
from channels.contract import OutboundMessage, Receipt
from tests.factories import Authority, poll_all

SIRI = {"who": "siri"}
OUTSIDE = {"REMOTE_ADDR": "192.0.2.7"}


class Console:
    """A newcomer's browser without scripts."""

    def __init__(self, http: FlaskClient, places: DemoPlaces) -> None:
        self.http, self.places = http, places

    def page(self, **query: str) -> str:
        return self.http.get("/demo/", query_string=query).text

    def send(self, form: str, **fields: Any) -> TestResponse:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page())[1]  # type: ignore[index]
        return self.http.post(f"/demo/{form}", data={"csrf_token": token, **SIRI, **fields})

    def dropped_mails(self) -> list[EmailMessage]:
        files = sorted((self.places.mail_in / "new").iterdir(), key=lambda path: path.stat().st_mtime_ns)
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]  # type: ignore[misc]

    def keep_sent(self, **headers: str) -> None:
        """Let the mail server keep a mail of the authority."""
        mail = EmailMessage()
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content("Hej Siri! Ja, det kan du.")
        mailbox.Maildir(self.places.sent).add(mail)


@pytest.fixture
def demo_system(system: System, authority: Authority) -> System:
    made = replace(system, settings=replace(system.settings, demo=True))
    DemoPlaces(made.settings.data_dir).make()
    return made


@pytest.fixture
def console(demo_system: System) -> Console:
    return Console(create_app(demo_system).test_client(), DemoPlaces(demo_system.settings.data_dir))


@pytest.fixture
def read_mail(demo_system: System) -> Callable[[], None]:
    """Let the worker read the Maildir and send what waits."""
    path = str(DemoPlaces(demo_system.settings.data_dir).mail_in)
    add_source(demo_system, NewSource("demo-mail", "email", "maildir", {"path": path}), password="")

    class Wire:
        def send(self, _message: OutboundMessage) -> Receipt:
            return Receipt()

    def read() -> None:
        poll_all(demo_system)
        deliver(demo_system, Wire())

    return read


def test_without_the_demo_there_is_no_console(system: System, authority: Authority) -> None:
    client = create_app(system).test_client()
    assert [client.get(path).status_code for path in ("/demo/", "/demo/happened", "/demo/came-back")] == [404, 404, 404]


def test_anybody_on_this_machine_may_play_and_is_told_that_it_is_a_demo(console: Console) -> None:
    answer = console.http.get("/demo/")
    assert answer.status_code == 200
    assert "demo with invented people" in answer.text
    assert DEMO_PASSWORD in answer.text
    assert 'href="/login?email=elin@migration.example"' in answer.text.replace("%40", "@")


def test_the_log_in_page_has_the_address_filled_in(console: Console) -> None:
    assert 'value="elin@migration.example"' in console.http.get("/login?email=elin@migration.example").text


@pytest.mark.parametrize("path", ["/demo/", "/demo/happened", "/demo/came-back"])
def test_nobody_from_elsewhere_gets_in(console: Console, path: str) -> None:
    assert console.http.get(path, environ_overrides=OUTSIDE).status_code == 404
    assert console.http.get(path, headers={"Host": "evil.example:8080"}).status_code == 404
    assert console.http.get(path, headers={"Host": "[::1]:8080"}).status_code == 200


def test_a_form_from_elsewhere_is_refused(console: Console) -> None:
    assert console.http.post("/demo/mail", data={**SIRI, "body": "Hej"}).status_code == 400
    assert console.dropped_mails() == []


@pytest.mark.parametrize("tag", ["sv", "fi", "en"])
def test_the_console_speaks_the_desks_languages(console: Console, tag: str) -> None:
    assert f'<html lang="{tag}">' in console.page(lang=tag)


def test_a_mail_with_a_file_is_dropped_as_a_mail_server_would(console: Console) -> None:
    file = (io.BytesIO(b"%PDF-1.7 x"), "Mitt beslut.pdf")
    answer = console.send(
        "mail", to="info@migration.example", subject="Resa\r\nBcc: x", body="Får jag resa?", files=file
    )
    (mail,) = console.dropped_mails()
    assert answer.status_code == 303
    assert mail["From"] == "Siri Testsson <siri.testsson@example.se>"
    assert (mail["To"], mail["Subject"], mail["Bcc"]) == ("info@migration.example", "Resa Bcc: x", None)
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("Mitt beslut.pdf", b"%PDF-1.7 x")
    assert not list((console.places.mail_in / "tmp").iterdir())
    assert "It lies at the door" in console.http.get(answer.location).text


def test_a_large_file_goes_through(console: Console) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', console.page())[1]  # type: ignore[index]
    fields = {"csrf_token": token, "who": "siri", "to": "info@migration.example", "body": "Se bilaga"}
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    file = '--b\r\nContent-Disposition: form-data; name="files"; filename="film.bin"\r\n\r\n'
    body = ("".join(parts) + file).encode() + b"x" * 12_000_000 + b"\r\n--b--\r\n"
    answer = console.http.post("/demo/mail", data=body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 303
    (attached,) = console.dropped_mails()[0].iter_attachments()
    assert len(attached.get_content()) == 12_000_000


def test_what_happened_is_shown_step_by_step(console: Console, read_mail: Callable[[], None]) -> None:
    sent = console.send(
        "mail", to="north@migration.example", subject="Resa", body="Får jag resa innan mitt kort kommer?"
    )
    read_mail()
    page = console.http.get(sent.location).text
    for words in (
        "Seen and put on the ledger",
        "Matched: a new ticket",
        "Routed to Unit north",
        "by the mailbox it came to",
        "Clock started: first response",
        "after 4 h of opening time",
        "Acknowledgement sent",
    ):
        assert words in page, words
    assert re.search(r'href="/desk/tickets/\d{10}">Open ticket \d{4}\s\d{4}\s\d{2}', page)
    assert re.search(r'href="/desk/tickets/\d{10}/why"', page)
    fragment = console.http.get("/demo/happened?" + sent.location.partition("?")[2]).text
    assert "Acknowledgement sent" in fragment
    assert "<html" not in fragment


def test_the_same_mail_twice_is_told_to_be_one(console: Console, read_mail: Callable[[], None]) -> None:
    sent = console.send("mail", to="north@migration.example", subject="Resa", body="Får jag resa?", twice="1")
    one, other = console.dropped_mails()
    assert one.as_bytes() == other.as_bytes()
    read_mail()
    assert "Matched: a new ticket" in console.http.get(sent.location).text


def test_an_awkward_mail_can_be_sent_again_and_again(console: Console, read_mail: Callable[[], None]) -> None:
    for _ in range(2):
        sent = console.send("sample", sample="mail-07-out-of-office-sv.eml")
        read_mail()
        assert "Noted, and it needs nobody" in console.http.get(sent.location).text
    assert console.send("sample", sample="../authority.json").status_code == 422


def test_an_empty_mail_is_refused_beside_its_field_and_nothing_typed_is_lost(console: Console) -> None:
    answer = console.send("mail", to="south@migration.example", subject=" ", body=" ")
    assert answer.status_code == 422
    assert "Write something first." in answer.text
    assert 'aria-describedby="body-fault"' in answer.text
    assert console.dropped_mails() == []


def test_who_has_no_address_cannot_write_a_mail(console: Console) -> None:
    answer = console.send("mail", who="per-olof", to="info@migration.example", body="Hej")
    assert answer.status_code == 422
    assert "no e-mail address" in answer.text


def test_a_new_person_can_be_made_up_and_played(console: Console) -> None:
    assert 'name="phone"' in console.page(who="new")
    faulty = console.send("person", name=" ", email="no address", language="fi")
    assert faulty.status_code == 422
    assert "Write a name." in faulty.text
    assert 'value="no address"' in faulty.text
    made = console.send("person", name="Nya Nordin", email="nya@example.se", language="sv")
    page = console.http.get(made.location).text
    assert "Nya Nordin, Svenska</option>" in page
    key = re.search(r"who=(p\w+)", made.location)[1]  # type: ignore[index]
    console.send("mail", who=key, to="info@migration.example", body="Hej")
    assert console.dropped_mails()[0]["From"] == "Nya Nordin <nya@example.se>"


def test_a_letter_lands_whole_under_a_name_of_its_own(console: Console) -> None:
    for _ in range(2):
        assert console.send("letter", sample="letter-appeal-en.pdf").status_code == 303
    first, second = sorted(console.places.letters.iterdir())
    assert first.suffix == second.suffix == ".pdf"
    assert first.read_bytes() != second.read_bytes()
    assert b"%%EOF" in first.read_bytes()[-2048:]


def test_the_very_same_letter_is_dropped_byte_for_byte(console: Console) -> None:
    for _ in range(2):
        console.send("letter", sample="letter-appeal-en.pdf", same="1")
    first, second = sorted(console.places.letters.iterdir())
    assert first.read_bytes() == second.read_bytes()


def test_an_uploaded_letter_is_dropped_and_no_letter_is_refused(console: Console) -> None:
    console.send("letter", sample="", pdf=(io.BytesIO(b"%PDF-1.7 mine %%EOF"), "../../Mitt brev.pdf"))
    (file,) = console.places.letters.iterdir()
    assert file.read_bytes() == b"%PDF-1.7 mine %%EOF"
    assert console.send("letter", sample="nothing").status_code == 422


def test_a_mail_to_another_citizen_is_not_shown(console: Console) -> None:
    console.keep_sent(To="someone@example.org", Subject="Hemligt", Message_ID="<a@migration.example>")
    assert "Hemligt" not in console.page(**SIRI)


def test_what_came_back_can_be_answered_in_its_thread(console: Console) -> None:
    console.keep_sent(
        To="Siri Testsson <siri.testsson@example.se>",
        From="Unit north <north@migration.example>",
        Reply_To="north+token@migration.example",
        Subject="SV: Resa",
        Message_ID="<a@migration.example>",
        References="<q@example.se>",
    )
    page = console.page(**SIRI)
    assert "Hej Siri! Ja, det kan du." in page
    assert "automatic acknowledgement" not in page
    name = re.search(r"answers=([^\"&]+)", page)[1]  # type: ignore[index]
    form = console.page(**SIRI, answers=name)
    assert 'value="SV: Resa"' in form
    console.send("mail", answers=name, subject="SV: Resa", body="Tack!")
    (mail,) = console.dropped_mails()
    assert (mail["To"], mail["In-Reply-To"]) == ("north+token@migration.example", "<a@migration.example>")
    assert mail["References"] == "<q@example.se> <a@migration.example>"
    assert mail.get_content().splitlines()[:4] == [
        "Tack!",
        "",
        "Unit north <north@migration.example> skrev:",
        "> Hej Siri! Ja, det kan du.",
    ]


def test_a_receipt_is_named_as_automatic(console: Console) -> None:
    console.keep_sent(To="siri.testsson@example.se", Auto_Submitted="auto-replied", Subject="Vi har fått din fråga")
    assert "automatic acknowledgement" in console.http.get("/demo/came-back", query_string=SIRI).text


@pytest.fixture
def at_the_door(demo_system: System) -> Iterator[Console]:
    """The console with a desk that listens, as a call goes through the real door."""
    server = make_server("127.0.0.1", 0, None, threaded=True)  # type: ignore[arg-type]
    there = replace(demo_system, settings=replace(demo_system.settings, host="127.0.0.1", port=server.server_port))
    server.app = create_app(there)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Console(create_app(there).test_client(), DemoPlaces(there.settings.data_dir))
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_call_rings_through_the_door_and_the_caller_can_hang_up(at_the_door: Console, system: System) -> None:
    rang = at_the_door.send("call", dialled="+46846500415", number="070-174 06 05")
    page = at_the_door.http.get(rang.location).text
    assert "It rings at Unit north. Nobody has answered yet." in page
    call_id = re.search(r'name="call" value="([^"]+)"', page)[1]  # type: ignore[index]
    ended = at_the_door.send("hang-up", call=call_id)
    page = at_the_door.http.get(ended.location).text
    assert "You hung up before anybody answered." in page
    assert "Hang up" not in page
    with system.db.read() as session:
        call = session.scalars(select(Call)).one()
    assert (call.state, call.number) == ("abandoned", "+46701740605")


def test_a_number_that_is_none_is_told_beside_the_field_in_the_reader_s_words(at_the_door: Console) -> None:
    answer = at_the_door.send("call", dialled="+46846500415", number="not a number")
    assert answer.status_code == 422
    assert "Write a telephone number such as" in answer.text
    assert 'value="not a number"' in answer.text


def test_a_door_that_is_shut_is_told(console: Console) -> None:
    assert "The call door does not answer." in console.send("call", dialled="+46846500415", number="").text


def test_notes_that_are_damaged_cost_memory_only(console: Console) -> None:
    console.send("mail", to="info@migration.example", subject="Resa", body="Hej")
    with console.places.notes.open("a") as file:
        file.write('{"kind": "dropped", "to')
    assert "Resa" in console.page(**SIRI)


def test_the_polling_of_the_page_is_no_presence() -> None:
    from app.web.public_endpoints import UNNOTICED_ENDPOINTS

    assert {"console.happened", "console.came_back"} <= UNNOTICED_ENDPOINTS


def test_every_step_has_words() -> None:
    from app.reports.trace import StepKind
    from app.web.demo.wording import TITLES

    assert set(StepKind) - set(TITLES) == {StepKind.SUGGESTED}
