"""The sweep: finds whatever a lost nudge or a killed worker left lying, within ten seconds."""

from __future__ import annotations

from app.core.nudge import Queue
from app.core.system import System
from app.flows import deliver


def sweep(system: System) -> int:
    """Nudge every hand-off and release what a killed worker held; how many deliveries were released.

    Each drain looks at one small index and ends at once when there is nothing to do.
    """
    released = deliver.release_abandoned(system)
    for queue in (Queue.OUTBOX, Queue.SUGGEST):
        system.nudge(queue)
    return released
