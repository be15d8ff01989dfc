"""Log-in by the authority's own service, against a real OpenID Connect provider in a process of its own."""

from __future__ import annotations

import uuid
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.accounts.login_models import OutsideIdentity
from app.accounts.models import AuditEntry, LoginSession, User, Way
from app.core.config import complete, load_settings
from app.core.errors import SettingsError
from app.core.system import System
from app.flows.staff import forget_factors
from app.web.factory import create_app
from tests.factories import Authority
from tests.servers.oidc import OidcProvider
from tests.servers.process import free_port
from tests.web.test_web_login import key_of

NILS = "nils@migration.example"
CLIENT_SECRET = "a secret between desk and service"


def with_service(system: System, issuer: str, **more: str) -> Flask:
    sign_on = {"oidc_issuer": issuer, "oidc_client_id": "desk", "oidc_client_secret": CLIENT_SECRET}
    return create_app(System(complete(replace(system.settings, **{**sign_on, **more})), system.db))


@pytest.fixture
def app(system: System, authority: Authority, oidc_provider: OidcProvider) -> Flask:
    return with_service(system, oidc_provider.issuer, oidc_name="Sundsvall ID")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def person(provider: OidcProvider, email: str = NILS, **claims: object) -> str:
    """Somebody new at the provider, whose address it vouches for."""
    subject = uuid.uuid4().hex
    provider.add_person(subject, **{"email": email, "email_verified": True, **claims})
    return subject


def come_back(client: FlaskClient, address: str) -> TestResponse:
    """Follow the provider's redirect to the desk."""
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}")


def log_in(client: FlaskClient, provider: OidcProvider, subject: str, wanted: str = "") -> TestResponse:
    sent = client.get("/login/service", query_string={"next": wanted} if wanted else {})
    return come_back(client, provider.consent(sent.headers["Location"], subject))


def identities(system: System) -> list[OutsideIdentity]:
    with system.db.read() as session:
        return list(session.scalars(select(OutsideIdentity)))


def test_the_button_is_there_only_where_a_service_is_set(client: FlaskClient, desk_app: Flask) -> None:
    assert "Log in with Sundsvall ID" in client.get("/login").text
    page = desk_app.test_client().get("/login")
    assert "Log in with" not in page.text
    assert desk_app.test_client().get("/login/service").status_code == 404


def test_the_service_is_asked_with_a_challenge_a_state_and_a_nonce(
    client: FlaskClient, oidc_provider: OidcProvider
) -> None:
    sent = client.get("/login/service").headers["Location"]
    asked = parse_qs(urlsplit(sent).query)
    assert sent.startswith(oidc_provider.issuer)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://127.0.0.1:8080/login/service/back"]
    assert all(asked[name][0] for name in ("code_challenge", "state", "nonce"))
    assert asked["scope"] == ["openid email"]
    assert CLIENT_SECRET not in sent


def test_a_verified_address_opens_its_account_and_is_bound_to_it(
    client: FlaskClient, oidc_provider: OidcProvider, system: System, authority: Authority
) -> None:
    subject = person(oidc_provider, NILS.upper())
    answer = log_in(client, oidc_provider, subject, wanted="/desk/?who=mine")
    assert answer.headers["Location"] == "/desk/?who=mine"
    assert client.get("/desk/").status_code == 200
    (bound,) = identities(system)
    assert (bound.user_id, bound.subject) == (authority.viewers["nils"].user_id, subject)
    with system.db.read() as session:
        assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.id.desc())).first() == "identity_bound"
        assert session.scalars(select(LoginSession.way)).all() == [Way.SERVICE]


def test_who_is_bound_is_known_when_the_address_has_changed(
    client: FlaskClient, oidc_provider: OidcProvider, system: System
) -> None:
    subject = person(oidc_provider)
    log_in(client, oidc_provider, subject)
    oidc_provider.add_person(subject, email="married@migration.example", email_verified=False)
    again = client.application.test_client()
    assert log_in(again, oidc_provider, subject).status_code == 303
    assert again.get("/desk/").status_code == 200
    assert len(identities(system)) == 1


def test_an_address_that_passed_to_somebody_else_opens_no_account_of_the_former(
    client: FlaskClient, oidc_provider: OidcProvider, system: System
) -> None:
    log_in(client, oidc_provider, person(oidc_provider))
    other = client.application.test_client()
    refused = log_in(other, oidc_provider, person(oidc_provider))
    assert refused.status_code == 403
    assert "belongs to another person" in refused.text
    forget_factors(system, NILS)
    assert log_in(other, oidc_provider, person(oidc_provider)).status_code == 303, "an administrator lets go of the old"


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"email": "nobody@elsewhere.example"}, "nobody here has an active account"),
        ({"email_verified": False}, "does not vouch for your address"),
        ({"email": ""}, "does not vouch for your address"),
    ],
)
def test_who_is_not_known_is_told_so_and_nothing_is_made(
    claims: dict[str, object], said: str, client: FlaskClient, oidc_provider: OidcProvider, system: System
) -> None:
    with system.db.read() as session:
        before = len(session.scalars(select(User)).all())
    subject = person(oidc_provider, **claims)  # type: ignore[arg-type]
    answer = log_in(client, oidc_provider, subject)
    assert answer.status_code == 403
    assert said in answer.text
    assert not key_of(client)
    assert identities(system) == []
    with system.db.read() as session:
        assert len(session.scalars(select(User)).all()) == before


