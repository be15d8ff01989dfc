"""The explicit list of what answers."""

from __future__ import annotations

from flask import Blueprint

from app.core.config import Settings
from app.web.api.calls import api
from app.web.auth import auth
from app.web.demo.breaking import console
from app.web.desk.actions import actions
from app.web.desk.articles import articles
from app.web.desk.beginning import beginning
from app.web.desk.bulk import bulk
from app.web.desk.calls import calls
from app.web.desk.citizens import citizens
from app.web.desk.drafting import drafting
from app.web.desk.files import files
from app.web.desk.inbound import inbound
from app.web.desk.outgoing import outgoing
from app.web.desk.preferences import preferences
from app.web.desk.printing import printing
from app.web.desk.regroup import regroup
from app.web.desk.reports import reports
from app.web.desk.search import search
from app.web.desk.suggestions import suggestions
from app.web.desk.system_page import machine
from app.web.desk.templates import templates
from app.web.desk.ticket import ticket
from app.web.desk.tickets import desk
from app.web.desk.views import views
from app.web.desk.writing import writing
from app.web.live.stream import live


def blueprints(settings: Settings) -> list[Blueprint]:
    """Everything that answers under these settings."""
    tickets = [
        desk,
        ticket,
        printing,
        actions,
        regroup,
        writing,
        drafting,
        files,
        suggestions,
        calls,
        search,
        citizens,
        beginning,
        bulk,
    ]
    always = [auth, *tickets, articles, live, views, templates, inbound, outgoing, reports, preferences, machine, api]
    return [*always, console] if settings.demo else always
