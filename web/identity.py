"""Who asks: an organisation's session or key, and what it may do."""

from collections.abc import Iterable

import msgspec
from starlette.requests import HTTPConnection

from web.problems import Problem

ADMIN = "admin"
# Both spellings have been handed out.
_ALIASES = {
    "orgs:read": "organizations:read",
    "orgs:write": "organizations:write",
    "nats:telemetry": "telemetry:write",
}
SCOPES = frozenset(
    (
        "organizations:read", "organizations:write", "entities:read", "entities:write",
        "metrics:read", "telemetry:write", ADMIN,
    )
)  # fmt: skip
# What somebody at the dashboard may ask of the interface.
SESSION_SCOPES = frozenset(("organizations:read", "entities:read", "metrics:read"))


class UnknownScope(ValueError):
    """Names the scope and those that there are."""


class Identity(msgspec.Struct, frozen=True):
    """An organisation's member. ``session`` or ``key`` is the hash of what it has shown."""

    organization: str
    scopes: frozenset[str]
    session: str = ""
    key: str = ""

    def may(self, scope: str) -> bool:
        return scope in self.scopes or ADMIN in self.scopes


def scopes(names: Iterable[str]) -> frozenset[str]:
    """Scopes by name, aliases resolved.

    Raises:
        UnknownScope: one is not known, or none is given.
    """
    found = frozenset(_ALIASES.get(name, name) for name in names)
    unknown = sorted(found - SCOPES)
    if unknown or not found:
        raise UnknownScope(
            f"{unknown[0] if unknown else 'Nothing'} is not a scope; there are "
            f"{', '.join(sorted(SCOPES | _ALIASES.keys()))}."
        )
    return found


def identity(request: HTTPConnection) -> Identity:
    """Who makes a request that has passed the gate."""
    who: Identity = request.scope["identity"]
    return who


def require(request: HTTPConnection, scope: str) -> Identity:
    """Who makes the request, if they may.

    Raises:
        Problem: 403, they may not.
    """
    who = identity(request)
    if not who.may(scope):
        raise Problem(403, f"Insufficient scope: {scope}")
    return who
