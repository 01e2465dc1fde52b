"""Who may do what: one row for each route, and those who might ask."""

from dataclasses import dataclass, field

from starlette.routing import Mount, Route, WebSocketRoute

from web.identity import SCOPES

HOME, FIRST, FOREIGN = "south", "north", "east"
# What a page or an answer of an organisation says, and nobody else may read.
SECRETS = {HOME: "the-secret-of-south", FOREIGN: "the-secret-of-east"}
# What one scope lets do besides itself.
IMPLIES = {"telemetry:write": {"nats:telemetry", "nats:all"}}
# The least role that has a scope; who is no admin gives nobody's telemetry and frames.
LEAST = {
    "": "viewer",
    "organizations:read": "viewer",
    "entities:read": "viewer",
    "events:read": "viewer",
    "commands:read": "viewer",
    "missions:read": "viewer",
    "entities:write": "operator",
    "events:write": "operator",
    "commands:write": "operator",
    "missions:write": "operator",
    "metrics:read": "operator",
    "organizations:write": "commander",
    "audit:read": "commander",
    "commands:approve": "commander",
    "telemetry:write": "admin",
    "admin": "admin",
}
ROLES = ("viewer", "operator", "commander", "admin")


@dataclass(frozen=True)
class Row:
    """What a route wants.

    Args:
        kind: ``public``; ``page`` and ``loaded`` for sessions; ``api`` for keys and sessions;
            ``socket`` for keys.
        scope: without which nobody passes; "" for whoever is known.
        query: what stands in the query, for a route that is asked so.
        undone: that to pass is not tried, for it would undo what the others need.
        first: that only those of the first organisation pass.
    """

    kind: str
    scope: str = ""
    query: str = ""
    undone: bool = False
    first: bool = False


PUBLIC, PAGE, LOADED, SOCKET = Row("public"), Row("page"), Row("loaded"), Row("socket")
ADMIN_PAGE = Row("page", "admin")


def api(scope: str = "", **more) -> Row:
    return Row("api", scope, **more)


def page(scope: str = "", **more) -> Row:
    return Row("page", scope, **more)


_ORG = "/api/v1/organizations/{org_id}"
_ENTITY = f"{_ORG}/entities/{{entity_id}}"
_KEY = f"{_ORG}/keys/{{key_id}}"
_NATS = f"{_ORG}/nats-credentials"
_CREDENTIAL = f"{_NATS}/{{public_key}}"
_USER = f"{_ORG}/users/{{user_id}}"
_RELATED = f"{_ENTITY}/relationships"
_MISSION = f"{_ORG}/missions/{{mission_id}}"
_COMMANDS = f"{_ORG}/commands"
_COMMAND = f"{_COMMANDS}/{{command_id}}"

