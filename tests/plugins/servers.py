"""Real servers and a real browser as fixtures: started when first asked for, stopped with the run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.servers import chromium, dovecot, oidc, postgres, rabbitmq, redis
from tests.servers.dovecot import DovecotServer, running_dovecot
from tests.servers.oidc import OidcProvider
from tests.servers.postgres import PostgresServer, running_postgres
from tests.servers.rabbitmq import RabbitServer, running_rabbitmq
from tests.servers.redis import RedisServer, running_redis
from tests.servers.smtp_sink import SmtpSink, running_smtp_sink


def leave_out_unless(is_there: object, name: str, packages: str) -> None:
    """Skip the test with a reason that says how to get what it needs."""
    if not is_there:
        pytest.skip(f"{name} is not installed (Debian: apt-get install {packages})")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL without databases of ours; most tests want `database_url` instead."""
    leave_out_unless(postgres.programs(), "PostgreSQL", "postgresql")
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis that nobody else uses."""
    leave_out_unless(redis.is_installed(), "Redis", "redis-server")
    with running_redis() as server:
        yield server


@pytest.fixture(scope="session")
def rabbitmq_server() -> Iterator[RabbitServer]:
    """A RabbitMQ that nobody else uses."""
    leave_out_unless(rabbitmq.is_installed(), "RabbitMQ", "rabbitmq-server")
    with running_rabbitmq() as server:
        yield server


@pytest.fixture(scope="session")
def dovecot_server() -> Iterator[DovecotServer]:
    """A Dovecot where any user has a mailbox; take a user name of your own in each test."""
    leave_out_unless(dovecot.is_installed(), "Dovecot", "dovecot-core dovecot-imapd dovecot-lmtpd")
    with running_dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def oidc_provider() -> Iterator[OidcProvider]:
    """An OpenID Connect provider; make up people of your own in each test."""
    with oidc.running_oidc_provider() as provider:
        yield provider


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium; open a context of its own in each test."""
    leave_out_unless(chromium.is_installed(), "Chromium", "chromium")
    with chromium.running_chromium() as started:
        yield started


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    """An SMTP server for this test alone; asking for it is asking for mail to leave."""
    with running_smtp_sink() as sink:
        yield sink
