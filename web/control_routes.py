"""``…/entities/{entity_id}/control``: who controls an entity, and taking and releasing it."""

from functools import partial

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flows.ontology.commands import DecisionKind
from web import command_acts, command_rows
from web.body import body
from web.command_bodies import DecideCommand, EntityControl
from web.command_routes import READ, UNSTORED, WRITE
from web.entity_answers import json_answer
from web.once import once
from web.openapi import Operation
from web.retries import HEADER
from web.schema import decode
from web.site import site
from web.within import within

_CONTROL = "/api/v1/organizations/{org_id}/entities/{entity_id}/control"


async def get(request: Request) -> Response:
    """``GET …/control``: who has it; nobody where ``by`` is null."""
    organization, entity_id = await within(request, READ), request.path_params["entity_id"]
    command_acts.entity(request, organization, entity_id)
    return await _told(request, organization, entity_id)


async def decide(request: Request, kind: DecisionKind) -> Response:
    """``POST …/control`` takes control, whoever has it; ``DELETE`` releases it."""
    organization, entity_id = await within(request, WRITE), request.path_params["entity_id"]
    said = await body(request)
    wanted = decode(said, DecideCommand) if said else DecideCommand()
    await command_acts.controlled(request, organization, entity_id, kind, wanted)
    return await _told(request, organization, entity_id)


async def _told(request: Request, organization: str, entity_id: str) -> Response:
    here = site(request)
    told = await anyio.to_thread.run_sync(
        command_rows.control, here.tables, organization, entity_id, here.clock.wall_us()
    )
    return json_answer(told)


routes = [
    Route(_CONTROL, get, methods=["GET"]),
    Route(_CONTROL, once(partial(decide, kind="take_control")), methods=["POST"]),
    Route(_CONTROL, once(partial(decide, kind="release_control")), methods=["DELETE"]),
]
_KEY = {HEADER: "The same for a request and its retries: it is done once."}
_SAID = "Answers who has control once the commands flow has judged it, or as it was where it waits."
operations = [
    Operation(
        "GET", _CONTROL, "get-control", "Get who controls an entity", READ,
        answers={200: EntityControl}, tag="commands",
    ),
    Operation(
        "POST", _CONTROL, "take-control", "Take control of an entity", WRITE,
        body=DecideCommand, headers=_KEY, tag="commands", description=_SAID,
        answers={200: EntityControl, 409: "It is refused.", **UNSTORED},
    ),
    Operation(
        "DELETE", _CONTROL, "release-control", "Release control of an entity", WRITE,
        headers=_KEY, tag="commands", description=_SAID,
        answers={200: EntityControl, 409: "It is refused.", **UNSTORED},
    ),
]  # fmt: skip