TABLE: dict[str, Row] = {
    "GET /": PAGE,
    "GET /map": PAGE,
    "GET /entities/{entity_id}": PAGE,
    "POST /entities/{entity_id}": page("commands:write"),
    "GET /live/fleet": LOADED,
    "GET /live/entities/{entity_id}": LOADED,
    "GET /static": LOADED,
    # Coming in, and what is one's own.
    "GET /sign-in": PUBLIC,
    "POST /sign-in/begin": PUBLIC,
    "POST /sign-in/finish": PUBLIC,
    "GET /invite": PUBLIC,
    "POST /invite": PUBLIC,
    "POST /sign-out": page(undone=True),
    "GET /account": PAGE,
    "GET /account/passkey": PAGE,
    "POST /account/passkey/begin": PAGE,
    "POST /account/passkey/finish": PAGE,
    "POST /account/name": PAGE,
    "POST /account/passkeys/rename": PAGE,
    "POST /account/passkeys/remove": PAGE,
    "POST /account/sessions/end": PAGE,
    # People.
    "GET /admin/people": ADMIN_PAGE,
    "POST /admin/people": ADMIN_PAGE,
    "GET /admin/people/{org_id}": ADMIN_PAGE,
    "POST /admin/people/{org_id}": ADMIN_PAGE,
    f"GET {_ORG}/users": api("admin"),
    f"GET {_USER}": api("admin"),
    f"PATCH {_USER}": api("admin"),
    f"DELETE {_USER}": api("admin", undone=True),
    f"GET {_USER}/sessions": api("admin"),
    f"DELETE {_USER}/sessions": api("admin", undone=True),
    f"DELETE {_USER}/sessions/{{session_id}}": api("admin"),
    f"GET {_ORG}/invites": api("admin"),
    f"POST {_ORG}/invites": api("admin"),
    f"DELETE {_ORG}/invites/{{invite_id}}": api("admin"),
    # Organisations.
    "GET /organizations": page("organizations:read"),
    "POST /organizations": page("organizations:write"),
    "GET /api/v1/organizations": api("organizations:read"),
    "POST /api/v1/organizations": api("organizations:write", first=True),
    "GET /api/v1/organizations?org_id": api("organizations:read", query="org_id={org_id}"),
    f"GET {_ORG}": api("organizations:read"),
    f"PATCH {_ORG}": api("organizations:write"),
    f"PUT {_ORG}": api("organizations:write"),
    f"DELETE {_ORG}": api("admin", undone=True),
    "GET /admin/audit": page("audit:read"),
    "GET /admin/audit/{org_id}": page("audit:read"),
    f"GET {_ORG}/audit": api("audit:read"),
    # Keys and credentials.
    "GET /admin/keys": page("organizations:write"),
    "POST /admin/keys": page("organizations:write"),
    "GET /admin/keys/{org_id}": page("organizations:write"),
    "POST /admin/keys/{org_id}": page("organizations:write"),
    f"GET {_ORG}/keys": api("organizations:write"),
    f"POST {_ORG}/keys": api("organizations:write"),
    f"GET {_KEY}": api("organizations:write"),
    f"PATCH {_KEY}": api("organizations:write"),
    f"DELETE {_KEY}": api("organizations:write", undone=True),
    f"POST {_KEY}/rotate": api("organizations:write", undone=True),
    f"GET {_NATS}": api("admin"),
    f"POST {_NATS}": api("admin"),
    f"GET {_CREDENTIAL}": api("admin"),
    f"PATCH {_CREDENTIAL}": api("admin"),
    f"DELETE {_CREDENTIAL}": api("admin"),
    f"POST {_CREDENTIAL}/rotate": api("admin"),
    # Entities.
    "GET /missions": page("missions:read"),
    "POST /missions": page("missions:write"),
    "GET /missions/{mission_id}": page("missions:read"),
    "POST /missions/{mission_id}": page("commands:write"),
    "GET /missions/{mission_id}/drawing": page("missions:read"),
    "GET /entities/{entity_id}/mission": page("missions:read"),
    "GET /live/missions/{mission_id}": Row("loaded", "missions:read"),
    "GET /fleet": page("entities:read"),
    "POST /fleet": page("entities:write"),
    "GET /fleet/{org_id}": page("entities:read"),
    "POST /fleet/{org_id}": page("entities:write"),
    f"GET {_ORG}/entities": api("entities:read"),
    f"POST {_ORG}/entities": api("entities:write"),
    f"POST {_ORG}/entities/batch": api("entities:write"),
    f"PATCH {_ORG}/entities/batch": api("entities:write"),
    f"GET {_ENTITY}": api("entities:read"),
    f"PUT {_ENTITY}": api("entities:write"),
    f"PATCH {_ENTITY}": api("entities:write"),
    f"DELETE {_ENTITY}": api("entities:write", undone=True),
    f"GET {_ENTITY}/state": api("entities:read"),
    f"GET {_ENTITY}/history": api("entities:read"),
    f"GET {_ORG}/entities/changes": api("entities:read"),
    f"WEBSOCKET {_ORG}/entities/changes/ws": Row("socket", "entities:read"),
    f"GET {_RELATED}": api("entities:read"),
    f"PUT {_RELATED}": api("entities:write"),
    f"DELETE {_RELATED}": api("entities:write", undone=True),
    f"PUT {_RELATED}/{{type}}/{{target}}": api("entities:write", undone=True),
    f"DELETE {_RELATED}/{{type}}/{{target}}": api("entities:write", undone=True),
    "GET /api/v1/entities": api("entities:read", query="org_id={org_id}"),
    **{
        f"{method} /api/v1/entities": api("entities:write", query="org_id={org_id}")
        for method in ("POST", "PUT", "DELETE")
    },
    # Commands.
    "GET /commands": page("commands:read"),
    "POST /commands": page("commands:write"),
    "GET /commands/{command_id}": page("commands:read"),
    "POST /commands/{command_id}": page("commands:write"),
    "GET /live/commands": Row("loaded", "commands:read"),
    "GET /live/commands/{command_id}": Row("loaded", "commands:read"),
    "GET /api/v1/commands/catalogue": api(),
    f"GET {_COMMANDS}": api("commands:read"),
    f"POST {_COMMANDS}": api("commands:write"),
    f"GET {_COMMANDS}/changes": api("commands:read"),
    f"WEBSOCKET {_COMMANDS}/changes/ws": Row("socket", "commands:read"),
    f"GET {_COMMAND}": api("commands:read"),
    f"POST {_COMMAND}/cancel": api("commands:write"),
    f"POST {_COMMAND}/approve": api("commands:approve"),
    f"POST {_COMMAND}/deny": api("commands:approve"),
    f"GET {_ENTITY}/commands": api("commands:read"),
    f"GET {_ENTITY}/control": api("commands:read"),
    f"POST {_ENTITY}/control": api("commands:write"),
    f"DELETE {_ENTITY}/control": api("commands:write"),
    # Missions.
    f"GET {_ORG}/missions": api("missions:read"),
    f"POST {_ORG}/missions": api("missions:write"),
    f"GET {_MISSION}": api("missions:read"),
    f"PUT {_MISSION}": api("missions:write"),
    f"DELETE {_MISSION}": api("missions:write", undone=True),
    f"GET {_MISSION}/versions": api("missions:read"),
    f"POST {_MISSION}/upload": api("commands:write"),
    f"GET {_MISSION}/progress": api("missions:read"),
    # Telemetry, and what is told of all.
    "POST /api/v1/telemetry": api("telemetry:write"),
    "WEBSOCKET /api/v1/telemetry/ws": Row("socket", "telemetry:write"),
    "GET /api/v1/signals": api(),
    "GET /health": PUBLIC,
    "GET /api/v1/health": PUBLIC,
    "GET /metrics": api("metrics:read"),
    "GET /api/openapi.json": PUBLIC,
    "GET /api/openapi.yaml": PUBLIC,
    "GET /api/openapi-3.0.json": PUBLIC,
    "GET /api/openapi-3.0.yaml": PUBLIC,
    "GET /api/schemas/{name}.json": PUBLIC,
    "GET /api/docs": PUBLIC,
    **{
        f"GET /api/docs/{name}": PUBLIC
        for name in ("docs.css", "docs.js", "inter.woff2", "mono.woff2")
    },
}


