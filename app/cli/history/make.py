"""Makes up the six weeks that a new demo has behind it, so that lists and reports have something to show."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Authority, Unit, User
from app.accounts.policy import Viewer, viewer_roles
from app.cli.history.one_transaction import one_transaction
from app.cli.history.plan import Desk, draw
from app.cli.history.play import Player
from app.cli.history.writing import Pen, past_of
from app.core import clock
from app.core.system import System
from app.sla import service as sla
from app.sla.calendar import Calendar
from app.sla.models import CalendarRow
from app.tickets.models import Ticket

SEED = 4841
CHANNELS = ("email", "phone", "letter")
WORKING_DAY = 8 * 3600
"""seconds of opening time that stand for a working day of a target"""


def make_history(system: System) -> int:
    """Play the past through the real flows; how many tickets there are then. The database must hold the demo."""
    lot, now = Random(SEED), clock.now()  # noqa: S311 - it draws stories, not secrets
    pen = Pen(lot)
    with one_transaction(system) as whole:
        with whole.db.read() as session:
            viewers = _viewers(session)
            desks = _desks(session, viewers)
            kept = [*session.scalars(select(Unit)), session.get(Authority, 1)]  # else each step asks for them again
        player = Player(whole, viewers, pen, now)
        for inquiry in draw(desks, pen, lot, now=now):
            player.begin(inquiry)
        player.play()
        del kept
        with whole.db.read() as session:
            return session.scalar(select(func.count()).select_from(Ticket)) or 0


def _viewers(session: Session) -> dict[str, Viewer]:
    """Everybody who works in a unit, by mail address."""
    found = {}
    for user in session.scalars(select(User).where(~User.is_admin)):
        units, headed = viewer_roles([(place.unit_id, place.role) for place in user.memberships])
        found[user.email] = Viewer(user.id, user.name, user.language, user.is_admin, units, headed)
    return found


def _desks(session: Session, viewers: Mapping[str, Viewer]) -> list[Desk]:
    return [_desk(session, unit, viewers) for unit in session.scalars(select(Unit).order_by(Unit.id))]


def _desk(session: Session, unit: Unit, viewers: Mapping[str, Viewer]) -> Desk:
    terms = {channel: sla.terms(session, unit.id, channel) for channel in CHANNELS}
    calendar = session.get_one(CalendarRow, terms["email"]["calendar"])
    targets = {}
    for channel, promised in terms.items():
        first = promised["targets"]["first_response"]
        targets[channel] = first["amount"] * (60 if first["kind"] == "minutes" else WORKING_DAY)
    agents = tuple(email for email, viewer in sorted(viewers.items()) if unit.id in viewer.units - viewer.headed)
    data = Calendar.from_data(calendar.data)
    return Desk(unit.key, unit.language, unit.mailbox, unit.phone, data, targets, agents, **past_of(unit.key))
