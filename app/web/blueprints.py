"""The explicit list of what answers."""

from __future__ import annotations

from flask import Blueprint

from app.core.config import Settings
from app.web.admin.calendars import calendars
from app.web.admin.mailboxes import mailboxes
from app.web.admin.overview import admin
from app.web.admin.people import people
from app.web.admin.rules import rules
from app.web.admin.targets import targets
from app.web.admin.trail import trail
from app.web.admin.tuning import tuning
from app.web.admin.units import units
from app.web.api.calls import api
from app.web.demo.breaking import console
from app.web.desk.actions import actions
from app.web.desk.articles import articles
from app.web.desk.beginning import beginning
from app.web.desk.bulk import bulk
from app.web.desk.calls import calls
from app.web.desk.citizens import citizens
from app.web.desk.drafting import drafting
from app.web.desk.factors import factors
from app.web.desk.files import files
from app.web.desk.following import following
from app.web.desk.inbound import inbound
from app.web.desk.outgoing import outgoing
from app.web.desk.passkeys import passkeys
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
from app.web.help import help_pages
from app.web.live.stream import live
from app.web.login.code import code
from app.web.login.passkey import passkey
from app.web.login.password import auth
from app.web.login.service import service
from app.web.login.welcome import welcome


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
        following,
    ]
    administration = [admin, people, units, calendars, targets, mailboxes, rules, templates, tuning, trail, machine]
    log_in = [auth, code, passkey, welcome, *([service] if settings.oidc_issuer else [])]
    own = [preferences, factors, passkeys]
    always = [
        help_pages,
        *log_in,
        *tickets,
        articles,
        live,
        views,
        inbound,
        outgoing,
        reports,
        *own,
        *administration,
        api,
    ]
    return [*always, console] if settings.demo else always
