"""``…/missions``: missions are stored in versions, fetched as files, and sent to vehicles.

Storing one asks nothing of any vehicle. To give it to one is a command as any other is: judged,
followed by its ``command_id``, and on record.
"""

from typing import Annotated
from urllib.parse import urlencode

import anyio.to_thread
import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web import mission_acts, upload_acts
from web.command_bodies import Command, CommandAccepted
from web.command_routes import UNSTORED, requested
from web.cursor import NAME, Cursor, read_cursor
from web.entity_answers import json_answer
from web.entity_filter import meant
from web.etag import check_match, etag
from web.listing import LINK
from web.mission_acts import COMMAND, READ, WRITE
from web.mission_bodies import (
    MissionHead,
    MissionProgress,
    MissionWhole,
    UploadMission,
    WriteMission,
)
from web.mission_files import BODIES, MissionFile, MissionFormat, mission_file, read_mission
from web.mission_progress import progress
from web.missions import MOST_MISSIONS, Said, mission_of
from web.once import once
from web.openapi import JSON, Message, Operation
from web.query import read_query, wrong
from web.retries import HEADER
from web.schema import read
from web.site import site
from web.within import within

DELETED = "Mission deleted successfully"
_MISSIONS = "/api/v1/organizations/{org_id}/missions"
_ONE = f"{_MISSIONS}/{{mission_id}}"
ORDER = "-created_at"


class MissionPage(msgspec.Struct, kw_only=True):
    """How many missions at once, the last changed first."""

    limit: Annotated[int, Meta(ge=1, le=MOST_MISSIONS), meant("How many at once.")] = 100
    cursor: Annotated[
        str, Meta(max_length=4096), meant("From the header Link of the page before.")
    ] = ""


async def create(request: Request) -> Response:
    """``POST …/missions``."""
    organization = await within(request, WRITE)
    row = await mission_acts.created(request, organization, await read_mission(request))
    where = _ONE.format(org_id=organization, mission_id=row["mission_id"])
    headers = {"ETag": etag(row["version"]), "Location": where}
    return json_answer(mission_acts.whole(site(request), row), 201, headers)


async def list_missions(request: Request) -> Response:
    """``GET …/missions``: a page, the last changed first."""
    organization = await within(request, READ)
    wanted = read_query(request, MissionPage)
    missions, beyond = site(request).missions, after(wanted.cursor)
    rows = await anyio.to_thread.run_sync(missions.all, organization, beyond, wanted.limit + 1)
    headers = {}
    if len(rows) > wanted.limit:
        last = rows[wanted.limit - 1]
        said = [each for each in request.query_params.multi_items() if each[0] != NAME]
        further = Cursor(ORDER, last["created_at"], last["mission_id"]).text()
        query = urlencode([*said, (NAME, further)])
        headers[LINK] = f'<{request.url.path}?{query}>; rel="next"'
    return json_answer([mission_acts.head(each) for each in rows[: wanted.limit]], 200, headers)


def after(said: str) -> tuple[int, str] | None:
    """The mission that a cursor stands at; None without one. Raises Problem: 422."""
    if not said:
        return None
    cursor = read_cursor(said, ORDER)
    if not isinstance(cursor.value, int) or abs(cursor.value) > 2**62:
        raise wrong(NAME, "expected what this list has given", said)
    return cursor.value, str(cursor.key)


async def get(request: Request) -> Response:
    """``GET …/missions/{mission_id}``: a version, as JSON or as a file."""
    organization = await within(request, READ)
    wanted = read_query(request, MissionFormat)
    version = None if wanted.version is msgspec.UNSET else wanted.version
    row = await mission_acts.known(request, organization, _id(request), version)
    if wanted.format == "json":
        answer = json_answer(mission_acts.whole(site(request), row))
    else:
        answer = mission_file(row["name"], row["version"], mission_of(row), wanted)
    answer.headers["ETag"] = etag(row["version"])
    return answer


async def list_versions(request: Request) -> Response:
    """``GET …/missions/{mission_id}/versions``: the newest first."""
    organization = await within(request, READ)
    await mission_acts.known(request, organization, _id(request))
    missions = site(request).missions
    rows = await anyio.to_thread.run_sync(missions.versions, organization, _id(request))
    return json_answer([mission_acts.head(each) for each in rows])


async def update(request: Request) -> Response:
    """``PUT …/missions/{mission_id}``: another version. What is the same is no other."""
    organization = await within(request, WRITE)
    row = await mission_acts.known(request, organization, _id(request))
    before = Said(row["name"], row["description"], row["vehicle_type"], mission_of(row))
    said = await read_mission(request, before)
    after = await mission_acts.updated(
        request, organization, _id(request), said, lambda version: check_match(request, version)
    )
    headers = {"ETag": etag(after["version"])}
    return json_answer(mission_acts.whole(site(request), after), 200, headers)


