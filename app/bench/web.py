"""What the desk's pages cost on a large set of tickets: CPU, queries and bytes, beside the goals we set ourselves."""

from __future__ import annotations

import gzip
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.util import setup_testing_defaults

from sqlalchemy import event, func, select
from sqlalchemy import text as sql

from app.accounts import sessions
from app.accounts.models import Membership, Role
from app.bench.crowd import fill
from app.bench.table import lines
from app.core import clock
from app.core.config import Settings, complete
from app.core.log import configure_logging
from app.core.memory import settle
from app.core.system import System, create_system
from app.tickets.models import Message, Ticket
from app.web.factory import create_app
from migrations.run import upgrade

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

WARM_UP = 5
LIST_GOAL = TICKET_GOAL = 4.0
SEARCH_GOAL = 8.0
"""milliseconds of CPU, the database's with it"""
HEADINGS = ("page", "as", "database", "queries", "CPU ms", "p95", "of it DB", "kB gz", "goal", "met")
BODIES = 10
"""of the ticket pages as many different ones in turn"""


@dataclass(frozen=True)
class Page:
    """A page to measure, at one address or several in turn; `goal` is None where none is set."""

    name: str
    paths: Sequence[str]
    goal: float | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class Desk:
    """The application with somebody logged in, asked as a web server asks it; counts what it asks the database."""

    app: WSGIApplication
    system: System
    key: str
    queries: int = 0
    server_pids: tuple[int, ...] = ()
    _status: str = field(default="")
    _cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, headers: tuple[tuple[str, str], ...] = ()) -> tuple[float, float, bytes]:
        """CPU milliseconds of the whole request, those of them that PostgreSQL took, and the page."""
        place, _, query = path.partition("?")
        cookies = "; ".join(f"{name}={value}" for name, value in {"luukku": self.key, **self._cookies}.items())
        environ: dict[str, Any] = {"PATH_INFO": place, "QUERY_STRING": query, "HTTP_COOKIE": cookies}
        environ |= {"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers}
        setup_testing_defaults(environ)
        theirs, ours = self._server_ms(), time.process_time()
        answer = self.app(environ, self._start)
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        own = (time.process_time() - ours) * 1e3
        theirs = self._server_ms() - theirs
        if not self._status.startswith("200"):
            raise RuntimeError(f"{path} answered {self._status}")
        return own + theirs, theirs, body

    def _start(self, status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
        """Keeps the cookies, as a browser does."""
        self._status = status
        given = (value.partition(";")[0].partition("=") for name, value in headers if name.lower() == "set-cookie")
        self._cookies |= {name: value for name, _, value in given}
        return lambda _data: None

    def _server_ms(self) -> float:
        """What PostgreSQL's processes for us have used so far, where they run on this machine."""
        return sum(_cpu_ns(pid) for pid in self.server_pids) / 1e6

    def count(self, *_said: object) -> None:
        """One more query."""
        self.queries += 1


def measure(tickets: int, requests: int, database: str) -> Iterator[str]:
    """The table, on SQLite and, where `database` names an empty one, on PostgreSQL."""
    rows: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory(prefix="luukku-bench-") as folder:
        for url in ("", database) if database else ("",):
            before = time.monotonic()
            system = _prepared(Path(folder) / ("sqlite" if not url else "postgresql"), url)
            fill(system, tickets)
            yield f"{_kind(system)}: {_size(system)} written in {time.monotonic() - before:.0f} s"
            for role in (Role.AGENT, Role.HEAD):
                rows += _as(system, role, requests)
            system.db.dispose()
    yield from lines(HEADINGS, rows)


def _prepared(folder: Path, database: str) -> System:
    folder.mkdir(parents=True)
    settings = complete(Settings(data_dir=folder, database_url=database, secret_key="only for this measurement"))  # noqa: S106
    upgrade(settings.database_url)
    configure_logging(replace(settings, log_level="error"), "bench")
    return create_system(settings)


def _as(system: System, role: Role, requests: int) -> list[tuple[str, ...]]:
    with system.db.begin() as session:
        chosen = select(Membership.user_id, Membership.unit_id).where(Membership.role == role)
        user_id, unit_id = session.execute(chosen.order_by(Membership.id).limit(1)).one()
        key = sessions.start(session, user_id, at=clock.now(), hours=10)
    desk = Desk(create_app(system), system, key)
    settle()
    event.listen(system.db.engine, "before_cursor_execute", desk.count)
    found = [_row(desk, role, page, requests) for page in _pages(system, unit_id)]
    event.remove(system.db.engine, "before_cursor_execute", desk.count)
    return found


def _pages(system: System, unit_id: int) -> list[Page]:
    long_ones, short_ones = (_ticket_paths(system, unit_id, size) for size in (range(18, 30), range(3, 4)))
    with system.db.read() as session:
        person_id = session.scalar(select(Ticket.person_id).where(Ticket.unit_id == unit_id).limit(1))
    table = f"/desk/?unit={unit_id}&columns=due,subject,citizen,state,assignee,arrived"
    pages = [
        Page("my list", ["/desk/?who=mine"], LIST_GOAL),
        Page("list of the unit", ["/desk/"], LIST_GOAL),
        Page("list, filtered", ["/desk/?channel=email&who=nobody"], LIST_GOAL),
        Page("list of what is resolved", ["/desk/?state=resolved"], LIST_GOAL),
        Page("list, told live", ["/desk/"], LIST_GOAL, (("X-Live", "1"),)),
        Page("table, 100 rows", [table]),
        Page("search, common word", ["/desk/search/?q=kort"], SEARCH_GOAL),
        Page("search, three words", ["/desk/search/?q=residence+permit+travel"], SEARCH_GOAL),
        Page("ticket, 20 messages", long_ones, TICKET_GOAL),
        Page("ticket, 3 messages", short_ones, TICKET_GOAL),
        Page("citizen's card", [f"/desk/people/{person_id}"]),
    ]
    return [page for page in pages if page.paths]  # a small set has no long ticket


def _ticket_paths(system: System, unit_id: int, size: range) -> list[str]:
    """The pages of some of the unit's tickets with so many messages."""
    fitting = select(Message.ticket_id).group_by(Message.ticket_id).having(func.count().between(size[0], size[-1]))
    chosen = select(Ticket.reference).where(Ticket.unit_id == unit_id, Ticket.id.in_(fitting))
    with system.db.read() as session:
        return [f"/desk/tickets/{one}" for one in session.scalars(chosen.order_by(Ticket.id.desc()).limit(BODIES))]


def _row(desk: Desk, role: Role, page: Page, requests: int) -> tuple[str, ...]:
    for nth in range(WARM_UP):
        desk.ask(page.paths[nth % len(page.paths)], page.headers)
    desk.server_pids, desk.queries = _server_pids(desk.system), 0
    found = [desk.ask(page.paths[nth % len(page.paths)], page.headers) for nth in range(requests)]
    queries = desk.queries / requests
    spent = sorted(cpu for cpu, _, _ in found)
    middle, late = statistics.median(spent), spent[int(0.95 * (len(spent) - 1))]
    theirs = "" if not desk.server_pids else f"{statistics.mean(part for _, part, _ in found):.1f}"
    packed = statistics.mean(len(gzip.compress(body, 6)) for _, _, body in found[:BODIES]) / 1e3
    goal, met = ("", "") if page.goal is None else (f"{page.goal:.0f}", "yes" if middle <= page.goal else "no")
    figures = (f"{queries:.1f}", f"{middle:.1f}", f"{late:.1f}", theirs, f"{packed:.1f}", goal, met)
    return (page.name, role, _kind(desk.system), *figures)


def _kind(system: System) -> str:
    return "SQLite" if system.settings.is_sqlite else "PostgreSQL"


def _size(system: System) -> str:
    with system.db.read() as session:
        tickets, messages = (session.scalar(select(func.count(table.id))) for table in (Ticket, Message))
    return f"{tickets} tickets with {messages} messages"


def _server_pids(system: System) -> tuple[int, ...]:
    """PostgreSQL's processes that serve us, as far as this machine lets us see what they use."""
    if system.settings.is_sqlite:
        return ()
    with system.db.read() as session:
        pids = session.scalars(sql("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")).all()
    return tuple(pid for pid in pids if _cpu_ns(pid))


def _cpu_ns(pid: int) -> int:
    """Nanoseconds of CPU that a process has used (Linux); 0 where nobody tells."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text("ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 0
