"""The stream of one browser tab (server-sent events, WHATWG HTML section 9.2): what is to be read again."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request

from app.accounts.policy import Viewer
from app.core.changes import Change
from app.core.errors import NotFoundError
from app.core.system import System
from app.screens.access import readable
from app.web.context import system, viewer
from app.web.live.feed import Feed
from app.web.row_ids import row_id

live = Blueprint("live", __name__, url_prefix="/desk/live")
EXTENSION = "luukku-streams"
HEARTBEAT = 15.0
LONGEST = 120.0
"""seconds; the browser comes again at once, and whether it may is asked anew"""
OF_ONE_PERSON = 3
RESERVE = 16
"""threads that no stream may take from the pages"""
ALL = "all"


class Place:
    """What one stream holds; `is_over` ends it."""

    def __init__(self, user_id: int, tab: str) -> None:
        self.user_id = user_id
        self.tab = tab
        self.is_over = False


class Streams:
    """The feed of this process, and who follows it.

    That a browser has gone is known only when something is written to it, so a tab's new stream ends its old one.
    """

    def __init__(self, feed: Feed, most: int) -> None:
        self.feed = feed
        self._most = most
        self._places: list[Place] = []
        self._lock = threading.Lock()

    def enter(self, user_id: int, tab: str) -> Place | None:
        """Take a place; None when the person or the process has enough."""
        with self._lock:
            for place in self._places:
                if tab and (place.user_id, place.tab) == (user_id, tab):
                    place.is_over = True
            living = [place for place in self._places if not place.is_over]
            own = sum(place.user_id == user_id for place in living)
            if own >= OF_ONE_PERSON or len(self._places) >= self._most:
                taken = None
            else:
                taken = Place(user_id, tab)
                self._places.append(taken)
        self.feed.wake()
        return taken

    def leave(self, place: Place) -> None:
        """Give the place back."""
        with self._lock:
            self._places.remove(place)


def install(app: Flask, system: System) -> None:
    """Make the feed of this process; it begins to watch with the first stream."""
    threads = system.settings.web_threads
    most = max(threads - RESERVE, threads // 2)
    app.extensions[EXTENSION] = Streams(Feed(system), most)


def end_with_the_process(app: Flask) -> None:
    """Let a request to stop end the streams first: a web server waits for what is being answered."""
    feed = streams(app).feed
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        _chain(number, feed.close)


def streams(app: Flask) -> Streams:
    """The streams of an application."""
    found: Streams = app.extensions[EXTENSION]
    return found


@live.get("/stream")
def stream() -> Response:
    """What changed after `since`; 204 when there are streams enough: the page then asks by itself."""
    ours, who = streams(current_app), viewer()
    own_ticket = _own_ticket()
    place = None if ours.feed.is_closed else ours.enter(who.user_id, request.args.get("tab", "")[:40])
    if place is None:
        return Response(status=204)
    ours.feed.start()
    since = int(request.headers.get("Last-Event-ID", type=row_id) or request.args.get("since", type=row_id) or 0)
    response = Response(_told(ours.feed, place, who, own_ticket, since), content_type="text/event-stream")
    response.call_on_close(lambda: ours.leave(place))
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _own_ticket() -> int | None:
    """The id of the ticket that the page shows, if the person may read it."""
    reference = request.args.get("ticket", "")
    if not reference:
        return None
    with system().db.read() as session:
        try:
            return readable(session, viewer(), reference).id
        except NotFoundError:
            return None


def _told(feed: Feed, place: Place, who: Viewer, own_ticket: int | None, since: int) -> Iterator[str]:
    ends_at = time.monotonic() + LONGEST
    yield "retry: 1000\n\n"
    patience = lambda: max(0.0, min(HEARTBEAT, ends_at - time.monotonic()))  # noqa: E731
    for found in feed.follow(since, patience=patience, is_over=lambda: place.is_over):
        if found is None:
            yield f"event: {ALL}\ndata:\n\n"
        elif mine := [change for change in found if _is_for(change, who, own_ticket)]:
            yield _events(mine)
        else:
            yield ":\n\n"
        if time.monotonic() >= ends_at:
            return


def _is_for(change: Change, who: Viewer, own_ticket: int | None) -> bool:
    if change.unit_id is None or change.unit_id in who.units:
        return True
    return own_ticket is not None and change.ticket_id == own_ticket


def _events(found: list[Change]) -> str:
    """An event a kind, with the tickets it is about; the last number that was told goes with each."""
    last = max(change.id for change in found)
    kinds: dict[str, set[int]] = {}
    for change in found:
        kinds.setdefault(change.kind, set()).update({change.ticket_id} - {None})  # type: ignore[arg-type]
    lines = (
        f"id: {last}\nevent: {kind}\ndata: {','.join(map(str, sorted(tickets)))}\n\n" for kind, tickets in kinds.items()
    )
    return "".join(lines)


def _chain(number: int, first: Callable[[], None]) -> None:
    before = signal.getsignal(number)

    def handle(signal_number: int, frame: Any) -> None:
        first()
        if callable(before):
            before(signal_number, frame)
        elif before == signal.SIG_DFL:
            signal.signal(signal_number, signal.SIG_DFL)
            signal.raise_signal(signal_number)

    signal.signal(number, handle)