def test_the_refusal_speaks_the_language_of_the_browser(client: FlaskClient, oidc_provider: OidcProvider) -> None:
    sent = client.get("/login/service").headers["Location"]
    back = urlsplit(oidc_provider.consent(sent, person(oidc_provider, "nobody@elsewhere.example")))
    answer = client.get(f"{back.path}?{back.query}", headers={"Accept-Language": "fi"})
    assert "kenelläkään täällä ei ole voimassa olevaa tiliä" in answer.text


def test_who_has_left_gets_in_neither_by_address_nor_by_identity(
    client: FlaskClient, oidc_provider: OidcProvider, system: System
) -> None:
    known, unknown = person(oidc_provider), person(oidc_provider, "nora@migration.example")
    log_in(client, oidc_provider, known)
    with system.db.begin() as session:
        session.execute(update(User).values(is_active=False))
    for subject in (known, unknown):
        other = client.application.test_client()
        assert log_in(other, oidc_provider, subject).status_code == 403
        assert not key_of(other)


def test_a_wrong_state_opens_nothing(client: FlaskClient, oidc_provider: OidcProvider) -> None:
    sent = client.get("/login/service").headers["Location"]
    back = oidc_provider.consent(sent, person(oidc_provider))
    right = parse_qs(urlsplit(back).query)["state"][0]
    assert come_back(client, back.replace(right, "another")).status_code == 403
    assert not key_of(client)


def test_an_answer_to_another_browser_opens_nothing(client: FlaskClient, oidc_provider: OidcProvider) -> None:
    """Otherwise somebody could be led into an account that is not theirs."""
    sent = client.get("/login/service").headers["Location"]
    back = oidc_provider.consent(sent, person(oidc_provider))
    victim = client.application.test_client()
    victim.get("/login/service")
    answer = come_back(victim, back)
    assert answer.status_code == 403
    assert "was not completed" in answer.text


def test_beginning_again_and_again_does_not_fill_the_cookie(client: FlaskClient, oidc_provider: OidcProvider) -> None:
    for _ in range(20):
        client.get("/login/service")
    cookie = client.get_cookie("luukku-form")
    assert cookie is not None
    assert len(cookie.value) < 1500
    assert log_in(client, oidc_provider, person(oidc_provider)).status_code == 303


def test_an_answer_opens_once(client: FlaskClient, oidc_provider: OidcProvider) -> None:
    sent = client.get("/login/service").headers["Location"]
    back = oidc_provider.consent(sent, person(oidc_provider))
    assert come_back(client, back).status_code == 303
    client.delete_cookie("luukku")
    assert come_back(client, back).status_code == 403
    assert not key_of(client)


@pytest.mark.parametrize(("name", "value"), [("nonce", "another"), ("code", "forged")])
def test_a_token_for_another_log_in_and_a_forged_code_open_nothing(
    name: str, value: str, client: FlaskClient, oidc_provider: OidcProvider
) -> None:
    back = oidc_provider.consent(client.get("/login/service").headers["Location"], person(oidc_provider))
    query = parse_qs(urlsplit(back).query)
    if name == "code":
        back = back.replace(query["code"][0], value)
    else:
        with client.session_transaction() as kept:
            kept[f"_state_luukku_service_{query['state'][0]}"]["data"]["nonce"] = value
            kept.modified = True
    assert come_back(client, back).status_code == 403
    assert not key_of(client)


def test_a_token_of_another_issuer_opens_nothing(
    system: System, authority: Authority, oidc_provider: OidcProvider
) -> None:
    """The same provider, but it names itself otherwise than the settings say."""
    client = with_service(system, f"http://127.0.0.1:{oidc_provider.port}/.").test_client()
    sent = client.get("/login/service")
    answer = come_back(client, oidc_provider.consent(sent.headers["Location"], person(oidc_provider)))
    assert answer.status_code == 403
    assert not key_of(client)


def test_who_says_no_at_the_service_is_back_at_the_log_in(client: FlaskClient, oidc_provider: OidcProvider) -> None:
    back = oidc_provider.deny(client.get("/login/service").headers["Location"])
    answer = come_back(client, back)
    assert answer.status_code == 403
    assert "was not completed" in answer.text


def test_without_the_service_the_password_still_does(system: System, authority: Authority) -> None:
    client = with_service(system, f"http://localhost:{free_port()}").test_client()
    answer = client.get("/login/service")
    assert answer.status_code == 503
    assert "does not answer" in answer.text
    assert 'name="password"' in answer.text


def test_the_secret_reaches_no_log(
    client: FlaskClient,
    oidc_provider: OidcProvider,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with caplog.at_level("DEBUG", logger="app"):
        log_in(client, oidc_provider, person(oidc_provider, "nobody@elsewhere.example"))
    out = capfd.readouterr()
    assert CLIENT_SECRET not in caplog.text + out.out + out.err


def test_settings_that_are_half_there_stop_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUUKKU_OIDC_ISSUER", "http://id.example.org")
    monkeypatch.setenv("LUUKKU_SECOND_FACTOR", "nobody")
    with pytest.raises(SettingsError, match="LUUKKU_SECOND_FACTOR must be one of"):
        load_settings()
    monkeypatch.setenv("LUUKKU_SECOND_FACTOR", "all")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert len(caught.value.faults) == 2
