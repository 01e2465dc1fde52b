"""Who may see what: every route, for everybody who might ask."""

import re

import pytest
from serving import document, until
from starlette.routing import Mount

from web.identity import ROLES, SCOPES

pytestmark = pytest.mark.anyio

READS = {f"{each}:read" for each in ("organizations", "entities", "events", "commands", "missions")}
_CHANGES = {f"{each}:write" for each in ("entities", "events", "commands", "missions")}
OPERATES = READS | _CHANGES | {"metrics:read"}
EXPECTED = {
    "viewer": READS,
    "operator": OPERATES,
    "commander": OPERATES | {"organizations:write", "audit:read", "commands:approve"},
    "admin": set(SCOPES),
}

PUBLIC = {"/health", "/sign-in", "/sign-in/begin", "/sign-in/finish", "/invite"}
# The description of the interface tells nothing of what is there.
DESCRIBED = ("/api/docs", "/api/openapi", "/api/schemas/", "/api/v1/health")
NO_KEY = "Missing API key or Authorization header"
ENTITIES = "/api/v1/organizations/north/entities"
PAGES = ("/", "/map", "/entities/uav", "/no-such-page", "/health/", "//health", "/sign-in/x")
LOADED = ("/live/fleet", "/live/entities/uav", "/static/live.js")
PROGRAMS = (ENTITIES, f"{ENTITIES}/uav", f"{ENTITIES}/uav/state", "/api/v1/none", "/metrics")


async def test_only_few_routes_are_public(web):
    """Whatever route is added, it is private until the gate says otherwise."""
    seen = set()
    async with web.client(**{"Sec-Fetch-Site": "same-origin"}) as client:
        for route in web.application.routes:
            path = re.sub(r"\{.*?\}", "x", route.path)
            path = f"{path}/live.js" if isinstance(route, Mount) else path
            method = min(getattr(route, "methods", None) or {"GET"})
            answer = await client.request(method, path)
            if path in PUBLIC or path.startswith(DESCRIBED):
                seen.add(path)
                assert not turned_away(answer), path
            else:
                assert turned_away(answer), path
        assert (await client.get("/static/passkeys.js")).status_code == 200
    assert seen >= PUBLIC


def turned_away(answer):
    """Whether the gate has answered, and not what is behind it."""
    if answer.status_code == 401 and "json" in answer.headers["content-type"]:
        said = answer.json()
        told = said["detail"] if "detail" in said else said["error"]["message"]
        return told in ("Please sign in", NO_KEY)
    return (answer.status_code, answer.headers.get("location")) == (303, "/sign-in")


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_without_a_session_leads_to_where_to_get_one(web, path):
    """People are sent to a page that says what to do."""
    async with web.client() as client:
        answer = await client.get(web.address + path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        page = await client.get("/sign-in")
        assert page.status_code == 401
        assert "overwatch link" in page.text


@pytest.mark.parametrize("path", [*LOADED, *PROGRAMS])
async def test_without_any_credential_there_is_only_a_problem(web, path):
    """Programs are told in their own form, and nothing about what is there."""
    async with web.client() as client:
        answer = await client.get(path)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"status", "title", "detail"} == set(answer.json())


@pytest.mark.parametrize("token", ["", "x", "a" * 10_000, "'; DROP TABLE sessions; --", "é"])
async def test_a_made_up_session_is_none(web, token):
    """A cookie is looked up, never believed."""
    async with web.client(Cookie=f"overwatch_session={token}".encode()) as client:
        assert (await client.get("/live/fleet")).status_code == 401
        assert (await client.get("/map")).status_code == 303


async def test_a_session_sees_pages_streams_files_and_the_interface(web, bucket):
    """Somebody who has signed in sees all of their organisation."""
    await bucket.put("uav", document("uav"))
    await until(lambda: web.site.picture.entities("north"))
    async with web.signed_in() as client:
        for path in ("/map", "/entities/uav", ENTITIES, f"{ENTITIES}/uav/state", "/metrics"):
            assert (await client.get(path)).status_code == 200, path
        assert (await client.get("/")).headers["location"] == "/map"
        assert (await client.get("/nothing")).status_code == 404
        assert (await client.get("/static/nothing")).status_code == 404
        assert (await client.get("/static/..%2fapp.py")).status_code == 404


async def test_a_session_of_another_organisation_sees_none_of_it(web, bucket):
    """Foreign organisations are not even said to exist."""
    await bucket.put("uav", document("uav"))
    await until(lambda: web.site.picture.entities("north"))
    token = await web.session("south")
    async with web.client(Cookie=f"overwatch_session={token}") as client:
        assert "uav" not in (await client.get("/map")).text
        for path in ("/entities/uav", "/live/entities/uav", ENTITIES, f"{ENTITIES}/uav/state"):
            assert (await client.get(path)).status_code == 404, path


