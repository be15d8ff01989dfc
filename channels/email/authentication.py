"""The verdict of our own mail server on the sender's domain (RFC 8601, DMARC of RFC 7489).

Anybody can write an Authentication-Results field, so only those with our own server's name are read, and that server
must remove fields that claim its name (RFC 8601 section 5). If one of ours says fail, it is fail.
"""

from __future__ import annotations

import re

from channels.contract import Authentication, Party
from channels.email.headers import Headers

_COMMENT = re.compile(r"\([^()]*\)")
_QUOTED = re.compile(r'"(?:[^"\\]++|\\.)*+"?')
_VERDICT = re.compile(r"(?:\A|;)\s*dmarc\s*=\s*([a-z]+)([^;]*)", re.IGNORECASE)
_HEADER_FROM = re.compile(r"header\.from\s*=\s*([^\s;]+)", re.IGNORECASE)


def read_authentication(headers: Headers, sender: Party | None, *, authserv_id: str) -> Authentication:
    """PASS only when our server says that DMARC passed for this sender's domain; without a name of ours NONE."""
    if not authserv_id or sender is None:
        return Authentication.NONE
    verdicts = [verdict for value in headers.all("authentication-results") for verdict in _verdicts(value, authserv_id)]
    if any(result == "fail" for result, _ in verdicts):
        return Authentication.FAIL
    if verdicts and verdicts[0][0] == "pass" and _covers(verdicts[0][1], sender.address):
        return Authentication.PASS
    return Authentication.NONE


def _verdicts(value: str, authserv_id: str) -> list[tuple[str, str]]:
    value = _QUOTED.sub(" ", value)
    for _ in range(3):
        value = _COMMENT.sub(" ", value)
    name, _, results = value.partition(";")
    if not name.split() or name.split()[0].lower() != authserv_id:
        return []
    found = _VERDICT.findall(";" + results)
    return [(result.lower(), _domain(rest)) for result, rest in found]


def _domain(rest: str) -> str:
    match = _HEADER_FROM.search(rest)
    return match[1].rpartition("@")[2].lower() if match else ""


def _covers(domain: str, address: str) -> bool:
    return not domain or address.rpartition("@")[2] == domain
