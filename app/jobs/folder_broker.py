"""Celery's file-system broker, made safe for several processes: files appear whole or not at all.

The transport that comes with kombu creates a message file empty and fills it afterwards; a worker that looks in between
reads nothing and stops. Here each file is written beside its place and then renamed into it.
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem

NAME = f"{__name__}:Transport"


class Channel(filesystem.Channel):
    """Writes messages and bindings by renaming; reads like kombu's own."""

    def _put(self, queue: str, payload: dict[str, Any], **_options: Any) -> None:  # type: ignore[override] # its parents disagree
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        _write_whole(Path(self.data_folder_out) / name, payload)

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        binding = [routing_key or "", pattern or "", queue or ""]
        known = [list(row) for row in self.get_table(exchange)]  # type: ignore[no-untyped-call]
        if binding not in known:
            file: Path = self._exchange_file(exchange)  # type: ignore[no-untyped-call]
            _write_whole(file, [binding, *known])

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """The next message; whoever removes the folders takes nudges away, not the worker."""
        try:
            return super()._get(queue)  # type: ignore[no-untyped-call]
        except FileNotFoundError as error:
            for folder in (self.data_folder_in, self.control_folder, self.processed_folder):
                Path(folder).mkdir(parents=True, exist_ok=True)
            raise Empty from error


class Transport(filesystem.Transport):
    """The transport behind `filesystem://`."""

    Channel = Channel


def install() -> None:
    """Let `filesystem://` mean this transport in this process."""
    TRANSPORT_ALIASES["filesystem"] = NAME


def _write_whole(target: Path, content: object) -> None:
    draft = target.with_name(f"{uuid.uuid4()}.draft")
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(target)
