"""The OpenAPI document, made of what each operation says of itself.

What every operation of a kind can answer (401 where a key is needed, 422 where there is a
body…) is added here.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import msgspec

from web.openapi import JSON, PROBLEM, PUBLIC, Json, Operation, ProblemDocument

TITLE = "Constellation Overwatch API"
VERSION = "1.0.0"
SERVER = "/api"

_DESCRIPTION = (
    "Entities, their live state and their history, and what devices tell. Ask with an API key in "
    "`X-API-Key`, or after `Authorization: Bearer`; what is another organisation's is answered as "
    "what does not exist. Errors are `application/problem+json` (RFC 9457)."
)
_SCHEMES: Json = {
    "APIKeyAuth": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "BearerAuth": {"type": "http", "scheme": "bearer"},
}


def openapi(operations: Iterable[Operation]) -> Json:
    """The document, OpenAPI 3.1, of these operations."""
    known = list(operations)
    references, components = msgspec.json.schema_components(
        _types(known), ref_template="#/components/schemas/{name}"
    )
    schemas = dict(zip(map(repr, _types(known)), references, strict=True))
    paths: Json = {}
    for each in known:
        path = each.path.removeprefix(SERVER)
        paths.setdefault(path, {})[each.method.lower()] = _operation(each, schemas, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": VERSION, "description": _DESCRIPTION},
        "servers": [{"url": SERVER}],
        "tags": [{"name": name} for name in dict.fromkeys(map(_tag, known))],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _SCHEMES},
    }


def _types(operations: list[Operation]) -> list[Any]:
    found = [ProblemDocument]
    for each in operations:
        found += [each.body, each.query, each.fault, *each.answers.values()]
    unique = {repr(each): each for each in found if each is not None and not isinstance(each, str)}
    return list(unique.values())


def _operation(each: Operation, schemas: Json, components: Json) -> Json:
    said: Json = {
        "operationId": each.operation_id,
        "summary": each.summary,
        "tags": [_tag(each)],
        "parameters": [
            *({"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
              for name in each.names),
            *_query(each, schemas, components),
            *({"name": name, "in": "header", "description": text, "schema": {"type": "string"}}
              for name, text in each.headers.items()),
        ],
        "responses": {str(code): _answer(each, code, answer, schemas)
                      for code, answer in sorted(_answers(each).items())},
        "security": [] if each.scope is PUBLIC else [{name: []} for name in _SCHEMES],
    }  # fmt: skip
    if each.deprecated:
        said["deprecated"] = True
    if each.description:
        said["description"] = each.description
    if each.scope:
        said["x-required-scope"] = each.scope
    if each.body is not None:
        content = {media: {"schema": schemas[repr(each.body)]} for media in each.body_media}
        said["requestBody"] = {"required": True, "content": content}
    return said


def _tag(each: Operation) -> str:
    """What it is about: the word after the organisation, where there is one."""
    first, *rest = each.path.removeprefix(f"{SERVER}/v1/").split("/")
    return each.tag or (rest[1] if len(rest) > 1 and first == "organizations" else first)


def _query(each: Operation, schemas: Json, components: Json) -> list[Json]:
    if each.query is None:
        return []
    name = schemas[repr(each.query)]["$ref"].rpartition("/")[2]
    schema = components[name]
    required = schema.get("required", [])
    return [
        {
            "name": field_name,
            "in": "query",
            "required": field_name in required,
            "description": field_schema.get("description", ""),
            "schema": field_schema,
        }
        for field_name, field_schema in schema["properties"].items()
    ]


def _answers(each: Operation) -> dict[int, Any]:
    """What it says itself, and what follows from its kind."""
    more: dict[int, Any] = {}
    if each.scope is not PUBLIC:
        more[401] = "There is no key, or it is not good."
    if each.scope:
        more[403] = f"The key lacks the scope {each.scope}."
    if each.names:
        more[404] = "There is no such thing, or it is another organisation's."
    if each.query is not None or each.body is not None:
        more[422] = "A value is not as it has to be."
    if "Idempotency-Key" in each.headers:
        more[422] = "A value is not as it has to be, or the Idempotency-Key was another request's."
    if each.body is not None:
        more |= {
            400: "The body cannot be read.",
            408: "The body was too slow.",
            413: "The body is too large.",
            415: "The body is of a kind that is not read.",
        }
    return {**more, **each.answers}


def _answer(each: Operation, code: int, answer: Any, schemas: Json) -> Json:
    if code >= HTTPStatus.BAD_REQUEST:
        text = answer if isinstance(answer, str) else HTTPStatus(code).phrase
        kind = each.fault if isinstance(answer, str) else answer
        # Whoever is not known is turned away before it is known what they ask.
        if kind is None or code == HTTPStatus.UNAUTHORIZED:
            content = {PROBLEM: {"schema": schemas[repr(ProblemDocument)]}}
        else:
            content = {JSON: {"schema": schemas[repr(kind)]}}
        return {"description": text, "content": content}
    headers = {name: {"description": text, "schema": {"type": "string"}}
               for name, text in each.gives.items()}  # fmt: skip
    said: Json = {"description": answer if isinstance(answer, str) else HTTPStatus(code).phrase}
    if headers:
        said["headers"] = headers
    if not isinstance(answer, str):
        said["content"] = {
            media: {"schema": schemas[repr(answer)] if media.endswith("json") else {}}
            for media in each.media
        }
    elif code == HTTPStatus.OK:
        said["content"] = {media: {"schema": {"type": "string"}} for media in each.media}
    return said
