"""Events as the thin lines of a timeline: one sentence each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from flask import Flask

from app.screens.ticket_page import TicketPage
from app.texts import figures
from app.texts.catalogue import N_
from app.tickets.events import EventKind
from app.tickets.models import Event, Topic
from app.web.context import language
from app.web.desk.labels import language_name, route
from app.web.desk.surroundings import directory
from app.web.formats import instant
from app.web.language import gettext
from app.web.reasons import withheld_words

SENTENCES = {
    EventKind.CITIZEN_MESSAGE: N_("The citizen wrote."),
    EventKind.CITIZEN_AUTOREPLY: N_("A machine of the citizen's answered."),
    EventKind.CALL_ANSWERED: N_("A call was answered."),
    EventKind.REPLIED: N_("An answer was sent."),
    EventKind.LETTER_WRITTEN: N_("A letter was written."),
    EventKind.NOTED: N_("A note was written."),
    EventKind.RESUMED: N_("Waiting no more."),
    EventKind.RESOLVED: N_("Resolved."),
    EventKind.REOPENED: N_("Open again."),
    EventKind.REPLY_UNDONE: N_("The answer was taken back before it left."),
    EventKind.CALL_ENDED: N_("The call ended."),
    EventKind.SENDER_CONFIRMED: N_("The sender was confirmed."),
    EventKind.IDENTIFIED: N_("Said who the citizen is."),
    EventKind.DELIVERY_UNKNOWN: N_("The mail was perhaps sent: somebody must decide."),
    EventKind.DELIVERY_CONFIRMED: N_("The mail did arrive."),
    EventKind.RESENT: N_("Sent again."),
    EventKind.TERMS_CHANGED: N_("The unit changed its hours or targets; they apply to this ticket from here on."),
    EventKind.WOKEN: N_("Put aside no more."),
}
PAUSES = {
    "citizen": N_("Waiting for the citizen."),
    "third_party": N_("Waiting for somebody else."),
}
FAILURES = {"bounced": N_("Our message came back: the address does not take mail.")}


def install(app: Flask) -> None:
    """Give the templates `event_words` and `why_here`."""
    app.jinja_env.globals.update(event_words=event_words, why_here=why_here)


class Named(Protocol):
    """What the words about an event need: the people and topics that it names, by id."""

    @property
    def names(self) -> Mapping[int, str]: ...
    @property
    def topics(self) -> Mapping[int, Topic]: ...


def event_words(event: Event, page: Named) -> str:
    """What happened, and who did it when it was a person."""
    kind = EventKind(event.kind)
    said = _SPOKEN[kind](event, page) if kind in _SPOKEN else gettext(SENTENCES.get(kind, str(kind)))
    by = page.names.get(event.user_id or 0)
    return f"{said} {by}" if by and kind != EventKind.CREATED else said


def why_here(page: TicketPage) -> str:
    """Why the ticket is in its unit: the last move's reason, else the rule that routed it."""
    moves = [event for event in page.timeline.events if event.kind == EventKind.TRANSFERRED]
    if moves:
        before = directory().name(moves[-1].data.get("from"), language())
        return gettext("moved here from %(unit)s: %(reason)s", unit=before, reason=moves[-1].reason)
    return route(page.ticket.routing)


def _created(event: Event, page: Named) -> str:
    unit = directory().name(event.unit_id, language())
    return gettext("New ticket, to %(unit)s: %(reason)s.", unit=unit, reason=route(event.data.get("routing", {})))


def _paused(event: Event, page: Named) -> str:
    said = gettext(PAUSES.get(event.reason, PAUSES["citizen"]))
    if not (until := event.data.get("until")):
        return said
    limit = gettext("Until %(time)s.", time=instant(datetime.fromisoformat(until)))
    return f"{said} {limit}"


def _snoozed(event: Event, page: Named) -> str:
    until = instant(datetime.fromisoformat(event.data["until"]))
    return gettext("Put aside until %(time)s: %(reason)s.", time=until, reason=event.reason.rstrip("."))


def _labelled(event: Event, page: Named) -> str:
    return gettext("Label %(label)s put on.", label=event.data.get("label", ""))


def _unlabelled(event: Event, page: Named) -> str:
    return gettext("Label %(label)s taken off.", label=event.data.get("label", ""))


def _merged(event: Event, page: Named) -> str:
    return gettext("Ticket %(reference)s came into this one: %(reason)s.", **_other(event))


def _merged_away(event: Event, page: Named) -> str:
    return gettext("Merged into ticket %(reference)s: %(reason)s.", **_other(event))


def _split(event: Event, page: Named) -> str:
    return gettext("A message became ticket %(reference)s: %(reason)s.", **_other(event))


def _linked(event: Event, page: Named) -> str:
    return gettext("Linked to ticket %(reference)s: %(reason)s.", **_other(event))


def _unlinked(event: Event, page: Named) -> str:
    return gettext("No longer linked to ticket %(reference)s.", **_other(event))


def _other(event: Event) -> dict[str, str]:
    return {"reference": figures.reference(str(event.data.get("reference", ""))), "reason": event.reason.rstrip(".")}


def _transferred(event: Event, page: Named) -> str:
    unit = directory().name(event.unit_id, language())
    return gettext("Moved to %(unit)s: %(reason)s.", unit=unit, reason=event.reason.rstrip("."))


def _assigned(event: Event, page: Named) -> str:
    to = event.data.get("to")
    if to is None:
        return gettext("Assigned to nobody.")
    if to == event.user_id:
        return gettext("Taken.")
    return gettext("Assigned to %(name)s.", name=page.names.get(to, "?"))


def _topic(event: Event, page: Named) -> str:
    topic = page.topics.get(event.data.get("to") or 0)
    return gettext("Topic: %(topic)s.", topic=topic.name(language()) if topic else gettext("none"))


def _language(event: Event, page: Named) -> str:
    return gettext("Answered in %(language)s.", language=language_name(event.data.get("to")))


def _failed(event: Event, page: Named) -> str:
    return gettext(FAILURES[event.reason]) if event.reason in FAILURES else gettext("Our message did not get through.")


def _withheld(event: Event, page: Named) -> str:
    return gettext("No receipt was sent, %(reason)s.", reason=withheld_words(event.reason))


_SPOKEN: dict[EventKind, Callable[[Event, Named], str]] = {
    EventKind.CREATED: _created,
    EventKind.PAUSED: _paused,
    EventKind.LABELLED: _labelled,
    EventKind.UNLABELLED: _unlabelled,
    EventKind.SNOOZED: _snoozed,
    EventKind.MERGED: _merged,
    EventKind.MERGED_AWAY: _merged_away,
    EventKind.SPLIT: _split,
    EventKind.LINKED: _linked,
    EventKind.UNLINKED: _unlinked,
    EventKind.TRANSFERRED: _transferred,
    EventKind.ASSIGNED: _assigned,
    EventKind.TOPIC_CHANGED: _topic,
    EventKind.LANGUAGE_CHANGED: _language,
    EventKind.DELIVERY_FAILED: _failed,
    EventKind.ACKNOWLEDGEMENT_WITHHELD: _withheld,
}
