"""What a unit promises: a target and the share to be kept, by channel and metric, and what a ticket may wait for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from app.sla.facts import Metric, Target
from app.sla.tally import DEFAULT_PAUSES

Place = tuple[str, Metric]
"""channel and metric"""


@dataclass(frozen=True, slots=True)
class Promise:
    """A target, and the share of its clocks (0 to 1) that must keep it."""

    target: Target
    share: float


@dataclass(frozen=True)
class Policy:
    """A unit's promises by channel and metric, and the reasons of a pause that halt its pausable clocks."""

    promises: Mapping[Place, Promise]
    pause_on: frozenset[str] = DEFAULT_PAUSES

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return the policy of {"targets": {channel: {metric: {kind, amount, share}}}, "pause_on": [reason]}."""
        promises = {
            (channel, Metric(metric)): Promise(Target.from_data(told), float(told["share"]))
            for channel, metrics in data["targets"].items()
            for metric, told in metrics.items()
        }
        return cls(promises, frozenset(data["pause_on"]))

    def to_data(self) -> dict[str, Any]:
        """Return what `from_data` reads back as an equal policy."""
        targets: dict[str, dict[str, Any]] = {}
        for (channel, metric), promise in sorted(self.promises.items()):
            told = promise.target.to_data() | {"share": promise.share}
            targets.setdefault(channel, {})[str(metric)] = told
        return {"targets": targets, "pause_on": sorted(self.pause_on)}

    def terms(self, channel: str) -> dict[str, Any]:
        """Return what a ticket on the channel is promised, to be frozen in the event that gives it to the unit."""
        targets = {
            str(metric): promise.target.to_data()
            for (place, metric), promise in self.promises.items()
            if place == channel
        }
        return {"targets": targets, "pause_on": sorted(self.pause_on)}


NO_PROMISE = Policy({})
"""Stands in for a unit that has promised nothing yet."""
