"""Random tickets for the report: several units, zones, channels and everything that can happen to a ticket."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.accounts.models import Unit
from app.core.db import Database
from app.core.ids import check_digit
from app.sla import service as sla
from app.sla.facts import Metric, Target, TargetKind
from app.sla.models import CalendarRow, PolicyRow
from app.sla.policy import Policy, Promise
from app.tickets import queries
from app.tickets.models import Event, Message, Ticket
from tests.report_naive import Happening, NaiveClock, Office, Story

FIRST = datetime(2026, 10, 5, tzinfo=UTC)
NOW = datetime(2026, 11, 12, 10, 17, 3, tzinfo=UTC)
CHANNELS = ("email", "phone", "letter")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY, _SPLIT, _LONG = [(480, 960)], [(510, 720), (780, 990)], [(0, 1440)]


def _office(id_: int, zone: str, windows: dict[int, list[tuple[int, int]]], amount: int) -> Office:
    targets = {
        ("email", "first_response"): ("minutes", amount),
        ("phone", "first_response"): ("minutes", 5),
        ("letter", "first_response"): ("working_days", 3),
        ("email", "resolution"): ("minutes", amount * 4),
        ("phone", "resolution"): ("minutes", amount * 2),
        ("letter", "resolution"): ("working_days", 8),
    }
    return Office(id_, ZoneInfo(zone), windows, frozenset({date(2026, 10, 14 + id_)}), targets)


OFFICES: Mapping[int, Office] = {
    office.id: office
    for office in (
        _office(1, "Europe/Stockholm", dict.fromkeys(range(5), _DAY), 480),
        _office(2, "Europe/Helsinki", dict.fromkeys(range(5), _SPLIT) | {5: [(600, 720)]}, 240),
        _office(3, "Atlantic/Canary", dict.fromkeys(range(7), _LONG), 1440),
        _office(4, "Pacific/Auckland", dict.fromkeys(range(1, 6), _DAY), 300),
    )
}


@dataclass
class World:
    """Makes stories from one seed; the same seed makes the same."""

    seed: int

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.messages = 0

    def stories(self, count: int) -> list[Story]:
        return [self._story(number) for number in range(1, count + 1)]

    def _story(self, number: int) -> Story:
        story = Story(number, self.random.choice(CHANNELS))
        unit = self.random.choice(list(OFFICES))
        story.events.append(Happening(self._arrival(story.channel, unit), "created", unit))
        state = "open"
        while (at := self._later(story, unit)) and self.random.random() < 0.8:
            state, unit = self._happen(story, at, state, unit)
        return story

    def _arrival(self, channel: str, unit: int) -> datetime:
        at = FIRST + self.random.randrange(int((NOW - FIRST).total_seconds())) * timedelta(seconds=1)
        wall = at.astimezone(OFFICES[unit].zone)
        if channel == "letter" or self.random.random() < 0.03:
            monday = self.random.random() < 0.3
            wall = wall.replace(hour=0, minute=0, second=0) - timedelta(days=wall.weekday() if monday else 0)
        return wall.astimezone(UTC)

    def _later(self, story: Story, unit: int) -> datetime | None:
        """When the next thing happens: soon, in days, at the due instant, at the turn of a week; None in the future."""
        last = story.events[-1].at
        at = last + timedelta(seconds=self.random.randrange(1, self.random.choice((240, 9_000, 90_000, 400_000))))
        luck = self.random.random()
        if luck < 0.08:
            clock = NaiveClock(Metric.FIRST_RESPONSE, story, OFFICES).run(last)
            if clock.stopped_at is None and clock.due is None:
                at = NaiveClock(Metric.FIRST_RESPONSE, story, OFFICES).run(last + timedelta(days=40)).due[0]  # type: ignore[index]
                at += timedelta(seconds=self.random.choice((0, 0, 1)))
        elif luck < 0.12:
            wall = (at + timedelta(days=7)).astimezone(OFFICES[unit].zone)
            wall = wall.replace(hour=0, minute=0, second=0) - timedelta(days=wall.weekday())
            at = wall.astimezone(UTC)
        return at if last < at < NOW - timedelta(seconds=30) else None

    def _happen(self, story: Story, at: datetime, state: str, unit: int) -> tuple[str, int]:
        if state == "resolved":
            self._say(story, at, "citizen_message", "reopened")
            return "open", unit
        step = self.random.choices(
            ("answer", "answer_and_wait", "answer_and_resolve", "resolve", "transfer", "pause", "write", "quiet"),
            (30, 10, 12, 6, 15, 6, 10, 6),
        )[0]
        if state == "waiting" and step not in ("answer", "transfer", "resolve"):
            self._say(story, at, "citizen_message", "resumed")
            return "open", unit
        return getattr(self, f"_{step}")(story, at, state, unit)  # type: ignore[no-any-return]

    def _answer(self, story: Story, at: datetime, state: str, unit: int) -> tuple[str, int]:
        if story.channel == "phone" and len(story.events) == 1:
            story.events.append(Happening(at, "call_answered"))
        elif not self._undone(story, at, "replied"):
            self._say(story, at, "replied")
        return state, unit

    def _answer_and_wait(self, story: Story, at: datetime, state: str, unit: int) -> tuple[str, int]:
        if self._undone(story, at, "replied", "paused"):
            return state, unit
        self._say(story, at, "replied", "paused")
        return "waiting", unit

    def _answer_and_resolve(self, story: Story, at: datetime, state: str, unit: int) -> tuple[str, int]:
        if self._undone(story, at, "replied", "resolved"):
            return state, unit
        self._say(story, at, "replied", "resolved")
        return "resolved", unit

    def _resolve(self, story: Story, at: datetime, state: str, unit: int) -> tuple[str, int]:
        if state == "waiting":
            story.events.append(Happening(at, "resumed"))
        story.events.append(Happening(at, "resolved"))
        return "resolved", unit

    def _transfer(self, story: Story, at: datetime, state: str, unit: int) -> tuple[str, int]:
        to = self.random.choice([other for other in OFFICES if other != unit])
        story.events.append(Happening(at, "transferred", to, "belongs there"))
        return state, to

    def _pause(self, story: Story, at: datetime, state: str, unit: int) -> tuple[str, int]:
        reason = self._reason(story, self.random.choice(("citizen", "third_party")))
        story.events.append(Happening(at, "paused", reason=reason))
        return "waiting", unit

    def _write(self, story: Story, at: datetime, state: str, unit: int) -> tuple[str, int]:
        self._say(story, at, self.random.choice(("citizen_message", "citizen_autoreply")))
        return state, unit

    def _quiet(self, story: Story, at: datetime, state: str, unit: int) -> tuple[str, int]:
        story.events.append(Happening(at, self.random.choice(("noted", "acknowledged", "assigned", "delivered"))))
        return state, unit

    def _undone(self, story: Story, at: datetime, *kinds: str) -> bool:
        if self.random.random() > 0.25:
            return False
        self._say(story, at, *kinds)
        after = at + timedelta(seconds=self.random.randrange(0, 20))
        story.events.append(Happening(after, "reply_undone", message=self.messages))
        return True

    def _say(self, story: Story, at: datetime, *kinds: str) -> None:
        self.messages += 1
        for kind in kinds:
            reason = self._reason(story, "citizen") if kind == "paused" else ""
            story.events.append(Happening(at, kind, reason=reason, message=self.messages))

    def _reason(self, story: Story, reason: str) -> str:
        """Letters wait for nobody but third parties, which stops no clock: their resolution is counted in days.

        How a pause moves a target in working days is for the tests of the clocks.
        """
        return "third_party" if story.channel == "letter" else reason


def found_offices(session: Session) -> None:
    """Store the units with their calendars and targets."""
    for office in OFFICES.values():
        zone = office.zone.key
        place = zone.rpartition("/")[2]
        texts = {"key": place.lower(), "names": {"en": place}, "language": "en", "mailbox": f"{place}@service.example"}
        session.add(Unit(id=office.id, timezone=zone, phone="", postal_address="", **texts))
        session.flush()
        week = {DAYS[day]: [[_text(a), _text(b)] for a, b in windows] for day, windows in office.windows.items()}
        data = {"tz": zone, "week": week, "closed": {day.isoformat(): "Planning" for day in office.closed}}
        session.add(CalendarRow(unit_id=office.id, created_at=FIRST, data=data))
        promises = {
            (channel, Metric(metric)): Promise(Target(TargetKind(kind), amount), 0.8)
            for (channel, metric), (kind, amount) in office.targets.items()
        }
        session.add(PolicyRow(unit_id=office.id, created_at=FIRST, data=Policy(promises).to_data()))
    session.flush()


def store(database: Database, stories: list[Story]) -> None:
    """Store the tickets with their events, each with the clocks and stints that stood after its last event."""
    with database.begin() as session:
        if session.scalar(select(Unit.id).limit(1)) is None:
            found_offices(session)
        terms = {(unit, channel): sla.terms(session, unit, channel) for unit in OFFICES for channel in CHANNELS}
        session.execute(insert(Ticket), [_ticket(story) for story in stories])
        messages = {event.message: (story, event) for story in stories for event in story.events if event.message}
        session.add_all(Message(**_message(number, *said)) for number, said in messages.items())
        session.flush()
        rows = [_event(story, event, terms) for story in stories for event in story.events]
        session.execute(insert(Event), rows)
        for story in stories:
            ticket = session.get_one(Ticket, story.id)
            sla.restate(session, ticket, queries.history(session, story.id), now=story.events[-1].at)


def _ticket(story: Story) -> dict[str, object]:
    kinds = [event.kind for event in story.lasting() if event.kind in ("resolved", "reopened")]
    units = [event.unit_id for event in story.events if event.unit_id]
    digits = f"{100_000_000 + story.id}"
    at = story.arrived_at
    return {
        "id": story.id,
        "reference": digits + str(check_digit(digits)),
        "subject": f"Question {story.id}",
        "state": "resolved" if kinds and kinds[-1] == "resolved" else "open",
        "channel": story.channel,
        "unit_id": units[-1],
        "routing": {},
        "arrived_at": at,
        "created_at": at,
        "changed_at": story.events[-1].at,
        "order_at": at,
        "version": 1,
    }


def _message(number: int, story: Story, event: Happening) -> dict[str, object]:
    direction, kind = ("in", "citizen") if event.kind.startswith("citizen") else ("out", "answer")
    row = {"id": number, "ticket_id": story.id, "direction": direction, "kind": kind}
    return row | {"channel": story.channel, "at": event.at, "problems": []}


def _event(story: Story, event: Happening, terms: Mapping[tuple[int, str], object]) -> dict[str, object]:
    has_terms = event.kind in ("created", "transferred")
    return {
        "ticket_id": story.id,
        "kind": event.kind,
        "at": event.at,
        "recorded_at": event.at,
        "message_id": event.message,
        "unit_id": event.unit_id,
        "reason": event.reason,
        "data": {"terms": terms[event.unit_id or 0, story.channel]} if has_terms else {},
    }


def _text(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
