"""Machines are known for what they are; a citizen is never taken for one (RFC 3834)."""

from __future__ import annotations

import pytest

from channels.contract import Automatic
from channels.email.threads import new_message_id
from tests.samples.email.build import mail, read

MACHINES: dict[str, tuple[Automatic, list[str], dict[str, str]]] = {
    "auto-replied": (Automatic.AUTO_REPLY, ["Auto-Submitted: auto-replied"], {}),
    "auto-replied with a parameter": (Automatic.AUTO_REPLY, ["Auto-Submitted: Auto-Replied (vacation); owner=x"], {}),
    "auto-generated": (Automatic.BULK, ["Auto-Submitted: auto-generated"], {}),
    "auto-generated out of office": (
        Automatic.AUTO_REPLY,
        ["Auto-Submitted: auto-generated"],
        {"Subject": "Autosvar: Borta"},
    ),
    "exchange out of office": (
        Automatic.AUTO_REPLY,
        ["X-Auto-Response-Suppress: All", "Auto-Submitted: auto-generated"],
        {"Subject": "Automatiskt svar: Ditt ärende"},
    ),
    "suppress all alone": (Automatic.BULK, ["X-Auto-Response-Suppress: DR, All"], {}),
    "x-autoreply": (Automatic.AUTO_REPLY, ["X-Autoreply: yes"], {}),
    "x-autorespond": (Automatic.AUTO_REPLY, ["X-Autorespond: Vacation"], {}),
    "precedence auto_reply": (Automatic.AUTO_REPLY, ["Precedence: auto_reply"], {}),
    "x-loop yes": (Automatic.BULK, ["X-Loop: yes"], {}),
    "another ticket system": (Automatic.BULK, ["X-OTRS-Loop: yes"], {}),
    "null return path": (Automatic.AUTO_REPLY, ["Return-Path: <>"], {}),
    "postmaster": (Automatic.AUTO_REPLY, [], {"From": "postmaster@example.org"}),
    "swedish subject": (Automatic.AUTO_REPLY, [], {"Subject": "Autosvar: Ditt ärende"}),
    "swedish absence": (Automatic.AUTO_REPLY, [], {"Subject": "Frånvaro: Re: Ditt ärende"}),
    "swedish long subject": (Automatic.AUTO_REPLY, [], {"Subject": "Automatiskt svar: Ditt ärende"}),
    "finnish subject": (Automatic.AUTO_REPLY, [], {"Subject": "Automaattinen vastaus: Asiasi"}),
    "finnish absence": (Automatic.AUTO_REPLY, [], {"Subject": "Poissaoloviesti: Asiasi"}),
    "finnish absence note": (Automatic.AUTO_REPLY, [], {"Subject": "Automaattinen poissaoloviesti: Asiasi"}),
    "english subject": (Automatic.AUTO_REPLY, [], {"Subject": "Automatic reply: Your case"}),
    "english absence": (Automatic.AUTO_REPLY, [], {"Subject": "Out of Office: Your case"}),
    "norwegian subject": (Automatic.AUTO_REPLY, [], {"Subject": "Automatisk svar: Din sak"}),
    "newsletter": (Automatic.BULK, ["List-Unsubscribe: <https://x.example.org/u>"], {}),
    "mailing list": (Automatic.BULK, ["List-Id: Nyheter <nyheter.example.org>"], {}),
    "precedence bulk": (Automatic.BULK, ["Precedence: bulk"], {}),
    "no reply": (Automatic.BULK, [], {"From": "Banken <no-reply@bank.example.org>"}),
    "no reply in Swedish": (Automatic.BULK, [], {"From": "svara-ej@example.org".replace("svara-ej", "ej-svara")}),
    "notification": (Automatic.BULK, [], {"From": "notifications@git.example.org"}),
    "our own address": (Automatic.OWN, [], {"From": "Luukku <desk+abc@luukku.example.se>"}),
    "our own message id": (Automatic.OWN, [], {"Message_ID": f"<{new_message_id('mail.luukku.example.se')}>"}),
    "our own loop mark": (Automatic.OWN, ["X-Loop: desk@luukku.example.se"], {}),
    "read receipt": (
        Automatic.AUTO_REPLY,
        ["Content-Type: multipart/report; report-type=disposition-notification; boundary=x"],
        {"Subject": "Läst: Ditt ärende"},
    ),
}
CITIZENS: dict[str, tuple[list[str], dict[str, str], str]] = {
    "an ordinary mail": ([], {}, "Hej!"),
    "a form of the authority's own": ([], {"Message_ID": "<form-123@mail.luukku.example.se>"}, "Hej!"),
    "auto-submitted no": (["Auto-Submitted: no"], {}, "Hej!"),
    "an answer to an automatic reply": ([], {"Subject": "Sv: Autosvar: Ditt ärende"}, "Hej!"),
    "an answer to one in Finnish": ([], {"Subject": "VS: Automaattinen vastaus: Asiasi"}, "Hei!"),
    "an answer to an out of office": ([], {"Subject": "Re: Out of Office: x"}, "Hello!"),
    "a question about automatic replies": ([], {"Subject": "Autosvar fungerar inte"}, "Varför får jag autosvar?"),
    "one word about automatic replies": ([], {"Subject": "Autosvar"}, "Jag fick bara ett svar från en maskin. Varför?"),
    "a car in Finnish": ([], {"Subject": "Auto: rekisteröinti"}, "Miten rekisteröin auton?"),
    "absence from work": ([], {"Subject": "Frånvaro från SFI"}, "Jag har varit sjuk."),
    "leave": ([], {"Subject": "Semester och uppehållstillstånd"}, "Jag är på semester i juli, när kommer beslutet?"),
    "on leave in Finnish": ([], {"Subject": "Oleskelulupa"}, "Olen lomalla heinäkuussa."),
    "undeliverable post": ([], {"Subject": "Undeliverable passport letter"}, "The post could not be delivered to me."),
    "delivery failure of a card": ([], {"Subject": "Delivery failed: residence permit card"}, "My card never came."),
    "exchange hints": (["X-Auto-Response-Suppress: DR, OOF, AutoReply"], {}, "Hej!"),
    "a forwarder's loop mark": (["X-Loop: anna@example.se"], {}, "Hej!"),
    "return path": (["Return-Path: <anna@example.se>"], {}, "Hej!"),
    "high precedence": (["Precedence: first-class", "X-Priority: 1", "Importance: high"], {}, "Hej!"),
    "a form that names the citizen": ([], {"From": "noreply@form.example.se", "Reply_To": "anna@example.se"}, "Hej!"),
    "through our own list": (["List-Id: <desk.luukku.example.se>", "Precedence: list"], {}, "Hej!"),
    "through our own group": (["List-Post: <mailto:desk@luukku.example.se>"], {}, "Hej!"),
    "a name like a machine": ([], {"From": "Norepp <norepp.lyberg@example.se>"}, "Hej!"),
    "no sender at all": ([], {"From": ""}, "Hej!"),
}


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_is_known(name: str) -> None:
    kind, extra, fields = MACHINES[name]
    message = read(mail("Jag är på semester.", *extra, **fields))
    assert message.automatic is kind
    assert message.automatic_why


@pytest.mark.parametrize("name", CITIZENS)
def test_a_citizen_is_never_taken_for_a_machine(name: str) -> None:
    extra, fields, text = CITIZENS[name]
    message = read(mail(text, *extra, **fields))
    assert message.automatic is Automatic.NO, message.automatic_why


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Autosvar", "Jag är på semester till den 5 augusti."),
        ("Out of Office", "I am out of the office until Monday."),
        ("Poissaoloviesti", "Olen lomalla 5.8. asti."),
    ],
)
def test_a_bare_word_counts_together_with_the_words_of_an_absence(subject: str, text: str) -> None:
    assert read(mail(text, Subject=subject)).automatic is Automatic.AUTO_REPLY
