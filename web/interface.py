"""The interface, described: OpenAPI documents, the schema of each type, and a page to read.

All of them are for whoever asks: they say what can be asked, and nothing that is known.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
import yaml  # type: ignore[import-untyped]  # It ships no types.
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from web import (
    api,
    audit_routes,
    catalogue,
    change_routes,
    command_catalogue,
    command_change_routes,
    command_routes,
    control_routes,
    device_socket,
    entity_batch,
    entity_routes,
    history_routes,
    key_routes,
    legacy,
    mission_routes,
    nats_credential_routes,
    organization_routes,
    past_routes,
    people_routes,
    relationships,
    status_routes,
    telemetry,
)
from web.assets import STATIC
from web.docs_page import POLICY, docs
from web.openapi import Json
from web.openapi_document import openapi
from web.openapi_older import older
from web.problems import Problem

OPERATIONS = (
    *organization_routes.operations,
    *key_routes.operations,
    *nats_credential_routes.operations,
    *people_routes.operations,
    *api.operations,
    *entity_routes.operations,
    *entity_batch.operations,
    *relationships.operations,
    *change_routes.operations,
    *command_routes.operations,
    *command_change_routes.operations,
    *control_routes.operations,
    *command_catalogue.operations,
    *mission_routes.operations,
    *past_routes.operations,
    *history_routes.operations,
    *telemetry.operations,
    *device_socket.operations,
    *catalogue.operations,
    *audit_routes.operations,
    *status_routes.operations,
    *legacy.operations,
)
# What the page loads: files that others have to sign in for.
ASSETS = {
    "docs.css": STATIC / "docs.css",
    "docs.js": STATIC / "docs.js",
    "inter.woff2": STATIC / "vendor" / "inter-500.woff2",
    "mono.woff2": STATIC / "vendor" / "jetbrains-mono-400.woff2",
}
# The documents change only with the program.
_HEADERS = {"Cache-Control": "public, max-age=300"}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE = "#/components/schemas/"


@cache
def document() -> Json:
    """The document, OpenAPI 3.1."""
    return openapi(OPERATIONS)


@cache
def _older() -> Json:
    return older(document())


async def schema(request: Request) -> Response:
    """``GET /api/schemas/{name}.json``: the JSON Schema of one type, with those it is made of."""
    schemas = document()["components"]["schemas"]
    name: str = request.path_params["name"]
    if name not in schemas:
        raise Problem(404, "Schema not found")
    wanted, found = [name], {}
    while wanted:
        one = wanted.pop()
        found[one] = schemas[one]
        wanted += {each for each in _references(schemas[one]) if each not in found}
    rest = {each: found[each] for each in sorted(found) if each != name}
    whole: Json = {"$schema": _DIALECT, **found[name]}
    if rest:
        whole["$defs"] = rest
    text = msgspec.json.encode(whole).decode()
    text = text.replace(f'"{_REFERENCE}{name}"', '"#"').replace(_REFERENCE, "#/$defs/")
    return Response(text, headers=_HEADERS, media_type="application/schema+json")


def _references(value: Any) -> set[str]:
    """The names of the types that a schema refers to."""
    if isinstance(value, list):
        return {name for each in value for name in _references(each)}
    if not isinstance(value, dict):
        return set()
    named = value.get("$ref")
    own = {named.removeprefix(_REFERENCE)} if isinstance(named, str) else set()
    return own | {name for each in value.values() for name in _references(each)}


@cache
def _json(made: Callable[[], Json]) -> bytes:
    return msgspec.json.encode(made())


@cache
def _yaml(made: Callable[[], Json]) -> str:
    # Read from text, nothing is in two places: readers need not know of YAML's anchors.
    whole = msgspec.json.decode(_json(made))
    text: str = yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=100)
    return text


def _as_json(made: Callable[[], Json]) -> Callable[[Request], Response]:
    # Not async: what is made first takes a moment, and others need not wait for it.
    def answer(_request: Request) -> Response:
        return Response(_json(made), headers=_HEADERS, media_type="application/json")

    return answer


def _as_yaml(made: Callable[[], Json]) -> Callable[[Request], Response]:
    def answer(_request: Request) -> Response:
        return Response(_yaml(made), headers=_HEADERS, media_type="application/yaml")

    return answer


@cache
def _page() -> str:
    return docs(document())


def docs_page(_request: Request) -> Response:
    """``GET /api/docs``: the document as people read it."""
    return HTMLResponse(_page(), headers={**_HEADERS, "Content-Security-Policy": POLICY})


async def docs_asset(request: Request) -> Response:
    """``GET /api/docs/{name}``: what that page loads."""
    return FileResponse(ASSETS[request.url.path.rpartition("/")[2]], headers=_HEADERS)


routes = [
    Route("/api/openapi.json", _as_json(document), methods=["GET"]),
    Route("/api/openapi.yaml", _as_yaml(document), methods=["GET"]),
    Route("/api/openapi-3.0.json", _as_json(_older), methods=["GET"]),
    Route("/api/openapi-3.0.yaml", _as_yaml(_older), methods=["GET"]),
    Route("/api/schemas/{name}.json", schema, methods=["GET"]),
    Route("/api/docs", docs_page, methods=["GET"]),
    *(Route(f"/api/docs/{name}", docs_asset, methods=["GET"]) for name in ASSETS),
]
