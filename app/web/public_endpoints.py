"""The one list of what answers without a log-in; everything else demands one."""

from __future__ import annotations

PUBLIC_ENDPOINTS = frozenset({"static", "favicon", "home", "health", "ready", "metrics", "auth.login", "auth.log_in"})
PUBLIC_BLUEPRINTS = frozenset({"api", "console", "welcome", "code", "passkey", "service", "help"})
"""`api` has tokens of its own, `console` exists in demonstrations only, `help` is for anybody; the others log in"""
TOKEN_BLUEPRINTS = frozenset({"api"})
"""called by machines: no form, hence no form token"""
WITHOUT_SECOND_FACTOR = frozenset({"auth.logout", "preferences.stay"})
"""what a log-in may do that must first set up a second factor, beside setting it up"""
UNNOTICED_ENDPOINTS = frozenset(
    {"calls.ringing", "drafting.be_here", "live.stream", "console.happened", "console.came_back"}
)
"""asked for by the page itself: they do not show that a person is there"""


def is_public(endpoint: str) -> bool:
    """Whether anybody may call the endpoint."""
    return endpoint in PUBLIC_ENDPOINTS or endpoint.partition(".")[0] in PUBLIC_BLUEPRINTS


def is_open_without_second_factor(endpoint: str) -> bool:
    """Whether a log-in that must set up a second factor may call the endpoint."""
    return endpoint in WITHOUT_SECOND_FACTOR or endpoint.partition(".")[0] == "factors"