async def delete(request: Request) -> Response:
    """``DELETE …/missions/{mission_id}``: with all versions; what is on record stays there."""
    organization = await within(request, WRITE)
    await mission_acts.deleted(
        request, organization, _id(request), lambda version: check_match(request, version)
    )
    return json_answer(Message(DELETED))


async def upload(request: Request) -> Response:
    """``POST …/missions/{mission_id}/upload``: asks for a command, and answers as that does."""
    organization = await within(request, COMMAND)
    wanted = await read(request, UploadMission)
    command, row = await upload_acts.uploaded(request, organization, _id(request), wanted)
    return requested(organization, command.command_id, row)


async def where(request: Request) -> Response:
    """``GET …/missions/{mission_id}/progress``: on which vehicles it is, and how far."""
    organization, here = await within(request, READ), site(request)
    row = await mission_acts.known(request, organization, _id(request))
    found = await anyio.to_thread.run_sync(
        progress, here.tables, here.picture, organization, row["mission_id"]
    )
    return json_answer(MissionProgress(
        mission_id=row["mission_id"], version=row["version"], entities=found
    ))  # fmt: skip


def _id(request: Request) -> str:
    mission_id: str = request.path_params["mission_id"]
    return mission_id


routes = [
    Route(_MISSIONS, list_missions, methods=["GET"]),
    Route(_MISSIONS, once(create), methods=["POST"]),
    Route(_ONE, get, methods=["GET"]),
    Route(_ONE, once(update), methods=["PUT"]),
    Route(_ONE, once(delete), methods=["DELETE"]),
    Route(f"{_ONE}/versions", list_versions, methods=["GET"]),
    Route(f"{_ONE}/upload", once(upload), methods=["POST"]),
    Route(f"{_ONE}/progress", where, methods=["GET"]),
]

_KEY = {HEADER: "The same for a request and its retries: it is done once."}
_MATCH = {"If-Match": "The version that is to be changed; 412 where it is another by now."}
_TAG = {"ETag": "The version, for If-Match."}
_FULL = {409: "The organisation, or the mission, has as many as it may."}
_CHANGED = {412: "There is a newer version meanwhile."}
_FILES = (
    "The body is JSON, or a file: a `.plan` of QGroundControl (`application/json`, known by its "
    "`fileType`), or a `QGC WPL 110` waypoint file (`text/plain`). All that is wrong is told by "
    "the number of its item."
)
operations = [
    Operation(
        "GET", _MISSIONS, "list-missions", "List missions, the last changed first", READ,
        query=MissionPage,
        answers={200: list[MissionHead]},
        gives={LINK: 'The next page, as `<…>; rel="next"`, where there is one.'},
    ),
    Operation(
        "POST", _MISSIONS, "create-mission", "Store a mission", WRITE,
        body=WriteMission,
        query=MissionFile,
        body_media=BODIES,
        answers={201: MissionWhole, **_FULL},
        description=_FILES,
        headers=_KEY,
        gives={**_TAG, "Location": "Where the mission is."},
    ),
    Operation(
        "GET", _ONE, "get-mission", "Get a mission, or a file of it", READ,
        query=MissionFormat,
        answers={200: MissionWhole},
        media=(JSON, "text/plain"),
        gives=_TAG,
    ),
    Operation(
        "PUT", _ONE, "update-mission", "Store another version of a mission", WRITE,
        body=WriteMission,
        query=MissionFile,
        body_media=BODIES,
        answers={200: MissionWhole, **_FULL, **_CHANGED},
        description=f"{_FILES} What is the same as the newest version is no other one.",
        headers=_MATCH | _KEY,
        gives=_TAG,
    ),
    Operation(
        "DELETE", _ONE, "delete-mission", "Delete a mission with all its versions", WRITE,
        answers={200: Message, **_CHANGED},
        headers=_MATCH | _KEY,
        description="Vehicles keep what they have, and the audit log what was done.",
    ),
    Operation(
        "GET", f"{_ONE}/versions", "list-mission-versions",
        "List the versions of a mission, the newest first", READ,
        answers={200: list[MissionHead]},
    ),
    Operation(
        "POST", f"{_ONE}/upload", "upload-mission",
        "Ask for a mission to be given to a vehicle", COMMAND,
        body=UploadMission,
        answers={
            201: Command,
            202: CommandAccepted,
            409: "The command_id is that of another command.",
            429: "Too many commands have not ended, or too many requests were made.",
            **UNSTORED,
        },
        description="A command `upload_mission` as any other, by whoever may command "
        "vehicles. Fences and limits are judged where the vehicle is by then.",
        headers=_KEY,
        gives={"Location": "Where the command is."},
    ),
    Operation(
        "GET", f"{_ONE}/progress", "get-mission-progress",
        "Get on which vehicles a mission is, and how far", READ,
        answers={200: MissionProgress},
    ),
]  # fmt: skip
