"""The interface as it is described, and as it is."""

import re
from collections import Counter

import jsonschema
import pytest
import schemathesis
import yaml
from serving import served, settings_for
from starlette.routing import Route, WebSocketRoute

from web.identity import SCOPES
from web.interface import OPERATIONS
from web.openapi import ANYBODY, PUBLIC

pytestmark = pytest.mark.anyio

# What describes the interface is no part of it.
DESCRIPTION = re.compile(r"/api/(docs|openapi|schemas)")


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
async def web(anyio_backend, tmp_path_factory):
    settings = settings_for(tmp_path_factory.mktemp("interface"), "nats://127.0.0.1:9")
    async with served(settings) as running:
        yield running


@pytest.fixture
async def stranger(web):
    async with web.client() as client:
        yield client


async def test_every_route_is_described_and_nothing_else(web):
    """A route that nobody describes is as much a fault as a description of nothing."""
    served_routes = set()
    for route in web.application.routes:
        if isinstance(route, Route | WebSocketRoute) and route.path.startswith("/api/"):
            methods = route.methods if isinstance(route, Route) else {"GET"}
            served_routes |= {(method, route.path) for method in methods - {"HEAD"}}

    interface = {each for each in served_routes if not DESCRIPTION.match(each[1])}
    described = {(each.method, each.path) for each in OPERATIONS}
    assert described <= interface
    async with web.client(**{"X-API-Key": web.key("north", "admin")}) as client:
        for method, path in interface - described:  # Those that say no and nothing else.
            assert (await client.request(method, path)).status_code == 405, (method, path)


def test_an_operation_has_a_name_of_its_own_and_a_scope_that_there_is():
    """Programs are made of the one, keys of the other."""
    names = Counter(each.operation_id for each in OPERATIONS)

    assert [name for name, times in names.items() if times > 1] == []
    assert {each.scope for each in OPERATIONS} <= {*SCOPES, ANYBODY, PUBLIC}


async def test_the_document_is_for_whoever_asks(stranger):
    """It is what OpenAPI 3.1 says, and every reference leads somewhere."""
    found = await stranger.get("/api/openapi.json")

    document = found.json()
    schemathesis.openapi.from_dict(document).validate()
    for reference in set(re.findall(r'"\$ref":"#/components/schemas/([^"]+)"', found.text)):
        assert reference in document["components"]["schemas"], reference
    assert document["info"]["title"] == "Constellation Overwatch API"
    assert document["servers"] == [{"url": "/api"}]
    assert set(document["components"]["securitySchemes"]) == {"APIKeyAuth", "BearerAuth"}


async def test_all_schemas_are_json_schema(stranger):
    """Each of its own, with all that it refers to."""
    document = (await stranger.get("/api/openapi.json")).json()
    for name in document["components"]["schemas"]:
        answer = await stranger.get(f"/api/schemas/{name}.json")
        assert answer.headers["content-type"] == "application/schema+json"
        schema = answer.json()
        jsonschema.Draft202012Validator.check_schema(schema)
        for reference in re.findall(r'"\$ref":"#/\$defs/([^"]+)"', answer.text):
            assert reference in schema["$defs"]

    assert (await stranger.get("/api/schemas/none.json")).status_code == 404


async def test_yaml_says_the_same(stranger):
    """Without anchors, which not every reader knows."""
    text = (await stranger.get("/api/openapi.yaml")).text

    assert yaml.safe_load(text) == (await stranger.get("/api/openapi.json")).json()
    assert not re.search(r": [&*]id\d", text)


async def test_older_programs_get_an_older_document(stranger):
    """OpenAPI 3.0 has no type of null, no const, and no bound that is both number and edge."""
    older = await stranger.get("/api/openapi-3.0.json")

    schemathesis.openapi.from_dict(older.json()).validate()
    assert older.json()["openapi"] == "3.0.3"
    assert older.json()["paths"].keys() == (
        (await stranger.get("/api/openapi.json")).json()["paths"].keys()
    )
    for newer in ('"null"', '"const"', '"prefixItems"', '"$defs"'):
        assert newer not in older.text
    assert not re.search(r'"exclusive(Min|Max)imum":-?\d', older.text)
    assert yaml.safe_load((await stranger.get("/api/openapi-3.0.yaml")).text) == older.json()


async def test_the_page_names_every_operation_and_loads_nothing_of_others(stranger):
    """Its policy lets no script run that is not a file of ours."""
    page = await stranger.get("/api/docs")

    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert not re.search(r'(src|href)="(https?:)?//', page.text)
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", page.text)
    for each in OPERATIONS:
        assert f'id="{each.operation_id}"' in page.text
    for loaded in re.findall(r'(?:src|href)="(/api/docs/[^"]+)"', page.text):
        assert (await stranger.get(loaded)).status_code == 200


async def test_all_links_of_the_page_lead_somewhere(stranger):
    """To a place on it, or to a document that is served."""
    page = (await stranger.get("/api/docs")).text
    places = set(re.findall(r'\sid="([^"]+)"', page))

    assert set(re.findall(r'href="#([^"]+)"', page)) <= places
    for link in set(re.findall(r'href="(/[^"]+)"', page)):
        assert (await stranger.get(link)).status_code == 200, link


async def test_health_is_told_below_api_whatever_it_is(stranger):
    """Always with 200, as version 0.1.0 has it."""
    answer = await stranger.get("/api/v1/health")

    assert answer.status_code == 200
    said = answer.json()
    assert (said["status"], said["service"]) == ("degraded", "constellation-overwatch")
    assert said["details"] == {"database": "healthy", "nats": "unhealthy"}
