"""What the console remembers: the people made up in it, and the things it dropped at the doors."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.web.demo.cast import Citizen, citizens


@dataclass(frozen=True)
class Dropped:
    """One thing put through a door. `key` is what the trace finds it by, `who` the citizen's key."""

    who: str
    channel: str
    key: str
    title: str
    at: datetime


class Notes:
    """A file of JSON lines; one that is missing or damaged costs memory, nothing else."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def people(self) -> list[Citizen]:
        """The cast, then those made up here."""
        return [*citizens(), *(Citizen(**told) for told in self._lines("person"))]

    def add_person(self, citizen: Citizen) -> None:
        """Remember a person made up here."""
        self._add("person", asdict(citizen))

    def dropped_by(self, who: str) -> list[Dropped]:
        """What this citizen dropped, the newest first."""
        told = [line for line in self._lines("dropped") if line["who"] == who]
        return [Dropped(**{**line, "at": datetime.fromisoformat(line["at"])}) for line in reversed(told)]

    def add_dropped(self, item: Dropped) -> None:
        """Remember a thing that was dropped."""
        self._add("dropped", {**asdict(item), "at": item.at.isoformat()})

    def _add(self, kind: str, told: dict[str, Any]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"kind": kind, "told": told}, ensure_ascii=False) + "\n")

    def _lines(self, kind: str) -> list[dict[str, Any]]:
        if not self._file.exists():
            return []
        return [told for line in self._file.read_text("utf-8").splitlines() if (told := _told(line, kind))]


def _told(line: str, kind: str) -> dict[str, Any]:
    """What a line says if it is of this kind; nothing for a line that is cut off."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    told: dict[str, Any] = found["told"] if found.get("kind") == kind else {}
    return told
