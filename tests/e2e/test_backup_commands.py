"""Backup and restore as an administrator types them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from app.core.config import Settings
from app.core.system import System
from app.flows.sources import NewSource, add_source
from tests.factories import Authority, arrives, mail

ROOT = Path(__file__).resolve().parents[2]
KEY = "the key of another installation"


def luukku(settings: Settings, *command: str, folder: Path | None = None, key: str = "") -> tuple[int, str]:
    """Run a command on the test's database, or on SQLite in another folder; its exit code and all that it said."""
    place = {"LUUKKU_DATA_DIR": str(folder)} if folder else {"LUUKKU_DATABASE_URL": settings.database_url}
    keys = {"LUUKKU_SECRET_KEY": key or settings.secret_key, "LUUKKU_CALL_TOKEN": settings.call_token}
    environment = {"LUUKKU_DATA_DIR": str(settings.data_dir), **keys, **place}
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *command], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def test_nothing_is_backed_up_where_nothing_is(system: System, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    code, said = luukku(system.settings, "backup", str(tmp_path / "backups"), folder=empty)
    assert code == 1
    assert "There is no database" in said
    assert not (empty / "luukku.db").exists()
    assert not (tmp_path / "backups").exists()


def test_a_restored_system_says_which_passwords_it_cannot_open(
    system: System, authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "box" / "new").mkdir(parents=True)
    add_source(system, NewSource("drop", "email", "maildir", {"path": str(tmp_path / "box")}), password="secret")
    arrives(system, mail())
    assert luukku(system.settings, "backup", str(tmp_path / "backups"))[0] == 0
    (made,) = (tmp_path / "backups").iterdir()
    told = {}
    for name, key in (("same", system.settings.secret_key), ("other", KEY)):
        code, told[name] = luukku(system.settings, "restore", str(made), folder=tmp_path / name, key=key)
        assert (code, "0 disagreements" in told[name]) == (0, True), told[name]
    assert "does not open the passwords of: drop." in told["other"]
    assert "does not open" not in told["same"]