async def test_a_key_opens_the_interface_and_nothing_else(web, bucket):
    """Keys are for programs: no page, no stream, no file."""
    await bucket.put("uav", document("uav"))
    await until(lambda: web.site.picture.entities("north"))
    key = web.key("north", "admin")
    async with web.client(**{"X-API-Key": key}) as client:
        assert (await client.get(ENTITIES)).status_code == 200
        assert (await client.get(f"{ENTITIES}/uav/state")).status_code == 200
        assert (await client.get("/metrics")).status_code == 200
        assert (await client.get("/map")).status_code == 303
        assert (await client.get("/live/fleet")).status_code == 401
        assert (await client.get("/static/live.js")).status_code == 401


async def test_a_key_of_another_organisation_opens_none_of_it(web, bucket):
    """Even an administrator's."""
    await bucket.put("uav", document("uav"))
    await until(lambda: web.site.picture.entities("north"))
    async with web.client(Authorization=f"Bearer {web.key('south', 'admin')}") as client:
        for path in (ENTITIES, f"{ENTITIES}/uav", f"{ENTITIES}/uav/state"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["detail"]) == (404, "Organization not found")


@pytest.mark.parametrize(
    ("path", "held", "needed"),
    [
        (ENTITIES, "organizations:read", "entities:read"),
        (f"{ENTITIES}/uav", "entities:write", "entities:read"),
        (f"{ENTITIES}/uav/state", "metrics:read", "entities:read"),
        ("/metrics", "entities:read", "metrics:read"),
    ],
)
async def test_a_key_without_the_scope_is_told_which(web, path, held, needed):
    """403, and the name of what is missing."""
    async with web.client(**{"X-API-Key": web.key("north", held)}) as client:
        answer = await client.get(path)

    assert answer.status_code == 403
    assert f"Insufficient scope: {needed}" == answer.json()["detail"]


async def test_a_bad_key_is_not_helped_by_a_good_session(web):
    """Whoever shows a key is judged by it."""
    async with web.signed_in(**{"X-API-Key": "c4_live_" + "0" * 64}) as client:
        assert (await client.get(ENTITIES)).status_code == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_what_is_read_only_is_not_written(web, method):
    """The method is refused to those who may read, and hidden from those who may not."""
    async with web.signed_in() as client:
        assert (await client.request(method, "/map")).status_code == 405
    async with web.client() as client:
        assert (await client.request(method, ENTITIES)).status_code == 401
        assert (await client.request(method, "/map")).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_cookie_alone_changes_nothing(web, method, headers):
    """Whatever the path: a browser sends the cookie for pages of anybody."""
    token = await web.session("north")
    async with web.client(Cookie=f"overwatch_session={token}", **headers) as client:
        for path in (ENTITIES, f"{ENTITIES}/uav", "/account/name", "/admin/people"):
            answer = await client.request(method, path)
            assert (answer.status_code, "our own pages" in answer.text) == (403, True), path


async def test_a_key_needs_no_page_of_ours(web):
    """No browser sends a key by itself."""
    headers = {"X-API-Key": web.key("north", "entities:read"), "Origin": "https://evil.example"}
    async with web.client(**headers) as client:
        answer = await client.request("DELETE", f"{ENTITIES}/uav")
        assert "our own pages" not in answer.text


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_is_what_its_row_says(web, role):
    """Of every scope that the interface asks for, a session has those of its role and no more."""
    token = await web.session("north", role)
    who = await web.site.sessions.find(token)
    allowed = {scope for scope in SCOPES if who.may(scope)}

    assert (who.role, allowed) == (role, EXPECTED[role])


async def test_pages_show_and_allow_what_the_role_may(web):
    """A link that leads nowhere is not shown, and what it would lead to is refused."""
    for role in ROLES:
        async with web.acting_as(role) as client:
            assert ("/admin/people" in (await client.get("/map")).text) == (role == "admin")
            asked = {"Accept": "text/html"}
            answer = await client.get("/admin/people", headers=asked)
            assert answer.status_code == (200 if role == "admin" else 403)
            assert answer.headers["content-type"].startswith("text/html")
            invited = await client.post(
                "/admin/people",
                data={"act": "invite", "email": f"{role}@example.org", "role": "viewer"},
            )
            assert invited.status_code == (200 if role == "admin" else 403)
