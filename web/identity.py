"""Who asks: an organisation's session or key, and what it may do."""

from collections.abc import Iterable, Mapping

import msgspec
from starlette.requests import HTTPConnection

from web.problems import Problem

ADMIN = "admin"
# Both spellings have been handed out.
_ALIASES = {"orgs:read": "organizations:read", "orgs:write": "organizations:write"}
# A key with one of these has a credential for NATS beside it, with these rights there.
NATS_SCOPES = frozenset(
    (
        "nats:telemetry", "nats:commands", "nats:commands:write", "nats:entities",
        "nats:events", "nats:all",
    )
)  # fmt: skip
SCOPES = NATS_SCOPES | {
    "organizations:read", "organizations:write", "entities:read", "entities:write",
    "telemetry:write", "events:read", "events:write", "commands:read", "commands:write",
    "commands:approve", "missions:read", "missions:write", "video:write", "metrics:read",
    "audit:read", ADMIN,
}  # fmt: skip
# What one scope lets do besides: who may say it over NATS may say it over HTTP.
_IMPLIED: Mapping[str, str] = {
    "nats:telemetry": "telemetry:write",
    "nats:all": "telemetry:write",
}

VIEWER, OPERATOR, COMMANDER = "viewer", "operator", "commander"
_VIEWS = frozenset(
    ("organizations:read", "entities:read", "events:read", "commands:read", "missions:read")
)
_OPERATES = _VIEWS | {
    "entities:write",
    "events:write",
    "commands:write",
    "missions:write",
    "metrics:read",
}
_COMMANDS = _OPERATES | {"organizations:write", "audit:read", "commands:approve"}
# The roles of people, the least first: what each may ask of the interface.
ROLES: Mapping[str, frozenset[str]] = {
    VIEWER: _VIEWS,
    OPERATOR: _OPERATES,
    COMMANDER: _COMMANDS,
    ADMIN: frozenset((ADMIN,)),
}


class UnknownScope(ValueError):
    """Names the scope and those that there are."""


class Identity(msgspec.Struct, frozen=True):
    """An organisation's member. ``session`` or ``key`` is the hash of what it has shown.

    ``user`` and ``role`` are a person's; a key has neither. ``first`` tells whether the
    organisation is the deployment's first, whose admins look after all the others;
    ``others`` are organisations that they have made, and may see to as to their own. Who
    ``needs_passkey`` sees no page but the one on which to add it.
    """

    organization: str
    scopes: frozenset[str]
    session: str = ""
    key: str = ""
    user: str = ""
    role: str = ""
    first: bool = False
    others: frozenset[str] = frozenset()
    needs_passkey: bool = False

    def may(self, scope: str) -> bool:
        return (
            scope in self.scopes
            or ADMIN in self.scopes
            or any(_IMPLIED.get(each) == scope for each in self.scopes)
        )

    @property
    def governs_all(self) -> bool:
        return self.first and ADMIN in self.scopes

    def governs(self, organization: str) -> bool:
        """Whether the organisation is theirs to see to."""
        return organization == self.organization or organization in self.others or self.governs_all


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


def require(request: HTTPConnection, scope: str, organization: str | None = None) -> Identity:
    """Who makes the request, if they may; of ``organization``, where it is of one.

    Raises:
        Problem: 403, they may not; 404, the organisation is not theirs, whether or not it exists.
    """
    who = identity(request)
    if not who.may(scope):
        raise Problem(403, f"Insufficient scope: {scope}")
    if organization is not None and not who.governs(organization):
        raise Problem(404, "Organization not found")
    return who
