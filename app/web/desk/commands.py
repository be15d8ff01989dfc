"""The commands of the palette: every button of the desk by its name, and by other words in three languages.

A command with a key presses the visible control that bears it; one with an endpoint goes there. What the page does not
offer just now is not listed.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, url_for

from app.texts.catalogue import N_
from app.web.context import viewer
from app.web.language import gettext


@dataclass(frozen=True)
class Command:
    """Something that can be done. `also` are words by which people look for it, in any of the three languages.

    With an endpoint the key is "g" and another one: it goes there from every page.
    """

    name: str
    also: str
    key: str = ""
    endpoint: str = ""
    arguments: tuple[tuple[str, str], ...] = ()
    is_admins: bool = False
    is_heads: bool = False
    """for administrators and unit heads"""

    @property
    def words(self) -> str:
        """The name in the reader's language."""
        return gettext(self.name)

    @property
    def url(self) -> str:
        """Where it leads; "" for a control of the page."""
        return url_for(self.endpoint, **dict(self.arguments)) if self.endpoint else ""  # type: ignore[arg-type]


def _view(name: str, also: str, key: str = "", **wanted: str) -> Command:
    return Command(name, also, key, endpoint="desk.tickets", arguments=tuple(wanted.items()))


TICKET = (
    Command(N_("Answer the citizen"), "reply answer svara svar vastaa vastaus mail", "r"),
    Command(N_("Write an internal note"), "note comment anteckning notera muistiinpano kommentti", "i"),
    Command(N_("Take the ticket"), "take mine own assign me ta min ota minulle", "t"),
    Command(N_("Assign it to somebody"), "assign give hand tilldela ge anna osoita", "a"),
    Command(N_("Move it to another unit"), "move transfer flytta enhet siirrä yksikkö", "m"),
    Command(N_("Change the state"), "resolve close wait pause reopen lös stäng vänta tila ratkaise odota", "s"),
    Command(N_("Put it aside"), "snooze later remind senare påminn lägg undan myöhemmin siirrä syrjään", "z"),
    Command(N_("Put a label on it"), "label tag etikett märk tunniste merkitse", "l"),
    Command(N_("Merge it with another ticket, or link it"), "merge join link duplicate slå ihop dubblett yhdistä", "d"),
    Command(N_("Open the citizen's card"), "person citizen customer medborgare kund asiakas kortti", "p"),
    Command(N_("Follow the ticket, or no more"), "watch follow bevaka följ seuraa tilaa", "w"),
    Command(N_("Print the ticket"), "print paper pdf skriv ut papper tulosta paperi", "P"),
    Command(N_("Go to the suggestions"), "suggestions knowledge article förslag artikel ehdotukset ohje", "b"),
    Command(N_("Put in a text template"), "template snippet standard mall text tekstipohja pohja", "e"),
    Command(N_("Answer the ringing call"), "call phone samtal telefon puhelu soitto", "c"),
    Command(N_("Take the answer back"), "undo recall ångra kumoa peru", "0"),
)
VIEWS = (
    Command(N_("Show the list as a table, or as a list"), "table columns sort bulk tabell kolumner taulukko", "v"),
    Command(N_("Search tickets"), "search find sök hitta hae etsi", "/"),
    _view(N_("My tickets"), "mine my own mina egna omat", "g i", who="mine"),
    _view(N_("All tickets of my units"), "inbox queue list inkorg kö lista jono luettelo", "g u"),
    _view(N_("Unassigned tickets"), "nobody free ingen lediga vapaat", who="nobody"),
    _view(N_("Overdue tickets"), "late overdue sena försenade myöhässä", due="overdue"),
    _view(N_("Tickets due within an hour"), "soon due snart kohta pian", due="hour"),
    _view(N_("Tickets put aside"), "snoozed later undan senare syrjässä", aside="yes"),
    _view(N_("Tickets that wait"), "waiting paused väntar odottaa", state="waiting"),
)
PLACES = (
    Command(N_("New ticket"), "new create call nytt skapa samtal uusi luo puhelu", endpoint="beginning.form"),
    Command(N_("News since I last looked"), "missed mentions inbox missat nytt uutta maininnat tapahtumat", "h"),
    Command(N_("Search page"), "search find sök hitta hae etsi", "g s", endpoint="search.tickets"),
    Command(N_("Knowledge base"), "articles help kunskapsbank artiklar tietopankki", "g k", endpoint="articles.index"),
    Command(N_("Text templates"), "texts snippets mallar textmallar tekstipohjat", endpoint="templates.index"),
    Command(N_("Incoming"), "quarantine karantän inkommande saapuneet karanteeni", endpoint="inbound.index"),
    Command(N_("Outgoing"), "outbox failed utgående utkorg lähtevät", endpoint="outgoing.index"),
    Command(
        N_("Reports"), "figures statistics sla rapporter statistik raportit tilastot", "g q", endpoint="reports.index"
    ),
    Command(N_("My settings"), "language keys språk inställningar kieli asetukset", endpoint="preferences.mine"),
    Command(
        N_("Administration"),
        "admin users units förvaltning användare hallinta käyttäjät",
        endpoint="admin.index",
        is_heads=True,
    ),
    Command(N_("System"), "health machines drift järjestelmä", endpoint="machine.index", is_admins=True),
    Command(
        N_("Help"),
        "help support accessibility hjälp stöd tillgänglighet apu ohje saavutettavuus",
        endpoint="help.index",
    ),
    Command(N_("Show all keys"), "keys help shortcuts tangenter hjälp näppäimet ohje", "?"),
)
COMMANDS = (*TICKET, *VIEWS, *PLACES)


def install(app: Flask) -> None:
    """Give the templates `commands()`."""
    app.jinja_env.globals["commands"] = commands


def commands() -> list[Command]:
    """Those that exist in this installation for this person."""
    known = current_app.view_functions
    return [
        command
        for command in COMMANDS
        if (not command.endpoint or command.endpoint in known) and _is_for_viewer(command)
    ]


def _is_for_viewer(command: Command) -> bool:
    if command.is_admins:
        return viewer().is_admin
    return not command.is_heads or viewer().is_admin or bool(viewer().headed)
