"""Where a mission is: which version went to which vehicle, and how far that is with it.

What was asked for is on record here; what became of it stands in the ledger of commands; how
far the vehicle is says its document.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from flows.ontology.command_ledger import COMMANDS
from flows.ontology.command_states import ended
from flows.ontology.entities import Json
from flows.ontology.modes import ARDUPILOT
from web.database import Row, Tables
from web.mission_bodies import MissionOnEntity
from web.moments import moment
from web.picture import Picture
from web.reading import decode, signal

Read = Callable[[str, Sequence[object]], list[Row]]

# Of a mission, at most: the newest to each vehicle.
MOST_UPLOADS = 500
_COUNTS = {"mission": "item_count", "fence": "fence_count", "rally": "rally_count"}
# MISSION_STATE
STATES = {1: "no mission", 2: "not started", 3: "active", 4: "paused", 5: "complete"}

_NEWEST = (
    "SELECT u.*, m.item_count, m.fence_count, m.rally_count FROM mission_uploads u"
    " LEFT JOIN missions m ON m.org_id = u.org_id AND m.mission_id = u.mission_id"
    " AND m.version = u.version"
    " WHERE u.rowid IN (SELECT MAX(rowid) FROM mission_uploads"
    " WHERE org_id = ? AND mission_id = ? GROUP BY entity_id, mission_type)"
    " ORDER BY u.rowid DESC LIMIT ?"
)
_COMMAND = f"SELECT state, requested_us, status FROM {COMMANDS} WHERE name = ? AND org_id = ?"  # noqa: S608
# What was done later to the same list of the same vehicle.
_LATER = (
    f"SELECT 1 FROM {COMMANDS} WHERE org_id = ? AND entity_id = ? AND requested_us > ?"  # noqa: S608
    " AND command IN ('upload_mission', 'clear_mission') AND state = 'completed'"
    " AND COALESCE(json_extract(status, '$.params.mission_type'), 'mission') = ? LIMIT 1"
)
# The last that was done to the items of a vehicle, if that gave it a mission that is stored.
_LAST = (
    "SELECT u.mission_id, u.version FROM mission_uploads u JOIN"  # noqa: S608
    f" (SELECT org_id, command, command_id FROM {COMMANDS} WHERE org_id = ? AND entity_id = ?"
    " AND command IN ('upload_mission', 'clear_mission') AND state = 'completed'"
    " AND COALESCE(json_extract(status, '$.params.mission_type'), 'mission') = 'mission'"
    " ORDER BY requested_us DESC LIMIT 1) c"
    " ON u.org_id = c.org_id AND u.command_id = c.command_id AND c.command = 'upload_mission'"
)


def progress(
    tables: Tables, picture: Picture, organization: str, mission_id: str
) -> list[MissionOnEntity]:
    """The newest uploads of a mission's lists, and how far each vehicle is with them."""
    return [
        followed(each, picture, organization) for each in uploads(tables, organization, mission_id)
    ]


def uploads(
    tables: Tables, organization: str, mission_id: str, most: int = MOST_UPLOADS
) -> list[MissionOnEntity]:
    """The newest uploads of a mission's lists to each vehicle, the last one first."""
    there = tables.has(COMMANDS)
    return _uploads(tables.read, (organization, mission_id, most), there=there)


def glanced(tables: Tables, organization: str, mission_id: str, most: int) -> list[MissionOnEntity]:
    """As ``uploads``, in the event loop itself, for some milliseconds."""
    there = tables.has(COMMANDS)
    return _uploads(tables.glance, (organization, mission_id, most), there=there)


def _uploads(read: Read, values: tuple[str, str, int], *, there: bool) -> list[MissionOnEntity]:
    return [_upload(read, each, there=there) for each in read(_NEWEST, values)]


def on_board(tables: Tables, organization: str, entity_id: str) -> tuple[str, int] | None:
    """Which stored mission a vehicle has, and its version, by all that commands tell."""
    values = organization, entity_id
    rows = tables.read(_LAST, values) if tables.has(COMMANDS) else []
    return next(((row["mission_id"], row["version"]) for row in rows), None)


def followed(upload: MissionOnEntity, picture: Picture, organization: str) -> MissionOnEntity:
    """An upload, with how far its vehicle is by what is known of it now."""
    entity = picture.entity(organization, upload.entity_id)
    if entity is None:
        return upload
    live = picture.judged(entity).state == "live"
    if not upload.held or upload.mission_type != "mission":
        return msgspec.structs.replace(upload, is_live=live)
    return msgspec.structs.replace(upload, is_live=live, **_items(decode(entity.document)))


def _upload(read: Read, row: Row, *, there: bool) -> MissionOnEntity:
    name = f"{row['org_id']}.{row['command_id']}"
    found = read(_COMMAND, (name, row["org_id"])) if there else []
    known = found[0] if found else None
    said = msgspec.json.decode(known["status"], type=_Status) if known else _Status()
    return MissionOnEntity(
        entity_id=row["entity_id"],
        mission_type=row["mission_type"],
        version=row["version"],
        checksum=row["checksum"],
        item_count=row[_COUNTS[row["mission_type"]]] or 0,
        command_id=row["command_id"],
        state=known["state"] if known else None,
        reason=said.reason,
        uploaded_at=moment(row["uploaded_at"]),
        uploaded_by=row["uploaded_by"],
        held=known is not None and _held(read, row, known),
        progress=said.progress if known and not ended(known["state"]) else None,
    )


class _Status(msgspec.Struct):
    reason: str = ""
    progress: float | None = None


def _held(read: Read, row: Row, known: Row) -> bool:
    if known["state"] != "completed":
        return False
    values = row["org_id"], row["entity_id"], known["requested_us"], row["mission_type"]
    return not read(_LATER, values)


def _items(document: Json) -> dict[str, Any]:
    """Where in its mission a vehicle is. ArduPilot's item 0 is home, which is none of ours."""
    first = 1 if _whole(document, "vehicle_status.autopilot") == ARDUPILOT else 0

    def item(leaf: str) -> int | None:
        value = _whole(document, f"mission.{leaf}")
        return None if value is None or value < first else value - first

    return {
        "current_item": item("current_waypoint"),
        "reached_item": item("reached_waypoint"),
        "total": _whole(document, "mission.total_waypoints"),
        "mission_state": STATES.get(_whole(document, "mission.state") or 0, ""),
    }


def _whole(document: Json, path: str) -> int | None:
    value = signal(document, path)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
