"""Stored missions: every version is kept, and the newest is meant where none is named.

The web alone writes them, as it does keys and people. What a vehicle is to fly is asked for as
a command, which is said to JetStream.
"""

import uuid
from collections.abc import Callable

import msgspec

from flows.ontology.mission_commands import ANYWHERE, GLOBAL, PATH
from flows.ontology.mission_places import metres
from flows.ontology.stored_missions import Mission, checksum_of
from web.clock import Clock
from web.database import Row, Tables
from web.problems import Problem

MOST_MISSIONS = 1000
MOST_VERSIONS = 1000
MOST_BYTES = 256 * 1024 * 1024  # Of an organisation's missions, with all versions.
NOT_FOUND = "Mission not found"

_HEAD = (
    "org_id, mission_id, version, name, description, vehicle_type, checksum, item_count,"
    " fence_count, rally_count, length, bytes, created_at, created_by"
)
_NEWEST = (
    "version = (SELECT MAX(version) FROM missions o"
    " WHERE o.org_id = m.org_id AND o.mission_id = m.mission_id)"
)
_ONE = "SELECT {} FROM missions m WHERE org_id = ? AND mission_id = ?"


class Said(msgspec.Struct, frozen=True):
    """A mission as somebody wants it stored."""

    name: str
    description: str
    vehicle_type: str
    mission: Mission


class Missions:
    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    def create(self, organization: str, said: Said, by: str) -> Row:
        """Store a new one; its row. Raises Problem: 409, there are too many."""
        with self._tables.transaction() as execute:
            sql = (
                "SELECT COUNT(DISTINCT mission_id) AS missions, COALESCE(SUM(bytes), 0) AS bytes"
                " FROM missions WHERE org_id = ?"
            )
            held = execute(sql, (organization,))[0]
            if held["missions"] >= MOST_MISSIONS or held["bytes"] >= MOST_BYTES:
                raise Problem(409, "The organisation has as many missions as it may: delete some.")
            row = self._row(organization, str(uuid.uuid4()), 1, said, by)
            _insert(execute, row)
        return row

    def update(
        self,
        organization: str,
        mission_id: str,
        said: Said,
        by: str,
        check: Callable[[int], None],
    ) -> tuple[Row, Row]:
        """Store another version; how it was, and how it is. What is the same is no other.

        Args:
            organization: whose mission.
            mission_id: which.
            said: what it is to be.
            by: who says so.
            check: is told the version that stands, and may raise to leave it so.

        Raises:
            Problem: 404, there is none; 409, it has too many versions.
        """
        with self._tables.transaction() as execute:
            sql = _ONE.format("*") + " ORDER BY version DESC LIMIT 1"
            found = execute(sql, (organization, mission_id))
            if not found:
                raise Problem(404, NOT_FOUND)
            before = found[0]
            check(before["version"])
            after = self._row(organization, mission_id, before["version"] + 1, said, by)
            if all(before[each] == after[each] for each in _CONTENT):
                return before, before
            held = execute(
                "SELECT SUM(bytes) AS bytes FROM missions WHERE org_id = ?", (organization,)
            )
            if before["version"] >= MOST_VERSIONS or held[0]["bytes"] >= MOST_BYTES:
                raise Problem(409, "The mission has as many versions as it may: store another.")
            _insert(execute, after)
        return before, after

    def delete(self, organization: str, mission_id: str, check: Callable[[int], None]) -> Row:
        """Delete one with all its versions; how it was last. Raises Problem: 404."""
        with self._tables.transaction() as execute:
            sql = _ONE.format(_HEAD) + " ORDER BY version DESC LIMIT 1"
            found = execute(sql, (organization, mission_id))
            if not found:
                raise Problem(404, NOT_FOUND)
            check(found[0]["version"])
            for table in ("missions", "mission_uploads"):
                execute(
                    f"DELETE FROM {table} WHERE org_id = ? AND mission_id = ?",  # noqa: S608
                    (organization, mission_id),
                )
        return found[0]

    def find(self, organization: str, mission_id: str, version: int | None = None) -> Row | None:
        """One, of a version or the newest."""
        which = "" if version is None else " AND version = ?"
        values = (organization, mission_id, *(() if version is None else (version,)))
        sql = f"{_ONE.format('*')}{which} ORDER BY version DESC LIMIT 1"
        return next(iter(self._tables.read(sql, values)), None)

    def versions(self, organization: str, mission_id: str) -> list[Row]:
        """All versions of one, the newest first, without their items."""
        sql = _ONE.format(_HEAD) + " ORDER BY version DESC LIMIT ?"
        return self._tables.read(sql, (organization, mission_id, MOST_VERSIONS))

    def all(self, organization: str, after: tuple[int, str] | None, most: int) -> list[Row]:
        """The newest version of each, the last changed first, after one of them."""
        further, values = ("", ()) if after is None else (
            " AND (created_at, mission_id) < (?, ?)", after,
        )  # fmt: skip
        sql = (
            f"SELECT {_HEAD} FROM missions m WHERE org_id = ? AND {_NEWEST}{further}"  # noqa: S608
            " ORDER BY created_at DESC, mission_id DESC LIMIT ?"
        )
        return self._tables.read(sql, (organization, *values, most))

    def newest(self, organization: str, most: int, versions: int) -> list[Row]:
        """The newest versions of each of those changed last, without their items."""
        found = [each["mission_id"] for each in self.all(organization, None, most)]
        sql = (
            f"SELECT {_HEAD} FROM missions m WHERE org_id = ?"  # noqa: S608  (our own columns)
            " AND mission_id IN (SELECT value FROM json_each(?)) AND version >"
            " (SELECT MAX(version) FROM missions o"
            " WHERE o.org_id = m.org_id AND o.mission_id = m.mission_id) - ?"
            " ORDER BY version DESC"
        )
        among = msgspec.json.encode(found).decode()
        rows = self._tables.read(sql, (organization, among, versions))
        return sorted(rows, key=lambda each: found.index(each["mission_id"]))

    def _row(self, organization: str, mission_id: str, version: int, said: Said, by: str) -> Row:
        mission = said.mission
        text = msgspec.json.encode(mission).decode()
        return {
            "org_id": organization,
            "mission_id": mission_id,
            "version": version,
            "name": said.name,
            "description": said.description,
            "vehicle_type": said.vehicle_type,
            "checksum": checksum_of(mission),
            "item_count": len(mission.items),
            "fence_count": len(mission.fence),
            "rally_count": len(mission.rally),
            "length": length(mission),
            "bytes": len(text.encode()),
            "created_at": int(self._clock.wall()),
            "created_by": by,
            "mission": text,
        }


_CONTENT = ("name", "description", "vehicle_type", "mission")


def mission_of(row: Row) -> Mission:
    """The mission of a row."""
    return msgspec.json.decode(row["mission"], type=Mission)


def length(mission: Mission) -> int:
    """How far it is from place to place, metres."""
    places = [
        each
        for each in mission.items
        if each.command in PATH
        and each.frame in GLOBAL
        and not (each.command in ANYWHERE and each.latitude == each.longitude == 0)
    ]
    return round(sum(map(metres, places, places[1:])))


def _insert(execute: Callable[[str, tuple[object, ...]], list[Row]], row: Row) -> None:
    marks = ", ".join("?" for _ in row)
    execute(f"INSERT INTO missions ({', '.join(row)}) VALUES ({marks})", (*row.values(),))  # noqa: S608
