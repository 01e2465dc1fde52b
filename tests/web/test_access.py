"""Every route, for everybody who might ask: refused, unless the table says otherwise."""

from dataclasses import dataclass

import httpx
import msgspec
import pytest
from access import (
    FIRST,
    FOREIGN,
    HOME,
    ROLES,
    SECRETS,
    TABLE,
    Asker,
    other_scopes,
    routes,
)
from serving import DEADLINE, NatsServer, document, make_streams, served, settings_for, until
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from connectors.sqlite import open_database
from flows.ontology.stored_missions import Mission
from flows.outcomes import REGISTRY
from web.app import create_app
from web.identity import scopes as named
from web.missions import Said
from web.sessions import COOKIE

pytestmark = pytest.mark.anyio

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
HIDDEN = "Organization not found"


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@dataclass
class Place:
    """A web with three organisations, and ids of what the second of them has."""

    web: object
    ids: dict[str, str]
    askers: dict[str, Asker]
    client: httpx.AsyncClient

    def path(self, route: str) -> str:
        path = route.partition(" ")[2].replace("?org_id", "").format(**self.ids)
        query = TABLE[route].query.format(**self.ids)
        return f"{path}/live.js" if path == "/static" else f"{path}?{query}" if query else path

    def keys_for(self, scope: str) -> dict[str, Asker]:
        """A key that may just this, and one that may all but this."""
        return {
            f"a key of {scope}": self.key(HOME, frozenset({scope})),
            f"a key of all but {scope}": self.key(HOME, other_scopes(scope)),
        }

    def key(self, organization: str, held: frozenset[str]) -> Asker:
        text = self.web.site.keys.create(organization, named(held))
        return Asker({"X-API-Key": text}, organization, held)

    async def session(self, organization: str, role: str) -> Asker:
        token = await self.web.session(organization, role)
        headers = {"Cookie": f"{COOKIE}={token}", "Sec-Fetch-Site": "same-origin"}
        return Asker(headers, organization, session=True, role=role)


@pytest.fixture(scope="module")
async def place(anyio_backend, tmp_path_factory):
    server = NatsServer(tmp_path_factory.mktemp("js"))
    server.start()
    await make_streams(server.url)
    settings = settings_for(tmp_path_factory.mktemp("access"), server.url)
    open_database(settings.database, REGISTRY).close()
    async with (
        served(settings) as web,
        httpx.AsyncClient(base_url=web.address, timeout=DEADLINE) as client,
    ):
        await until(lambda: web.site.picture.connected)
        made = Place(web, {}, {}, client)
        for organization, secret in SECRETS.items():
            _furnish(web, organization, secret)
        made.ids = _ids(web)
        made.askers = await _askers(made)
        yield made
    server.stop()


def _furnish(web, organization, secret):
    """Something that a neighbour would like to read, wherever there is a place for it."""
    tables, entity_id = web.site.tables, f"gull-{organization}"
    tables.add_organization(organization, 1)
    tables.write("UPDATE organizations SET name = ? WHERE org_id = ?", (secret, organization))
    tables.write(
        "INSERT INTO entities (entity_id, org_id, name, entity_type, status, priority, created_at,"
        " updated_at) VALUES (?, ?, ?, 'waypoint', 'active', 'normal', '', '')",
        (entity_id, organization, secret),
    )
    web.site.missions.create(organization, Said(secret, "", "any", Mission()), "session")
    web.site.keys.ring.make(organization, frozenset({"entities:read"}), name=secret)
    web.site.people.add(organization, email="", name=secret, role="viewer")
    data = msgspec.json.encode(document(entity_id, organization, name=secret))
    web.site.picture.put(entity_id, data, 1, 1)


def _ids(web):
    """What stands for the parameters of paths: all of it is the second organisation's."""
    tables = web.site.tables

    def first(table, column):
        sql = f"SELECT {column} AS found FROM {table} WHERE org_id = ?"
        return tables.read(sql, (HOME,))[0]["found"]

    return {
        "org_id": HOME,
        "entity_id": f"gull-{HOME}",
        "key_id": first("api_keys", "key_id"),
        "user_id": first("users", "user_id"),
        "public_key": "none",
        "invite_id": "none",
        "command_id": "none",
        "mission_id": first("missions", "mission_id"),
        "session_id": "none",
        "type": "carries",
        "target": "none",
        "name": "Entity",
    }


