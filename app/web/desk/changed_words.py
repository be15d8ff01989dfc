"""What somebody else changed meanwhile, in words: the field, what a person saw of it, and how it is now."""

from __future__ import annotations

from flask import Flask

from app.screens.ticket_page import TicketPage
from app.texts.catalogue import N_
from app.web.context import language
from app.web.desk.labels import STATES, language_name
from app.web.desk.words_for_lists import unit_name
from app.web.language import gettext

FASTER = N_("Somebody was faster: it was changed while you had it open.")
FIELDS = {
    "assignee": N_("Assigned to"),
    "state": N_("State"),
    "unit": N_("Unit"),
    "topic": N_("Topic"),
    "language": N_("Language"),
}


def install(app: Flask) -> None:
    """Give the templates these words."""
    app.jinja_env.globals.update(changed_field=changed_field, changed_value=changed_value)


def changed_field(name: str) -> str:
    """What the field is called."""
    return gettext(FIELDS[name])


def changed_value(page: TicketPage, name: str, value: str) -> str:
    """A field's value as a form told it."""
    if name == "state":
        return gettext(STATES[value]) if value in STATES else value
    if name == "language":
        return language_name(value)
    number = int(value) if value.isascii() and value.isdigit() else 0
    if name == "unit":
        return unit_name(number)
    if name == "topic":
        topic = page.topics.get(number)
        return topic.name(language()) if topic else gettext("none")
    return (page.names | dict(page.staff)).get(number, "") or gettext("Nobody")
