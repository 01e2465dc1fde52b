"""Who may see what: every route, for everybody who might ask."""

import pytest
from serving import document, until
from starlette.routing import Mount

pytestmark = pytest.mark.anyio

PUBLIC = {"/health", "/sign-in"}
ENTITIES = "/api/v1/organizations/north/entities"
PAGES = ("/", "/map", "/entities/uav", "/no-such-page", "/health/", "//health", "/sign-in/x")
LOADED = ("/live/fleet", "/live/entities/uav", "/static/live.js")
PROGRAMS = (ENTITIES, f"{ENTITIES}/uav", f"{ENTITIES}/uav/state", "/api/v1/none", "/metrics")


async def test_only_two_routes_are_public(web):
    """Whatever route is added, it is private until the gate says otherwise."""
    async with web.client() as client:
        for route in web.application.routes:
            path = route.path.replace("{org_id}", "north").replace("{entity_id}", "uav")
            path = f"{path}/live.js" if isinstance(route, Mount) else path
            method = "POST" if path == "/sign-out" else "GET"
            answer = await client.request(method, path)
            if path in PUBLIC:
                assert "location" not in answer.headers
            else:
                assert answer.status_code in (303, 401), path


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
        assert (await client.request(method, ENTITIES)).status_code == 405
    async with web.client() as client:
        assert (await client.request(method, ENTITIES)).status_code == 401
        assert (await client.request(method, "/map")).status_code == 401
