"""Whether all is well, and what is not: never better than it can be shown to be.

Parts are what the supervisor says of them, in ``run/parts.json``; flows must beat as
well. Where no supervisor has ever written there, flows are judged by their beats.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import anyio.to_thread
import msgspec

from connectors.metrics import beats
from connectors.streams import Limits
from flows.ontology.settings import Settings
from web import reading
from web.clock import Clock
from web.database import Tables
from web.nats_report import ServerReport
from web.picture import Picture

SUPERVISOR_SECONDS = 5.0
BEAT_SECONDS = 10.0
# Stands for all of them, where none has given a sign of life.
FLOWS = "flows"
LEAST_FREE_BYTES = 64 * 1024 * 1024
# How long an answer is good for: anybody may ask, and asking must stay cheap.
KEPT_SECONDS = 1.0
# What a power cut may take, by the server's sync interval. Seconds.
DURABILITY = {"always": 0.0, "100ms": 0.1, "1s": 1.0, "5s": 5.0, "30s": 30.0, "2m": 120.0}


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of the system. ``reason`` says what is wrong with it, and is empty if nothing is."""

    part: str
    state: str
    since: str | None = None
    reason: str = ""


class Report(msgspec.Struct, frozen=True):
    """The health document."""

    status: str
    parts: list[Part]
    supervised: bool
    nats: dict[str, Any]
    database: dict[str, Any]
    disk: dict[str, Any]
    durability_window_seconds: float | None
    version: str
    time: str

    @property
    def well(self) -> bool:
        return self.status == "ok"


class Health:
    def __init__(
        self,
        settings: Settings,
        tables: Tables,
        picture: Picture,
        clock: Clock,
        ask_nats: Callable[[], Awaitable[ServerReport]],
    ) -> None:
        self._settings = settings
        self._tables = tables
        self._picture = picture
        self._clock = clock
        self._ask_nats = ask_nats
        self._limits = Limits(settings.nats_max_file_store, settings.nats_max_memory)
        self._asking = asyncio.Lock()
        self._kept: tuple[float, Report] | None = None

    @property
    def durability(self) -> float | None:
        """What a power cut may take, seconds; unknown where the server is not ours."""
        settings = self._settings
        return DURABILITY[settings.nats_sync_interval] if settings.embedded else None

    async def report(self) -> Report:
        """How all is, or was less than ``KEPT_SECONDS`` ago."""
        async with self._asking:
            now = self._clock.monotonic()
            if self._kept is None or now - self._kept[0] >= KEPT_SECONDS:
                self._kept = now, await self._look()
            return self._kept[1]

    async def part(self, name: str) -> str:
        """What is wrong with one part, as far as is known here; empty if nothing is."""
        _, parts = await anyio.to_thread.run_sync(self._parts)
        said = {each.part: each.reason for each in parts}
        return said.get("supervisor") or said.get(name, said.get(FLOWS, "It is not there."))

    async def _look(self) -> Report:
        server = await self._ask_nats()
        database = await anyio.to_thread.run_sync(self._database)
        disk = await anyio.to_thread.run_sync(self._disk)
        supervised, parts = await anyio.to_thread.run_sync(self._parts)
        nats = self._nats(server)
        faults = [each for each in (nats["reason"], database, disk) if each]
        well = not faults and all(not part.reason for part in parts)
        return Report(
            "ok" if well else "degraded",
            parts,
            supervised,
            nats,
            {"ok": not database, "reason": database},
            {"ok": not disk, "reason": disk},
            self.durability,
            version("constellation-overwatch"),
            datetime.fromtimestamp(self._clock.wall(), UTC).isoformat(),
        )

    def _nats(self, server: ServerReport) -> dict[str, Any]:
        """What somebody has changed is a fault, unless the server is somebody else's."""
        differences = server.differences(self._limits)
        changed = differences if self._settings.embedded else []
        return {
            "connected": server.rtt_ms is not None,
            "rtt_ms": server.rtt_ms,
            "missing_streams": server.missing,
            "differences": differences,
            "reason": _nats_fault(server, self._picture) or _changed(changed),
        }

    def _database(self) -> str:
        try:
            self._tables.read("SELECT 1")
        except sqlite3.Error as error:
            return f"The database does not answer: {error}."
        return ""

    def _disk(self) -> str:
        try:
            free = shutil.disk_usage(self._settings.data_dir).free
        except OSError as error:
            return f"The data folder cannot be looked at: {error.strerror}."
        return "" if free >= LEAST_FREE_BYTES else f"Only {free // 2**20} MiB of disk are free."

    def _parts(self) -> tuple[bool, list[Part]]:
        run = self._settings.data_dir / "run"
        heard = beats(run) if run.is_dir() else {}
        now = self._clock.wall()
        supervisor = run / "parts.json"
        if not supervisor.exists():
            if not heard:
                return False, [Part(FLOWS, "unknown", None, "No flow has given a sign of life.")]
            return False, [_by_beat(flow, heard, now) for flow in sorted(heard)]
        return True, list(_supervised(supervisor, heard, now))


def _supervised(file: Path, heard: dict[str, float], now: float) -> Iterator[Part]:
    """The supervisor itself, and every part that it names."""
    try:
        written = file.stat().st_mtime
        said = reading.decode(file.read_bytes()).get("parts")
    except (OSError, reading.Unreadable) as error:
        yield Part("supervisor", "unknown", None, f"Its report cannot be read: {error}.")
        return
    if now - written > SUPERVISOR_SECONDS:
        silent = f"It has not reported for {now - written:.0f} s."
        yield Part("supervisor", "silent", None, silent)
    else:
        yield Part("supervisor", "running")
    for each in said if isinstance(said, list) else []:
        if isinstance(each, dict):
            name = reading.text(each.get("part")) or "?"
            state = reading.text(each.get("state")) or "unknown"
            since = reading.text(each.get("since")) or None
            if state != "running":
                reason = reading.text(each.get("reason")) or f"It is {state}."
                yield Part(name, state, since, reason)
            elif name in heard:
                yield msgspec.structs.replace(_by_beat(name, heard, now), since=since)
            else:
                yield Part(name, state, since)


def _by_beat(flow: str, heard: dict[str, float], now: float) -> Part:
    silence = now - heard[flow]
    if silence > BEAT_SECONDS:
        return Part(flow, "silent", None, f"It has given no sign of life for {silence:.0f} s.")
    return Part(flow, "running")


def _nats_fault(server: ServerReport, picture: Picture) -> str:
    if server.rtt_ms is None:
        return f"The message server cannot be reached: {server.trouble}."
    if server.missing:
        return f"There is no stream {', '.join(server.missing)}."
    return "" if picture.connected else f"The state bucket is not followed: {picture.trouble}"


def _changed(differences: list[str]) -> str:
    if not differences:
        return ""
    return f"Somebody has changed what is kept: {'; '.join(differences)}."