async def _askers(place):
    web, everything = place.web, other_scopes("admin")
    revoked, expired = (place.key(HOME, frozenset({"admin"})) for _ in range(2))
    ring = web.site.keys.ring
    for asker, column in ((revoked, "revoked_at"), (expired, "expires_at")):
        hashed = ring.hashed(asker.headers["X-API-Key"])
        web.site.tables.write(f"UPDATE api_keys SET {column} = 1 WHERE key_hash = ?", (hashed,))
    disabled = await place.session(HOME, "admin")
    web.site.tables.write(
        "UPDATE users SET disabled_at = 1 WHERE user_id ="
        " (SELECT user_id FROM sessions WHERE org_id = ? ORDER BY rowid DESC LIMIT 1)",
        (HOME,),
    )
    return {
        "nobody": Asker(),
        "a made-up key": Asker({"X-API-Key": "c4_live_" + "0" * 64}),
        "a revoked key": Asker(revoked.headers),
        "an expired key": Asker(expired.headers),
        "somebody disabled": Asker(disabled.headers),
        "an admin's key": place.key(HOME, frozenset({"admin"})),
        "a foreign admin's key": place.key(FOREIGN, frozenset({"admin"})),
        "a key of the first that may all but be admin": place.key(FIRST, everything),
        "an admin's key of the first": place.key(FIRST, frozenset({"admin"})),
        **{f"the {role}": await place.session(HOME, role) for role in ROLES},
        "a foreign admin": await place.session(FOREIGN, "admin"),
        "a commander of the first": await place.session(FIRST, "commander"),
        "an admin of the first": await place.session(FIRST, "admin"),
    }


def test_every_route_is_in_the_table(tmp_path):
    """Whoever adds one says whom it is for; whoever takes one away takes its row."""
    application = create_app(settings_for(tmp_path, "nats://127.0.0.1:9"))

    found = set(routes(application))

    assert found - TABLE.keys() == set()
    assert TABLE.keys() - found == set()


@pytest.mark.parametrize("route", TABLE)
async def test_who_may_do_what_is_what_the_table_says(place, route):
    """And of another organisation nobody hears so much as its name."""
    row, method = TABLE[route], route.partition(" ")[0]
    named_in_path = "org_id" in route or "{org_id}" in row.query
    askers = dict(place.askers)
    if row.kind in ("api", "socket") and row.scope:
        askers |= place.keys_for(row.scope)
    for who, asker in askers.items():
        expected = _expected(row, asker, named_in_path=named_in_path)
        if expected == "passes" and row.undone:
            continue
        status, text, location = await _asked(place, method, place.path(route), asker)
        said = f"{who}: {method} {place.path(route)} -> {status} {text[:200]}"
        assert expected == _outcome(status, text, location, row), said
        for owner, secret in SECRETS.items():
            assert asker.governs(owner) or secret not in text, said
        assert status < 500 or status == 503, said


def _expected(row, asker, *, named_in_path):
    if row.kind == "public":
        return "passes"
    takes = {"page": asker.session, "loaded": asker.session, "socket": not asker.session}
    if not asker.known or not takes.get(row.kind, True):
        return "unknown"
    if not asker.may(row.scope):
        return "lacks the scope"
    if row.first and asker.organization != FIRST:
        return "lacks the scope"
    if named_in_path and not asker.governs(HOME):
        return "is not there"
    return "passes"


def _outcome(status, text, location, row):
    if row.kind == "public":
        return "passes" if location != "/sign-in" else "unknown"
    if status == 401 or (status == 303 and location == "/sign-in"):
        return "unknown"
    if status == 403:
        return "lacks the scope"
    if status == 404 and HIDDEN in text:
        return "is not there"
    return "passes"


async def _asked(place, method, path, asker):
    """Status, text and location of an answer; of a stream what comes first."""
    if method == "WEBSOCKET":
        return await _connected(place, path, asker)
    sent = place.client.stream(method, path, headers=asker.headers)
    async with sent as answer:
        location = answer.headers.get("location", "")
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            async for text in answer.aiter_text():
                return answer.status_code, text, location
        return answer.status_code, (await answer.aread()).decode(errors="replace"), location


async def _connected(place, path, asker):
    address = place.web.address.replace("http://", "ws://") + path
    try:
        async with connect(address, additional_headers=asker.headers, open_timeout=DEADLINE):
            return 101, "", ""
    except InvalidStatus as refused:
        return refused.response.status_code, (refused.response.body or b"").decode(), ""


@pytest.mark.parametrize("route", [each for each in TABLE if each.startswith(UNSAFE)])
async def test_no_page_of_others_lets_a_session_change_anything(place, route):
    """Browsers send the cookie along; what else they say tells our pages from others'."""
    method = route.partition(" ")[0]
    for said in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        headers = {"Cookie": place.askers["the admin"].headers["Cookie"], **said}
        answer = await place.client.request(method, place.path(route), headers=headers)
        assert answer.status_code == 403, f"{route} {said} {answer.text[:200]}"
