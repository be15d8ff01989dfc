"""What the desk calls things: channels, states, clocks, groups, and what was repaired in a message."""

from __future__ import annotations

from functools import cache

from flask import Flask

from app.sla.facts import Target, TargetKind
from app.texts.catalogue import N_
from app.texts.durations import duration
from app.texts.formats import babel_locale
from app.web.context import language
from app.web.language import gettext, ngettext

CHANNELS = {"email": N_("E-mail"), "phone": N_("Call"), "letter": N_("Letter")}
STATES = {"new": N_("New"), "open": N_("In progress"), "waiting": N_("Waiting"), "resolved": N_("Resolved")}
METRICS = {
    "first_response": N_("First response"),
    "next_response": N_("Next response"),
    "update": N_("Update"),
    "resolution": N_("Resolution"),
}
GROUPS = {
    "overdue": N_("Overdue"),
    "hour": N_("Within 1 hour"),
    "today": N_("Later today"),
    "tomorrow": N_("Tomorrow"),
    "later": N_("Later"),
    "still": N_("Paused or without a clock"),
    "changed": N_("Last changed first"),
}
WAITS = {"citizen": N_("waiting for the citizen"), "third_party": N_("waiting for somebody else")}
WHO = {"mine": N_("Mine"), "nobody": N_("Unassigned")}
ASIDE = {"yes": N_("Put aside")}
DUE = {"hour": N_("Due within 1 hour"), "overdue": N_("Overdue")}
COLUMNS = {
    "due": N_("Due"),
    "subject": N_("Subject"),
    "citizen": N_("Citizen"),
    "state": N_("State"),
    "topic": N_("Topic"),
    "channel": N_("Channel"),
    "assignee": N_("Assigned to"),
    "unit": N_("Unit"),
    "arrived": N_("Came"),
    "changed": N_("Last changed"),
    "language": N_("Language"),
    "reference": N_("Ticket number"),
}
PROTECTIONS = {
    "marked": N_("marked confidential"),
    "registration": N_("protected registration, no address is kept"),
}
ROLES = {"agent": N_("Agent"), "head": N_("Head of the unit")}
STRETCHES = {"counted": N_("Counted"), "closed": N_("Closed"), "paused": N_("Paused"), "left": N_("Left")}
RULES = {
    "open_hours": N_("Open, no pause."),
    "by_the_clock": N_("The target counts by the clock, day and night."),
    "outside_hours": N_("Outside the opening hours."),
    "closed_day": N_("Closed day."),
    "pause": N_("The ticket waited for the citizen."),
    "pause_third_party": N_("The ticket waited for somebody else."),
    "resolved": N_("The ticket was resolved."),
    "summary": N_("Several stretches, summed up."),
}
RESULTS = {
    "met": N_("Met"),
    "missed": N_("Missed"),
    "running": N_("Running"),
    "overdue": N_("Late"),
    "paused": N_("Paused"),
    "cancelled": N_("Cancelled"),
    "merged": N_("Merged"),
}
PROBLEMS = {
    "no_text_layer": N_("The scan has no text layer: read the pages."),
    "pages_left_out": N_("The letter has more pages than are shown: open the original."),
    "page_not_drawn": N_("A page could not be drawn: open the original."),
    "files_inside_left_out": N_("There are files inside the PDF that are not shown: open the original."),
    "form_not_shown": N_("The form in the PDF cannot be shown here: open the original."),
    "html_too_costly": N_("The formatting was too heavy to keep; only the words are shown."),
    "remote_images_blocked": N_("Pictures from elsewhere are not fetched."),
    "text_cut": N_("The text was too long and was cut: open the original."),
    "text_from_html": N_("The words are taken from the formatted part, which says more."),
    "charset_repaired": N_("Some letters were written wrongly and have been repaired as far as possible."),
    "broken_mime": N_("The mail is damaged: something may be missing, open the original."),
    "uuencoded_file": N_("A file may lie inside the text: open the original."),
    "winmail_dat": N_("Files may lie inside winmail.dat, which only Outlook opens."),
    "encrypted": N_("The mail is encrypted and cannot be read here."),
    "attachment_is_not_what_it_says": N_("A file is not of the kind that it claims to be."),
    "no_sender": N_("The mail does not say who sent it."),
    "filed_by_hand": N_("A person filed this: it could not be read."),
    "sender_ambiguous": N_("The sender can be read in more than one way."),
    "recipients_cut": N_("There are more recipients than are kept."),
    "date_unreadable": N_("The date of the mail cannot be read."),
}
ROUTES = {
    "mailbox": N_("it was sent to %(found)s"),
    "number": N_("%(found)s was called"),
    "words": N_("the word “%(found)s” is in it"),
    "language": N_("it is written in %(found)s"),
    "always": N_("no other rule fitted"),
    "none": N_("no rule fitted"),
    "by_hand": N_("put here by a person"),
    "begun": N_("%(found)s wrote first"),
    "split": N_("a message of ticket %(found)s was split off"),
}


def target_words(target: Target) -> str:
    """What is promised in words, such as "8 h of opening time"."""
    amount = target.amount
    match target.kind:
        case TargetKind.MINUTES:
            return gettext("%(time)s of opening time", time=duration(amount * 60, language(), style="hours"))
        case TargetKind.CLOCK_MINUTES:
            return gettext("%(time)s by the clock", time=duration(amount * 60, language()))
        case TargetKind.WORKING_DAYS:
            return ngettext("%(num)s working day", "%(num)s working days", amount, num=amount)
        case TargetKind.WEEKS:
            return ngettext("%(num)s week by statute", "%(num)s weeks by statute", amount, num=amount)
        case TargetKind.MONTHS:
            return ngettext("%(num)s month by statute", "%(num)s months by statute", amount, num=amount)


def install(app: Flask) -> None:
    """Register the words as filters."""
    tables = {
        "channel_name": CHANNELS,
        "state_name": STATES,
        "metric_name": METRICS,
        "group_name": GROUPS,
        "wait_name": WAITS,
        "who_name": WHO,
        "due_name": DUE,
        "result_name": RESULTS,
        "stretch_name": STRETCHES,
        "rule_words": RULES,
        "protection_name": PROTECTIONS,
        "column_name": COLUMNS,
        "role_name": ROLES,
    }
    app.jinja_env.filters.update({name: _filter(table) for name, table in tables.items()})
    app.jinja_env.filters.update(language_name=language_name, problem=problem, route=route, target_words=target_words)


def language_name(tag: str | None) -> str:
    """A language's name in the language of the page."""
    return _language_names(language()).get(tag or "") or tag or gettext("unknown language")


@cache
def _language_names(shown_in: str) -> dict[str, str]:
    return dict(babel_locale(shown_in).languages)


def problem(key: str) -> str:
    """What was repaired in a message or left out of it, in words; an unknown key is shown as it is."""
    return gettext(PROBLEMS[key]) if key in PROBLEMS else key.replace("_", " ")


def route(routing: dict[str, object]) -> str:
    """Why routing chose the unit."""
    kind = str(routing.get("kind") or "none")
    found = str(routing.get("found") or "")
    said = language_name(found) if kind == "language" else found
    return gettext(ROUTES.get(kind, ROUTES["none"]), found=said)


def _filter(table: dict[str, str]) -> object:
    def name(key: str | None) -> str:
        return gettext(table[key]) if key in table else str(key or "")

    return name
