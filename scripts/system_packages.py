"""Install the servers and the browser that the tests start themselves, or say what is missing.

As root on Debian the missing packages are installed, and no package may start a service while that lasts. Otherwise
each missing program is named with the tests that are left out for it. Standard library only.
"""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

POLICY = Path("/usr/sbin/policy-rc.d")
NO_SERVICE_STARTS = "#!/bin/sh\n# scripts/test: packages are being installed and must not start services\nexit 101\n"


@dataclass(frozen=True)
class Need:
    """A program of the system that some tests start: where it lies, which packages bring it, what fails without it."""

    name: str
    packages: tuple[str, ...]
    files: tuple[str, ...]
    left_out: str

    def is_met(self) -> bool:
        return all(glob.glob(pattern) for pattern in self.files)


NEEDS = (
    Need(
        "PostgreSQL",
        ("postgresql",),
        ("/usr/lib/postgresql/*/bin/initdb", "/usr/lib/postgresql/*/bin/postgres"),
        "every test on PostgreSQL",
    ),
    Need(
        "Dovecot",
        ("dovecot-core", "dovecot-imapd", "dovecot-lmtpd"),
        ("/usr/sbin/dovecot", "/usr/lib/dovecot/imap", "/usr/lib/dovecot/lmtp"),
        "reading mail over IMAP",
    ),
    Need("Redis", ("redis-server",), ("/usr/bin/redis-server",), "jobs over Redis"),
    Need("RabbitMQ", ("rabbitmq-server",), ("/usr/lib/rabbitmq/bin/rabbitmq-server",), "jobs over RabbitMQ"),
    Need(
        "Chromium",
        ("chromium", "fonts-liberation"),
        ("/usr/bin/chromium", "/usr/share/fonts/truetype/liberation*/LiberationSans-Regular.ttf"),
        "the desk in a browser",
    ),
)


def main() -> int:
    """Install what is missing where that is possible, and name what stays missing."""
    missing = unmet()
    if missing and can_install():
        install([package for need in missing for package in need.packages])
        missing = unmet()
    for need in missing:
        print(f"{need.name} is missing (Debian: {' '.join(need.packages)}). Left out: {need.left_out}.")
    return 0


def unmet() -> list[Need]:
    """The needs whose programs are not on this machine."""
    return [need for need in NEEDS if not need.is_met()]


def can_install() -> bool:
    """Whether this is Debian or a relative of it, and we are root."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: Sequence[str]) -> None:
    """Install the packages; when that fails the end of the tool's output is shown."""
    begun = time.monotonic()
    print(f"Installing Debian packages (about a minute): {' '.join(packages)}", flush=True)
    with services_held_back():
        apt_get("update", "-q")
        failure = apt_get("install", "-q", "-y", "--no-install-recommends", *packages)
    print(failure or f"Installed after {time.monotonic() - begun:.0f} s.", flush=True)


def apt_get(*arguments: str) -> str:
    """Run Debian's package tool without questions; returns the end of its output when it failed, else ""."""
    done = subprocess.run(
        ["apt-get", "-o", "DPkg::Lock::Timeout=300", *arguments],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return "\n".join(done.stdout.splitlines()[-20:]) if done.returncode else ""


@contextlib.contextmanager
def services_held_back() -> Iterator[None]:
    """Forbid packages to start services (Debian's policy-rc.d), and put back what was there afterwards."""
    earlier = POLICY.read_bytes() if POLICY.exists() else None
    mode = POLICY.stat().st_mode if earlier is not None else 0
    if earlier == NO_SERVICE_STARTS.encode():  # left by a run that was killed
        earlier = None
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the lines below "finally" run
    try:
        POLICY.write_text(NO_SERVICE_STARTS)
        POLICY.chmod(0o755)
        yield
    finally:
        if earlier is None:
            POLICY.unlink(missing_ok=True)
        else:
            POLICY.write_bytes(earlier)
            POLICY.chmod(mode)


if __name__ == "__main__":
    sys.exit(main())
