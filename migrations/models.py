"""All tables of the system: importing this module fills `Base.metadata`."""

from __future__ import annotations

from app.accounts import links as access_links
from app.accounts import login_models
from app.accounts import models as accounts
from app.articles import models as articles
from app.articles import templates
from app.calls import models as calls
from app.core import changes, life, storage
from app.core.db import Base
from app.intake import models as intake
from app.outbox import models as outbox
from app.people import models as people
from app.routing import models as routing
from app.sla import models as sla
from app.sources import models as sources
from app.suggest import models as suggest
from app.tickets import bulk, drafts, following, labels, links, pauses, presence, views
from app.tickets import models as tickets

CORE = (changes, life, storage)
STAFF_AND_CITIZENS = (accounts, access_links, login_models, people, sources)
WHAT_LASTS = (tickets, bulk, drafts, following, labels, links, pauses, presence, views, articles, templates)
STAGES = (calls, intake, outbox, routing, sla, suggest)
MODULES = (*CORE, *STAFF_AND_CITIZENS, *WHAT_LASTS, *STAGES)
metadata = Base.metadata
NOT_IN_MODELS = frozenset({"search_words"})
"""made by hand in the migrations: full-text tables, which SQLAlchemy cannot describe"""
