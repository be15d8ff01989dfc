"""Figures for Prometheus: of the requests of this process, and of the machinery as the database tells it.

The web server runs one process, so what it counts of requests is all there is on its machine.
"""

from __future__ import annotations

import hmac
import ipaddress
import time
from collections.abc import Iterator

from flask import Flask, Response, abort, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.core import clock
from app.core.system import System
from app.screens.machinery import Machinery, read_machinery
from app.web.context import system

KEEP = 5.0
"""seconds for which what the database told is told again"""


class MachineryCollector(Collector):
    """Asks the database at most every few seconds, however often it is scraped."""

    def __init__(self, asked: System) -> None:
        self._system = asked
        self._told: Machinery | None = None
        self._until = 0.0

    def describe(self) -> list[Metric]:
        """Nothing in advance: registering must not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        if self._told is None or time.monotonic() > self._until:
            with self._system.db.read() as session:
                self._told = read_machinery(session, now=clock.now())
            self._until = time.monotonic() + KEEP
        yield from families(self._told)


def families(told: Machinery) -> Iterator[Metric]:
    """The machinery as metrics; ages in seconds."""
    lag = _gauge("source_lag_seconds", "Since the last successful look at a source.", "source")
    failing = _gauge("source_failing", "1 while a source cannot be read.", "source")
    for source in told.sources:
        looked = source.polled_at
        lag.add_metric([source.name], (told.at - looked).total_seconds() if looked else float("inf"))
        failing.add_metric([source.name], 1 if source.failed_at else 0)
    count = _gauge("waiting", "What waits, at most 10000.", "line")
    age = _gauge("waiting_oldest_seconds", "How long the oldest of it has waited.", "line")
    for line in told.lines:
        count.add_metric([line.name], line.count)
        age.add_metric([line.name], line.age(told.at))
    silent = _gauge("process_silent_seconds", "Since a kind of process was heard of.", "kind")
    for kind in ("web", "worker", "listen"):
        silence = told.silent_for(kind)
        silent.add_metric([kind], float("inf") if silence is None else silence)
    missing = _gauge("verify_missing", "Mails that the ledger lacks, by the last comparison.", "source")
    for found in told.comparisons:
        missing.add_metric([found.source], found.missing)
    yield from (lag, failing, count, age, silent, missing)
    yield CounterMetricFamily("luukku_ledger_items", "Items the ledger has taken, about.", value=told.items)
    yield CounterMetricFamily("luukku_outbox_messages", "Messages the outbox has taken, about.", value=told.mails)


def _gauge(name: str, words: str, label: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"luukku_{name}", words, labels=[label])


def install(app: Flask, asked: System) -> None:
    """Count and time every request by endpoint, never by address, and answer `/metrics`."""
    registry = CollectorRegistry()
    registry.register(MachineryCollector(asked))
    seconds = Histogram("luukku_request_seconds", "Time to answer.", ["endpoint"], registry=registry)
    answers = Counter("luukku_requests", "Requests answered.", ["endpoint", "status"], registry=registry)

    def begin() -> None:
        g.begun_at = time.perf_counter()

    def count(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        answers.labels(endpoint, str(response.status_code)).inc()
        if "begun_at" in g:
            seconds.labels(endpoint).observe(time.perf_counter() - g.begun_at)
        return response

    def metrics() -> Response:
        if not _is_allowed():
            abort(404)
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    app.before_request(begin)
    app.after_request(count)
    app.add_url_rule("/metrics", "metrics", metrics)


def _is_allowed() -> bool:
    """With the token of the settings; without one from this machine, and by no proxy: that asks for somebody else."""
    wanted = system().settings.metrics_token
    _, _, given = request.headers.get("Authorization", "").partition(" ")
    if wanted:
        return hmac.compare_digest(given.strip().encode(), wanted.encode())
    if "X-Forwarded-For" in request.headers:
        return False
    return ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_loopback  # noqa: S104 - compared, not bound
