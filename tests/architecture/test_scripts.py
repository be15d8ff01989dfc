"""The scripts do nothing twice, leave nothing behind, and do not pass over what was left out."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

Load = Callable[[str], ModuleType]


@pytest.fixture
def packages(script: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = script("system_packages")
    monkeypatch.setattr(module, "POLICY", tmp_path / "policy-rc.d")
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    return module


def break_off(packages: ModuleType) -> None:
    with packages.services_held_back():
        assert packages.POLICY.stat().st_mode & 0o777 == 0o755
        assert subprocess.run([packages.POLICY]).returncode == 101
        raise KeyboardInterrupt


def test_services_may_start_again_after_an_installation_that_was_broken_off(packages: ModuleType) -> None:
    with pytest.raises(KeyboardInterrupt):
        break_off(packages)
    assert not packages.POLICY.exists()


def test_an_administrators_own_policy_on_services_is_put_back(packages: ModuleType) -> None:
    packages.POLICY.write_text("#!/bin/sh\nexit 104\n")
    packages.POLICY.chmod(0o700)
    with pytest.raises(KeyboardInterrupt):
        break_off(packages)
    assert packages.POLICY.read_text() == "#!/bin/sh\nexit 104\n"
    assert packages.POLICY.stat().st_mode & 0o777 == 0o700


def test_a_policy_that_a_killed_run_left_is_removed(packages: ModuleType) -> None:
    packages.POLICY.write_text(packages.NO_SERVICE_STARTS)
    with packages.services_held_back():
        pass
    assert not packages.POLICY.exists()


def test_what_is_missing_is_named_with_what_is_left_out(
    packages: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    need = packages.Need("Otter", ("otter-server",), ("/nowhere/otter",), "swimming")
    monkeypatch.setattr(packages, "NEEDS", (need,))
    monkeypatch.setattr(packages, "can_install", lambda: False)
    assert packages.main() == 0
    assert capsys.readouterr().out == "Otter is missing (Debian: otter-server). Left out: swimming.\n"


@pytest.fixture
def environment(script: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The bootstrap with an environment that looks complete for `demo`."""
    module = script("bootstrap")
    for name, path in {"VENV": "", "PYTHON": "python", "COMMAND": "luukku", "STAMP": "stamp", "LOCK": "lock"}.items():
        monkeypatch.setattr(module, name, tmp_path / path)
    module.PYTHON.touch()
    module.COMMAND.touch()
    module.STAMP.write_text(json.dumps({"fingerprint": module.fingerprint(), "extras": []}))
    monkeypatch.setattr(module, "install", lambda wanted: pytest.fail(f"installs {sorted(wanted)}"))
    return module


def test_a_second_start_installs_nothing(environment: ModuleType) -> None:
    assert environment.main(["demo"]) == 0


def test_the_tests_install_what_the_demo_did_not_need(environment: ModuleType) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"installs \['dev', 'pg', 'redis'\]"):
        environment.main(["test"])


def test_a_changed_dependency_is_installed(environment: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "fingerprint", lambda: "another")
    with pytest.raises(pytest.fail.Exception, match="installs"):
        environment.main(["demo"])


def test_a_missing_venv_module_is_named_by_its_package(
    environment: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(environment.os, "geteuid", lambda: 1000)
    assert "apt-get install python3-venv" in environment.missing_venv_module()


def test_in_ci_a_test_that_was_left_out_fails_the_run(script: Load) -> None:
    runner = script("run_tests")
    total = runner.Total(exits=[0, 5], reasons=["no otter (1)"])
    total.counts.update(passed=3, skipped=1)
    assert runner.what_is_wrong(total, in_ci=False) == []
    assert "no otter (1)" in runner.what_is_wrong(total, in_ci=True)[0]


@pytest.mark.parametrize(
    ("counts", "exits"),
    [({"passed": 3, "failed": 1}, [1, 0]), ({"passed": 3, "error": 1}, [1, 0]), ({"passed": 3}, [0, 3]), ({}, [5, 5])],
)
def test_a_run_fails_for_failures_for_a_crash_and_for_no_tests(
    script: Load, counts: dict[str, int], exits: list[int]
) -> None:
    runner = script("run_tests")
    total = runner.Total(exits=exits)
    total.counts.update(counts)
    assert runner.what_is_wrong(total, in_ci=False)


def test_the_last_line_is_the_plain_count(script: Load, capsys: pytest.CaptureFixture[str]) -> None:
    runner = script("run_tests")
    total = runner.Total()
    total.counts.update(passed=7, failed=1, error=1, skipped=2)
    total.databases.update(sqlite=3, postgresql=2)
    runner.print_closing(total, [])
    assert capsys.readouterr().out.splitlines() == [
        "Tests on SQLite: 3. Tests on PostgreSQL: 2. Left out: 2.",
        "7 passed, 2 failed, 2 skipped",
    ]


def test_a_linters_setting_is_no_reason_to_install_but_a_dependency_is(
    environment: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("setup.cfg", "pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_bytes((environment.ROOT / name).read_bytes())
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    setup, before = tmp_path / "setup.cfg", environment.fingerprint()
    setup.write_text(setup.read_text() + "\n[mypy-otter]\nignore_missing_imports = True\n")
    assert environment.fingerprint() == before
    setup.write_text(setup.read_text().replace("install_requires =", "install_requires =\n    otter"))
    assert environment.fingerprint() != before
