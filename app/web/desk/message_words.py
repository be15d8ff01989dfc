"""What stands above a message, and how its sending went."""

from __future__ import annotations

from flask import Flask
from markupsafe import Markup

from app.outbox.models import Delivery
from app.screens.ticket_page import TicketPage
from app.screens.timeline import Spoken
from app.texts.catalogue import N_
from app.texts.figures import masked_address
from app.tickets.models import Direction, MessageKind
from app.tickets.states import State
from app.web.desk.composer import FOLLOWING
from app.web.formats import instant
from app.web.language import gettext
from app.web.reasons import failure_words
from channels.contract import ChannelName
from channels.phone.numbers import display_number

THEN = {
    State.RESOLVED: N_("and mark resolved"),
    State.WAITING: N_("and wait for the citizen"),
    State.OPEN: N_("and keep open"),
}
SENDINGS = {
    Delivery.QUEUED: N_("On its way"),
    Delivery.CLAIMED: N_("On its way"),
    Delivery.SENT: N_("Sent"),
    Delivery.POSTED: N_("In the post"),
    Delivery.PERHAPS_SENT: N_("Perhaps sent: nobody can tell. It is not sent again by itself."),
    Delivery.FAILED: N_("Not delivered"),
    Delivery.UNDONE: N_("Taken back, never sent"),
    Delivery.TO_PRINT: N_("Written; counts as the answer when it is in the post"),
}
LOOKS = {
    Delivery.SENT: ("met", "met"),
    Delivery.POSTED: ("met", "met"),
    Delivery.FAILED: ("late", "late"),
    Delivery.PERHAPS_SENT: ("soon", "soon"),
    Delivery.UNDONE: ("hold", "undo"),
}


def install(app: Flask) -> None:
    """Give the templates these words."""
    app.jinja_env.globals.update(
        heading=heading,
        sending_words=sending_words,
        sending_chip=sending_chip,
        send_words=send_words,
        recipient=recipient,
        following_words=following_words,
        call_note=call_note,
    )


def heading(entry: Spoken, page: TicketPage) -> Markup:
    """Who said it and how, with the channel's sign."""
    message = entry.message
    author = page.names.get(message.author_id or 0, "")
    aside = ""
    if message.direction == Direction.INTERNAL:
        icon, words = "note", gettext("Internal note by %(name)s", name=author)
        aside = gettext("the citizen never sees it")
    elif message.kind == MessageKind.CALL:
        agent = page.names.get(entry.call.agent_id or 0, "") if entry.call else ""
        number = display_number(message.sender) or gettext("a withheld number")
        icon, words = "phone", gettext("Call from %(number)s", number=number)
        aside = gettext("answered by %(name)s", name=agent) if agent else ""
    elif message.direction == Direction.OUT:
        icon, words = message.channel, _outgoing(entry)
        aside = gettext("by %(name)s", name=author) if author else ""
    else:
        icon, words, aside = _incoming(entry)
    return _sign(icon) + Markup(" {} <span class='soft'>{}</span>").format(words, aside)


def sending_words(entry: Spoken) -> str:
    """How the sending stands, and when."""
    row = entry.sending
    if row is None:
        return ""
    if row.state == Delivery.QUEUED and row.tries:
        time = instant(row.not_before)
        return gettext("Not taken yet (tries: %(tries)s), next try %(time)s", tries=row.tries, time=time)
    words = gettext(SENDINGS[Delivery(row.state)])
    if row.state == Delivery.FAILED and row.failure:
        return f"{words}: {failure_words(row.failure)}"
    return f"{words} {instant(row.sent_at)}" if row.sent_at else words


def sending_chip(entry: Spoken) -> Markup:
    """The same as a chip."""
    look, icon = LOOKS.get(Delivery(entry.sending.state), ("ok", "ok")) if entry.sending else ("ok", "ok")
    return Markup('<span class="chip {}">{}{}</span>').format(look, _sign(icon), sending_words(entry))


def send_words(page: TicketPage, channel: str) -> str:
    """What the button does, to whom and by which channel."""
    if channel == ChannelName.LETTER:
        return gettext("Write the letter to %(name)s", name=recipient(page, channel))
    return gettext("Send e-mail to %(address)s", address=recipient(page, channel))


def recipient(page: TicketPage, channel: str) -> str:
    """Whom an answer reaches, so that a passer-by cannot use it."""
    if channel == ChannelName.LETTER:
        return page.person.name if page.person and page.person.name else gettext("the citizen")
    return masked_address(page.mail_to) if page.mail_to else ""


def following_words() -> list[tuple[str, str]]:
    """What can follow an answer."""
    return [(state, gettext(THEN[state])) for state in FOLLOWING]


def call_note(page: TicketPage) -> str:
    """What has been noted of the newest call."""
    calls = [entry.message for entry in page.timeline.spoken if entry.message.kind == MessageKind.CALL]
    return calls[-1].body if calls else ""


def _outgoing(entry: Spoken) -> str:
    row = entry.sending
    if entry.message.channel == ChannelName.LETTER:
        return gettext("Letter to %(name)s", name=row.to_name if row and row.to_name else gettext("the citizen"))
    return gettext("E-mail to %(address)s", address=masked_address(row.to_address) if row else "***")


def _incoming(entry: Spoken) -> tuple[str, str, str]:
    message = entry.message
    who = message.sender_name or message.sender or gettext("an unknown sender")
    if message.kind == MessageKind.AUTO_REPLY:
        return "email", gettext("Automatic reply from %(name)s", name=who), gettext("counts for nothing")
    if message.kind == MessageKind.BOUNCE:
        return "late", gettext("Delivery report"), gettext("our message came back")
    if message.channel == ChannelName.LETTER:
        return "letter", gettext("Letter"), message.sender_name
    return "email", gettext("E-mail from %(name)s", name=who), message.sender if message.sender_name else ""


def _sign(icon: str) -> Markup:
    return Markup('<svg class="i" aria-hidden="true"><use href="#i-{}"/></svg>').format(icon)
