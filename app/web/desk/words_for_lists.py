"""Small words and choices that lists and forms of the desk need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from flask import Flask, url_for

from app.reports.cells import Cell
from app.screens.offers import Offer
from app.screens.ticket_filter import COLUMNS, SORTED_BY, TicketFilter
from app.screens.ticket_list import TicketRow
from app.texts.catalogue import N_
from app.tickets.models import Topic
from app.tickets.presence import Present
from app.tickets.states import Step, allows
from app.web.context import language, request_at, viewer
from app.web.desk.labels import ASIDE, CHANNELS, DUE, STATES, WHO
from app.web.desk.marking import marked
from app.web.desk.surroundings import directory
from app.web.language import gettext

DEFAULT_COLUMNS = "due,subject,citizen,state,topic,assignee"
MEASURES = {
    "received": N_("received"),
    "answered": N_("answered"),
    "counted": N_("first responses counted"),
    "within": N_("first responses within the target"),
    "late": N_("first responses too late"),
    "open": N_("open at the end"),
    "resolved": N_("resolved"),
    "resolution_counted": N_("resolutions counted"),
    "resolution_within": N_("resolutions within the target"),
    "resolution_late": N_("resolutions too late"),
}


def install(app: Flask) -> None:
    """Give the templates these words."""
    app.jinja_env.globals.update(
        list_rows=list_rows,
        my_units=my_units,
        all_units=all_units,
        unit_name=unit_name,
        filter_words=filter_words,
        default_columns=DEFAULT_COLUMNS,
        all_columns=COLUMNS,
        sorted_by=SORTED_BY,
        allows=lambda state, step: allows(state, Step(step)),
        article_url=article_url,
        marked=marked,
        topic_names=topic_names,
        zip=zip,
        request_at=request_at,
    )


class ListRow(NamedTuple):
    """A line of a list as the person sees it."""

    ticket: TicketRow
    is_current: bool
    is_mine: bool
    labels: tuple[str, ...]
    present: tuple[Present, ...]


def list_rows(
    tickets: Iterable[TicketRow],
    current: str | None,
    labels: Mapping[int, tuple[str, ...]],
    present: Mapping[int, tuple[Present, ...]],
) -> list[ListRow]:
    """The lines with what belongs to each; `current` is the reference of the ticket that is open beside the list."""
    me = viewer().user_id
    return [
        ListRow(
            ticket,
            is_current=ticket.reference == current,
            is_mine=ticket.assignee_id == me,
            labels=labels.get(ticket.id, ()),
            present=present.get(ticket.id, ()),
        )
        for ticket in tickets
    ]


def my_units() -> list[tuple[int, str]]:
    """The person's units by name."""
    return [(unit_id, name) for unit_id, name in all_units() if unit_id in viewer().units]


def all_units() -> list[tuple[int, str]]:
    """The units that take tickets, by name."""
    open_units = {unit_id: unit for unit_id, unit in directory().units.items() if unit.closed_at is None}
    units = [(unit_id, unit.name(language())) for unit_id, unit in open_units.items()]
    return sorted(units, key=lambda pair: pair[1])


def topic_names(topic: Topic) -> dict[str, str]:
    """A topic's names as the fields of its form."""
    return {f"name-{tag}": str(name) for tag, name in topic.names.items()}


def unit_name(unit_id: int | None) -> str:
    """A unit's name in the page's language."""
    return directory().name(unit_id, language())


def filter_words(wanted: TicketFilter, name: str) -> str:
    """One part of a filter in words."""
    value = wanted.params()[name]
    tables = {"state": STATES, "channel": CHANNELS, "who": WHO, "due": DUE, "aside": ASIDE}
    if name in tables:
        return gettext(tables[name][value])
    if name == "label":
        return gettext("Label %(label)s", label=value)
    if name == "unit":
        return unit_name(wanted.unit)
    cell = Cell.parse(value)
    measure = gettext(MEASURES.get(str(cell.measure), str(cell.measure)))
    return f"{unit_name(cell.unit_id)}, {gettext(CHANNELS[cell.channel])}, {cell.week}: {measure}"


def article_url(offer: Offer) -> str:
    """Where the whole article stands."""
    return url_for("articles.show", article_id=offer.article_id, lang=offer.language)
