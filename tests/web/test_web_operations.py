"""What load balancers, Prometheus and administrators ask."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask, request
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from app.core import clock
from app.core.life import give_sign
from app.core.system import System
from app.flows.life import Pulse
from app.outbox.models import OutboxRow
from app.screens.limits import alarms
from app.screens.machinery import read_machinery
from app.sources.models import Source
from app.web.factory import create_app
from tests.factories import Authority, arrives, mail
from tests.queries import count_queries
from tests.web.conftest import Enter

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a token of more than sixteen characters"


def scraped(app: Flask, **options: object) -> dict[str, float]:
    """Each sample as name{labels} -> value."""
    answer = app.test_client().get("/metrics", **options)
    assert answer.status_code == 200
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}"] = sample.value
    return found


def test_readiness_asks_for_tables_of_this_release(desk_app: Flask, system: System) -> None:
    client = desk_app.test_client()
    system.settings.data_dir.mkdir(parents=True, exist_ok=True)
    assert [client.get(path).status_code for path in ("/health", "/ready")] == [200, 200]
    with system.db.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = client.get("/ready")
    assert (answer.status_code, answer.text) == (503, "tables\n")
    assert client.get("/health").status_code == 200
    with system.db.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert client.get("/ready").status_code == 200


def test_metrics_tell_what_waits_and_how_sources_fare(desk_app: Flask, system: System, authority: Authority) -> None:
    arrives(system, mail())
    arrives(system, b"", item_id="2")
    now = clock.now()
    with system.db.begin() as session:
        session.add(Source(name="box", channel="email", kind="imap", polled_at=now - timedelta(seconds=90)))
        session.add(Source(name="new", channel="email", kind="imap", failed_at=now, failure="no"))
        session.query(OutboxRow).update({"not_before": now - timedelta(seconds=120)})
    Pulse(system, "worker").beat()
    found = scraped(desk_app)
    assert found["luukku_source_lag_seconds{source=box}"] == pytest.approx(90, abs=5)
    assert found["luukku_source_failing{source=new}"] == 1
    assert found["luukku_waiting{line=outbox_due}"] == 1
    assert found["luukku_waiting_oldest_seconds{line=outbox_due}"] == pytest.approx(120, abs=5)
    assert found["luukku_waiting{line=quarantine}"] == 1
    assert found["luukku_process_silent_seconds{kind=worker}"] < 5
    assert found["luukku_process_silent_seconds{kind=listen}"] == float("inf")
    assert found["luukku_ledger_items_total{}"] == 2
    again = scraped(desk_app)
    assert again["luukku_requests_total{endpoint=metrics,status=200}"] == 1


def test_metrics_are_for_this_machine_or_who_has_the_token(system: System, authority: Authority) -> None:
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    open_app = create_app(system)
    guarded = create_app(replace(system, settings=replace(system.settings, metrics_token=TOKEN)))
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    codes = [
        open_app.test_client().get("/metrics").status_code,
        open_app.test_client().get("/metrics", environ_overrides=elsewhere).status_code,
        open_app.test_client().get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code,
        guarded.test_client().get("/metrics").status_code,
        guarded.test_client().get("/metrics", environ_overrides=elsewhere, headers=bearer).status_code,
    ]
    assert codes == [200, 404, 404, 404, 200]


def test_a_scrape_costs_a_handful_of_queries_and_the_next_none(desk_app: Flask, system: System) -> None:
    with count_queries(system.db.engine) as counted:
        scraped(desk_app)
        first = counted.count
        scraped(desk_app)
    assert first <= 11
    assert counted.count == first


def test_the_alerts_name_only_metrics_that_there_are(desk_app: Flask, system: System, authority: Authority) -> None:
    scraped(desk_app)  # counts itself
    told = {name.partition("{")[0] for name in scraped(desk_app)}
    with system.db.begin() as session:
        session.add(Source(name="box", channel="email", kind="imap", polled_at=clock.now()))
    told |= {"luukku_source_lag_seconds", "luukku_source_failing", "luukku_verify_missing"}
    named = set(re.findall(r"\bluukku_\w+", (ROOT / "docs/deploy/prometheus-alerts.yml").read_text()))
    assert named
    assert named <= told


def test_a_forged_address_is_believed_only_from_our_own_proxies(system: System, authority: Authority) -> None:
    told = {"X-Forwarded-For": "198.51.100.4"}
    proxy = {"REMOTE_ADDR": "192.0.2.7"}
    seen: list[str | None] = []
    for proxies in (0, 1):
        app = create_app(replace(system, settings=replace(system.settings, proxies=proxies)))
        app.before_request(lambda: seen.append(request.remote_addr))
        app.test_client().get("/health", headers=told, environ_overrides=proxy)
    assert seen == ["192.0.2.7", "198.51.100.4"]


def test_administrators_see_the_machinery_and_nobody_else_does(
    system: System, authority: Authority, enter: Enter
) -> None:
    system.settings.data_dir.mkdir(parents=True, exist_ok=True)
    with system.db.begin() as session:
        session.add(Source(name="box", channel="email", kind="imap", failed_at=clock.now(), failure="No connection."))
        give_sign(session, "worker", "machine:1", at=clock.now() - timedelta(minutes=5))
    page = enter("admin").get("/desk/system/").text
    assert "No connection." in page
    assert "No Worker has been heard of for a minute." in page
    assert "machine:1" in page
    for name in ("nils", "nora"):
        client = enter(name)
        assert client.get("/desk/system/").status_code == 404
        assert "/desk/system/" not in client.get("/desk/").text


def test_each_limit_raises_its_alarm(system: System, authority: Authority) -> None:
    arrives(system, mail())
    now = clock.now()
    with system.db.begin() as session:
        session.query(OutboxRow).update({"not_before": now - timedelta(minutes=6)})
        session.add(Source(name="slow", channel="email", kind="imap", polled_at=now - timedelta(minutes=6)))
        session.add(Source(name="good", channel="email", kind="imap", polled_at=now))
        give_sign(session, "listen", "m:1", at=now)
    with system.db.read() as session:
        found = {(alarm.kind, alarm.name) for alarm in alarms(read_machinery(session, now=now))}
    assert found == {("source", "slow"), ("waits", "outbox_due"), ("silent", "worker")}
