"""Arranges what tests need: an authority, viewers, and mails as they come from a source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

from sqlalchemy import select

from app.accounts.models import Membership, Unit, User
from app.accounts.policy import Viewer, viewer_roles
from app.core.system import System
from app.flows import poll
from app.flows.found import found
from app.flows.receive import Filed, receive
from app.tickets.models import Ticket
from channels.contract import ChannelName, RawItem

PASSWORD = "correct horse battery"
MONDAY = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
"""09:00 in Stockholm, 10:00 in Helsinki"""


def _office(first: str, last: str) -> dict[str, Any]:
    return {day: [[first, last]] for day in ("mon", "tue", "wed", "thu", "fri")}


def _unit(key: str, language: str, zone: str, hours: tuple[str, str], country: str) -> dict[str, Any]:
    targets = [
        {"channel": channel, "metric": metric, "kind": kind, "amount": amount, "share": 0.9}
        for channel in ("email", "phone", "letter")
        for metric, kind, amount in (("first_response", "minutes", 240), ("resolution", "working_days", 3))
    ]
    return {
        "key": key,
        "name": {"sv": f"Enhet {key}", "fi": f"Yksikkö {key}", "en": f"Unit {key}"},
        "language": language,
        "timezone": zone,
        "mailbox": f"{key}@migration.example",
        "phone": "+4684650041" + str(len(key) % 10),
        "address": f"Myndigheten, Enhet {key}, Exempelgatan 1, 852 99 Sundsvall",
        "calendar": {"week": _office(*hours), "closed": {}, "special": {}, "holidays": country},
        "targets": targets,
        "topics": [{"key": "card", "name": {"sv": "Kort", "fi": "Kortti", "en": "Card"}}],
    }


DESCRIPTION: dict[str, Any] = {
    "name": {"sv": "Migrationsservice", "fi": "Maahanmuuttopalvelu", "en": "Migration Service"},
    "domain": "migration.example",
    "units": [
        _unit("north", "sv", "Europe/Stockholm", ("08:00", "16:00"), "SE"),
        _unit("southern", "fi", "Europe/Helsinki", ("09:00", "15:00"), "FI"),
    ],
    "users": [
        {"email": f"{name}@migration.example", "name": name.title(), "language": "en", "admin": False, "memberships": m}
        for name, m in (
            ("nils", [{"unit": "north", "role": "agent"}]),
            ("nora", [{"unit": "north", "role": "head"}]),
            ("saku", [{"unit": "southern", "role": "agent"}]),
            ("suvi", [{"unit": "southern", "role": "head"}]),
        )
    ]
    + [{"email": "admin@migration.example", "name": "Admin", "language": "en", "admin": True, "memberships": []}],
    "citizens": [],
    "routing": [
        {"position": 10, "kind": "mailbox", "value": "north@migration.example", "unit": "north"},
        {"position": 20, "kind": "mailbox", "value": "southern@migration.example", "unit": "southern"},
        {"position": 30, "kind": "number", "value": "+46846500415", "unit": "north"},
        {"position": 40, "kind": "number", "value": "+46846500418", "unit": "southern"},
        {"position": 50, "kind": "words", "value": "kort|kortti|card", "topic": "card"},
        {"position": 60, "kind": "language", "value": "fi", "unit": "southern"},
        {"position": 90, "kind": "always", "unit": "north"},
    ],
}


@dataclass(frozen=True)
class Authority:
    """The founded authority; `units` by key, `viewers` by first name."""

    system: System
    units: dict[str, Unit]
    viewers: dict[str, Viewer]

    @classmethod
    def founded(cls, system: System) -> Authority:
        """Load the description and look up what tests name."""
        found(system, DESCRIPTION, password=PASSWORD)
        with system.db.read() as session:
            units = {unit.key: unit for unit in session.scalars(select(Unit))}
            users = session.scalars(select(User)).all()
            roles = {
                user.id: [
                    (row.unit_id, row.role)
                    for row in session.scalars(select(Membership).where(Membership.user_id == user.id))
                ]
                for user in users
            }
        viewers = {user.name.lower(): _viewer(user, roles[user.id]) for user in users}
        return cls(system, units, viewers)

    def ticket(self, ticket_id: int | None) -> Ticket:
        """The ticket as it stands in the database now."""
        with self.system.db.read() as session:
            return session.get_one(Ticket, ticket_id)


def _viewer(user: User, roles: list[tuple[int, str]]) -> Viewer:
    units, headed = viewer_roles(roles)
    return Viewer(user.id, user.name, user.language, user.is_admin, units, headed)


def mail(
    body: str = "Hej! Kan jag resa utomlands innan mitt kort har kommit?",
    *,
    subject: str = "Resa innan kortet",
    sender: str = "Siri Testsson <siri.testsson@example.se>",
    to: str = "north@migration.example",
    message_id: str | None = "first@example.se",
    **headers: str,
) -> bytes:
    """The raw bytes of a plain mail; further headers by keyword, "_" for "-"."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = "Mon, 16 Nov 2026 09:00:00 +0100"
    if message_id:
        message["Message-ID"] = f"<{message_id}>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return message.as_bytes()


def arrives(
    system: System, raw: bytes, *, item_id: str = "1:1", at: datetime = MONDAY, channel: ChannelName = ChannelName.EMAIL
) -> Filed:
    """Let one raw item come in, as a source would bring it."""
    return receive(system, [RawItem(channel, "test", item_id, raw, at)])[0]


def poll_all(system: System) -> int:
    """Read every source to its end, one after the other; how many items came."""
    return sum(poll.poll(system, source_id) for source_id in poll.to_read(system))
