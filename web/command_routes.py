"""``…/commands``: commands are asked for, followed, cancelled, and approved by a second person.

What is asked for is answered when the commands flow has judged it, so that the answer says
what has become of it; or, while the flow is down, with 202.
"""

from functools import partial
from urllib.parse import urlencode

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flows.ontology.commands import DecisionKind
from web import command_acts, command_rows
from web.body import body
from web.command_bodies import (
    Command,
    CommandAccepted,
    CommandWhole,
    CreateCommand,
    DecideCommand,
)
from web.command_rows import CommandPage, CommandsOfEntity
from web.database import Row
from web.entity_answers import json_answer
from web.listing import LINK
from web.once import once
from web.openapi import Operation
from web.problems import Problem
from web.query import read_query
from web.retries import HEADER
from web.schema import decode, read
from web.site import site
from web.within import within

READ, WRITE, APPROVE = "commands:read", "commands:write", "commands:approve"
NOT_FOUND = "Command not found"
LATER = "It is stored, and will be judged when the commands flow runs."

_COMMANDS = "/api/v1/organizations/{org_id}/commands"
_ONE = f"{_COMMANDS}/{{command_id}}"
_OF_ENTITY = "/api/v1/organizations/{org_id}/entities/{entity_id}/commands"


async def create(request: Request) -> Response:
    """``POST …/commands``."""
    organization = await within(request, WRITE)
    command, row = await command_acts.asked(
        request, organization, await read(request, CreateCommand)
    )
    return requested(organization, command.command_id, row)


def requested(organization: str, command_id: str, row: Row | None) -> Response:
    """What whoever has asked for a command is answered."""
    where = {"Location": _ONE.format(org_id=organization, command_id=command_id)}
    if row is None:
        return json_answer(CommandAccepted(LATER, command_id, "requested"), 202, where)
    return json_answer(command_rows.command(row), 201, where)


async def get(request: Request) -> Response:
    """``GET …/commands/{command_id}``: with its transitions, and its children if it has some."""
    organization = await within(request, READ)
    row = await _known(request, organization)
    whole = await anyio.to_thread.run_sync(command_rows.whole, site(request).tables, row)
    return json_answer(whole)


async def list_commands(request: Request) -> Response:
    """``GET …/commands``: a page, the newest first."""
    organization = await within(request, READ)
    wanted = read_query(request, CommandPage)
    return await _page(request, organization, wanted, wanted.entity_id)


async def list_of_entity(request: Request) -> Response:
    """``GET …/entities/{entity_id}/commands``: those of one entity, as ``list_commands``."""
    organization, entity_id = await within(request, READ), request.path_params["entity_id"]
    wanted = read_query(request, CommandsOfEntity)
    command_acts.entity(request, organization, entity_id)
    return await _page(request, organization, wanted, entity_id)


async def decide(request: Request, kind: DecisionKind) -> Response:
    """``POST …/commands/{command_id}/`` and what is decided."""
    organization = await within(request, WRITE if kind == "cancel" else APPROVE)
    said = await body(request)
    wanted = decode(said, DecideCommand) if said else DecideCommand()
    row = await _known(request, organization)
    after = await command_acts.decided(request, organization, row, kind, wanted)
    if after is None:
        return json_answer(CommandAccepted(LATER, row["command_id"], row["state"]), 202)
    return json_answer(command_rows.command(after))


async def _page(
    request: Request, organization: str, wanted: CommandsOfEntity, entity_id: str
) -> Response:
    rows, cursor = await anyio.to_thread.run_sync(
        command_rows.command_rows, site(request).tables, organization, wanted, entity_id
    )
    headers = {}
    if cursor:
        said = [each for each in request.query_params.multi_items() if each[0] != "cursor"]
        query = urlencode([*said, ("cursor", cursor)])
        headers[LINK] = f'<{request.url.path}?{query}>; rel="next"'
    return Response(msgspec.json.encode(rows), headers=headers, media_type="application/json")


async def _known(request: Request, organization: str) -> Row:
    row = await anyio.to_thread.run_sync(
        command_rows.known, site(request).tables, organization, request.path_params["command_id"]
    )
    if row is None:
        raise Problem(404, NOT_FOUND)
    return row


_DECISIONS: tuple[tuple[DecisionKind, str, str], ...] = (
    ("cancel", "Cancel a command", WRITE),
    ("approve", "Approve a command that somebody else has asked for", APPROVE),
    ("deny", "Deny a command that somebody else has asked for", APPROVE),
)
routes = [
    Route(_COMMANDS, list_commands, methods=["GET"]),
    Route(_COMMANDS, once(create), methods=["POST"]),
    Route(_ONE, get, methods=["GET"]),
    *(Route(f"{_ONE}/{kind}", once(partial(decide, kind=kind)), methods=["POST"])
      for kind, _, _ in _DECISIONS),
    Route(_OF_ENTITY, list_of_entity, methods=["GET"]),
]  # fmt: skip

_KEY = {HEADER: "The same for a request and its retries: it is done once."}
_PAGES = {LINK: 'The next page, as `<…>; rel="next"`, where there is one.'}
UNSTORED = {503: "JetStream is not known to have it."}
operations = [
    Operation(
        "GET",
        _COMMANDS,
        "list-commands",
        "List commands, the newest first",
        READ,
        query=CommandPage,
        answers={200: list[Command]},
        gives=_PAGES,
    ),
    Operation(
        "POST",
        _COMMANDS,
        "create-command",
        "Ask for a command",
        WRITE,
        body=CreateCommand,
        answers={
            201: Command,
            202: CommandAccepted,
            404: "There is no such entity, or it is another organisation's.",
            409: "The command_id is that of another command.",
            429: "Too many commands have not ended, or too many requests were made.",
            **UNSTORED,
        },
        description="By the same `command_id` there is one command, however often it is asked for.",
        headers=_KEY,
        gives={"Location": "Where the command is."},
    ),
    Operation(
        "GET", _ONE, "get-command", "Get a command, and what became of it", READ,
        answers={200: CommandWhole},
    ),
    *(
        Operation(
            "POST", f"{_ONE}/{kind}", f"{kind}-command", summary, scope,
            body=DecideCommand,
            answers={
                200: Command, 202: CommandAccepted, 409: "The command is not as it had to be.",
                **UNSTORED,
            },
            headers=_KEY,
        )
        for kind, summary, scope in _DECISIONS
    ),
    Operation(
        "GET",
        _OF_ENTITY,
        "list-entity-commands",
        "List the commands of an entity, the newest first",
        READ,
        query=CommandsOfEntity,
        answers={200: list[Command]},
        gives=_PAGES,
        tag="commands",
    ),
]  # fmt: skip
