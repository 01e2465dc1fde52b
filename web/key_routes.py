"""``/api/v1/organizations/{org_id}/keys``: API keys, for those who look after an organisation."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web import key_acts
from web.key_bodies import CreateKey, Key, NewKey, RotateKey, UpdateKey, told
from web.openapi import JSON, Message, Operation
from web.organization_acts import WRITE
from web.organization_routes import ONE as ORGANIZATION
from web.organization_routes import existing
from web.schema import decode, read


async def create(request: Request) -> Response:
    org_id = await _organization(request)
    return _json(await key_acts.make(request, org_id, await read(request, CreateKey)), 201)


async def list_all(request: Request) -> Response:
    """A bare array, the oldest first."""
    return _json(await key_acts.keys(request, await _organization(request)))


async def get(request: Request) -> Response:
    org_id = await _organization(request)
    return _json(told(await key_acts.key(request, org_id, _key(request))))


async def update(request: Request) -> Response:
    org_id = await _organization(request)
    wanted = await read(request, UpdateKey)
    return _json(await key_acts.change(request, org_id, _key(request), wanted))


async def rotate(request: Request) -> Response:
    org_id = await _organization(request)
    text = await request.body()
    wanted = decode(text, RotateKey) if text else RotateKey()
    return _json(await key_acts.rotate(request, org_id, _key(request), wanted.grace_seconds), 201)


async def revoke(request: Request) -> Response:
    org_id = await _organization(request)
    await key_acts.revoke(request, org_id, _key(request))
    return _json(Message("API key revoked"))


async def _organization(request: Request) -> str:
    return (await existing(request, WRITE)).organization.org_id


def _key(request: Request) -> str:
    key_id: str = request.path_params["key_id"]
    return key_id


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type=JSON)


KEYS = f"{ORGANIZATION}/keys"
KEY = f"{KEYS}/{{key_id}}"
routes = [
    Route(KEYS, list_all, methods=["GET"]),
    Route(KEYS, create, methods=["POST"]),
    Route(KEY, get, methods=["GET"]),
    Route(KEY, update, methods=["PATCH"]),
    Route(KEY, revoke, methods=["DELETE"]),
    Route(f"{KEY}/rotate", rotate, methods=["POST"]),
]
_TOO_MUCH = "Nobody gives what they do not have."
operations = [
    Operation("GET", KEYS, "list-keys", "List API keys", WRITE, answers={200: list[Key]}),
    Operation(
        "POST",
        KEYS,
        "create-key",
        "Create an API key",
        WRITE,
        body=CreateKey,
        answers={201: NewKey, 409: "There are too many NATS credentials."},
        description=f"{_TOO_MUCH} With a scope of NATS it has a NATS credential beside it.",
    ),
    Operation("GET", KEY, "get-key", "Get an API key", WRITE, answers={200: Key}),
    Operation(
        "PATCH",
        KEY,
        "update-key",
        "Change an API key",
        WRITE,
        body=UpdateKey,
        answers={200: Key, 409: "It has been revoked."},
        description=_TOO_MUCH,
    ),
    Operation("DELETE", KEY, "revoke-key", "Revoke an API key", WRITE, answers={200: Message}),
    Operation(
        "POST",
        f"{KEY}/rotate",
        "rotate-key",
        "Replace an API key",
        WRITE,
        body=RotateKey,
        answers={201: NewKey, 409: "It is good no more, or has been replaced already."},
        description="The old key is good for `grace_seconds` more; a day, unless said otherwise.",
    ),
]