def routes(application) -> list[str]:
    """Every route that the application has, by method and path."""
    found = []
    for route in application.routes:
        if isinstance(route, WebSocketRoute):
            found.append(f"WEBSOCKET {route.path}")
        elif isinstance(route, Mount):
            found.append(f"GET {route.path}")
        else:
            mark = "?org_id" if type(route) is not Route else ""
            found += [f"{method} {route.path}{mark}" for method in sorted(route.methods - {"HEAD"})]
    # It says that there is no such method, to whoever is known.
    return [each for each in found if each != "PATCH /api/v1/entities"]


@dataclass(frozen=True)
class Asker:
    """Somebody who might ask: how they show who they are, and what may be expected of it.

    ``session`` tells a person from a program; ``known`` that they are let in at all.
    """

    headers: dict[str, str] = field(default_factory=dict)
    organization: str = ""
    scopes: frozenset[str] = frozenset()
    session: bool = False
    role: str = ""

    @property
    def known(self) -> bool:
        return bool(self.organization)

    @property
    def governs_all(self) -> bool:
        admin = self.role == "admin" or "admin" in self.scopes
        return self.organization == FIRST and admin

    def governs(self, organization: str) -> bool:
        return organization == self.organization or self.governs_all

    def may(self, scope: str) -> bool:
        """By the tables of this file, not by those that are tested."""
        if self.role:
            return ROLES.index(self.role) >= ROLES.index(LEAST[scope])
        return not scope or bool(self.scopes & ({scope, "admin"} | IMPLIES.get(scope, set())))


def other_scopes(scope: str) -> frozenset[str]:
    """All scopes that a key can have but for those that let it do what ``scope`` does."""
    return SCOPES - {scope, "admin"} - IMPLIES.get(scope, set())
