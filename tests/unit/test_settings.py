from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from app.core.config import SECRETS, Settings, load_settings
from app.core.errors import SettingsError
from app.core.secrets import with_secrets

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _no_settings_around(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("LUUKKU_")]:
        monkeypatch.delenv(name)


def test_all_faults_are_named_at_once_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "LUUKKU_PORT": "99999",
        "LUUKKU_DATABSE_URL": "x",
        "LUUKKU_DATABASE_URL": "mysql://x",
        "LUUKKU_SMTP_TLS": "maybe",
        "LUUKKU_SECRET_KEY": "short",
        "LUUKKU_UNDO_SECONDS": "soon",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    said = str(caught.value)
    assert all(name in said for name in wrong)
    assert "Did you mean LUUKKU_DATABASE_URL?" in said
    assert "short" not in said


def test_unset_settings_are_good_for_one_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LUUKKU_DATA_DIR", str(tmp_path))
    settings = load_settings()
    assert settings.is_sqlite
    assert settings.broker_url == "filesystem://localhost"
    assert settings.host == "127.0.0.1"


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a secret out of a file\n")
    monkeypatch.setenv("LUUKKU_SECRET_KEY_FILE", str(tmp_path / "key"))
    assert load_settings().secret_key == "a secret out of a file"


def test_a_shared_database_needs_a_shared_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUUKKU_DATABASE_URL", "postgresql://luukku@db/luukku")
    with pytest.raises(SettingsError, match="LUUKKU_SECRET_KEY is missing"):
        load_settings()


def test_secrets_never_show_in_the_settings_text() -> None:
    settings = Settings(**dict.fromkeys(SECRETS, "top secret value here"))
    assert "top secret" not in repr(settings)


def test_made_secrets_are_kept_for_the_owner_alone(tmp_path: Path) -> None:
    first = with_secrets(Settings(data_dir=tmp_path))
    assert with_secrets(Settings(data_dir=tmp_path)) == first
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0
    assert len(first.secret_key) >= 32
    assert first.secret_key != first.call_token


def test_the_settings_page_names_each_setting_and_no_other() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    named = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `LUUKKU_")}
    assert named == {"LUUKKU_" + field.name.upper() for field in fields(Settings)}
