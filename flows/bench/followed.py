"""What becomes of commands, followed by server-sent events as a dashboard follows it."""

import asyncio
import time
from contextlib import suppress
from typing import Self

import msgspec

from flows.ontology.settings import Settings

_DATA = b"data: "


class _Command(msgspec.Struct):
    command_id: str
    state: str


class _Told(msgspec.Struct):
    """An event of a command; others have none."""

    command: _Command | None = None


_told = msgspec.json.Decoder(_Told).decode


class Followed:
    """When each command was told to be completed, by its id."""

    def __init__(self, settings: Settings, key: str) -> None:
        self.completed: dict[str, float] = {}
        self._settings, self._key = settings, key
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        here = self._settings
        reader, self._writer = await asyncio.open_connection(here.host, here.port, limit=2**22)
        # Of HTTP/1.0, whose answers come as they are and not in chunks.
        lines = (
            f"GET /api/v1/organizations/{here.organization}/commands/changes HTTP/1.0",
            f"Host: {here.host}:{here.port}", f"X-API-Key: {self._key}", "", "",
        )  # fmt: skip
        self._writer.write("\r\n".join(lines).encode())
        while b"event: ready" not in await reader.readline():
            pass
        self._reading = asyncio.create_task(self._read(reader))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading
        self._writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            if not line.startswith(_DATA):
                continue
            now, command = time.perf_counter(), _told(line[len(_DATA) :]).command
            if command is not None and command.state == "completed":
                self.completed.setdefault(command.command_id, now)
        raise ConnectionError("The web has ended the stream of commands.")
