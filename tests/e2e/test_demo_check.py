from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest

from tests.e2e.conftest import RunningDemo, luukku

pytestmark = pytest.mark.demo


def failing_step(said: str) -> str:
    return next(re.sub(r"^\s*✗\s+\d+ ms\s+", "", line) for line in said.splitlines() if "✗" in line)


def left_behind() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("luukku-check-*"))


def test_the_check_passes_on_a_fresh_data_folder_and_leaves_nothing_there(tmp_path: Path) -> None:
    before = left_behind()
    done = luukku("demo", "check", var=tmp_path / "var")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"All is well: 2\d steps in", done.stdout)
    assert not (tmp_path / "var").exists()
    assert left_behind() <= before


def test_the_check_uses_a_demo_that_runs_already(demo: RunningDemo) -> None:
    done = luukku("demo", "check", var=demo.var, port=demo.port)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Checking the demo that runs at http://127.0.0.1:{demo.port}" in done.stdout
    assert demo.process.poll() is None


def test_without_a_worker_nobody_takes_the_mail(tmp_path: Path) -> None:
    done = luukku("demo", "check", "--without", "worker", "--patience", "5", var=tmp_path / "var")
    assert done.returncode == 1
    assert failing_step(done.stdout) == "It is on the ledger, its bytes kept"
    assert "does the worker run?" in done.stdout


def test_without_a_mail_server_the_receipt_does_not_come_back(tmp_path: Path) -> None:
    done = luukku("demo", "check", "--without", "sink", "--patience", "8", var=tmp_path / "var")
    assert done.returncode == 1
    assert failing_step(done.stdout) == "The receipt with the reference is back at the citizen"
    assert "does the mail server (sink) run?" in done.stdout


def test_without_suggestions_no_article_is_offered(tmp_path: Path) -> None:
    done = luukku("demo", "check", "--patience", "8", var=tmp_path / "var", LUUKKU_SUGGESTIONS="0")
    assert done.returncode == 1
    assert failing_step(done.stdout) == "Articles are suggested for it"
    assert "are the suggestions switched on" in done.stdout
