"""A real Dovecot: IMAP, IMAPS and LMTP on free loopback ports, unprivileged, from one file, thrown away afterwards.

Any user name has a mailbox and logs in with the password `secret`. The certificate is signed by an authority of ours.
"""

from __future__ import annotations

import contextlib
import datetime
import grp
import ipaddress
import os
import pwd
import smtplib
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.servers.process import LOOPBACK, answers, free_port, running, scratch_folder

PROGRAM = Path("/usr/sbin/dovecot")
PASSWORD = "secret"
GREETING = b"* OK "
CONFIG = """\
protocols = imap lmtp
listen = {host}
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{folder}/mail/%u
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
mail_fsync = never
auth_mechanisms = plain login
imap_hibernate_timeout = 0
mail_max_userip_connections = 100
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u allow_all_users=yes
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp_port}
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


@dataclass(frozen=True)
class DovecotServer:
    """Where the server listens; `ca_file` is the authority that signed its certificate for localhost."""

    folder: Path
    imap_port: int
    imaps_port: int
    lmtp_port: int
    host: str = LOOPBACK
    password: str = PASSWORD

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    def deliver(self, raw: bytes, user: str) -> None:
        """Hands one mail to the user's INBOX as a mail server does, over LMTP; returns once it is stored."""
        with smtplib.LMTP(self.host, self.lmtp_port, timeout=10) as lmtp:
            lmtp.sendmail("mta@example.org", [user], raw)

    def doveadm(self, *arguments: str) -> str:
        """The output of one doveadm command on this server."""
        command = ["doveadm", "-c", str(self.folder / "dovecot.conf"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        if done.returncode:
            raise AssertionError(f"{command}: {done.stderr or done.stdout}")
        return done.stdout


def is_installed() -> bool:
    """Whether the server's programs are on this machine."""
    return PROGRAM.exists()


@contextlib.contextmanager
def running_dovecot(folder: Path | None = None) -> Iterator[DovecotServer]:
    """A Dovecot in `folder`, or in one of its own that goes with it."""
    is_root = os.geteuid() == 0
    uid, gid = (65534, 65534) if is_root else (os.geteuid(), os.getegid())
    user, group = pwd.getpwuid(uid).pw_name, grp.getgrgid(gid).gr_name
    with scratch_folder("dovecot", owner="nobody" if is_root else "") as scratch:
        server = DovecotServer(folder or scratch, free_port(), free_port(), free_port())
        write_certificates(server.folder)
        settings = {"user": user, "group": group, "uid": uid, "gid": gid, "password": PASSWORD}
        ports = {"imap_port": server.imap_port, "imaps_port": server.imaps_port, "lmtp_port": server.lmtp_port}
        config = server.folder / "dovecot.conf"
        config.write_text(CONFIG.format(host=LOOPBACK, folder=server.folder, **settings, **ports))
        if is_root:
            give_away(server.folder, uid, gid)
        with running(
            [PROGRAM, "-F", "-c", config],
            log=server.folder / "output",
            is_ready=lambda: is_dovecot(server),
            timeout=20,
            user="nobody" if is_root else "",
        ):
            yield server


def is_dovecot(server: DovecotServer) -> bool:
    """Whether the greeting is Dovecot's own and LMTP answers too."""
    try:
        with socket.create_connection((server.host, server.imap_port), timeout=1) as connection:
            greeting = connection.recv(512)
    except OSError:
        return False
    if not greeting:
        return False
    assert greeting.startswith(GREETING), greeting
    assert b"Dovecot" in greeting, greeting
    return answers(server.lmtp_port, b"LHLO tests.example.org\r\n", begins=b"220 ")


def give_away(folder: Path, uid: int, gid: int) -> None:
    """Makes the server's user the owner of everything it reads."""
    os.chown(folder, uid, gid)
    for path in folder.iterdir():
        os.chown(path, uid, gid)


def write_certificates(folder: Path) -> None:
    """ca.pem, and cert.pem with key.pem for localhost and the loopback address."""
    authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = certificate("Luukku test authority", authority_key, authority_key, "Luukku test authority", is_ca=True)
    server = certificate("localhost", server_key, authority_key, "Luukku test authority", is_ca=False)
    (folder / "ca.pem").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    (folder / "cert.pem").write_bytes(server.public_bytes(serialization.Encoding.PEM))
    key = server_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(key)
    (folder / "key.pem").chmod(0o600)


def certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    signed_by: ec.EllipticCurvePrivateKey,
    issuer: str,
    *,
    is_ca: bool,
) -> x509.Certificate:
    """A certificate for one day."""
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(LOOPBACK))]
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
    )
    return builder.sign(signed_by, hashes.SHA256())
