"""The REST interface asked over one connection, with a key: as little around it as can be."""

import asyncio
import sys

from flows.ontology.settings import Settings
from flows.parts import python

# More than is ever asked in a minute here.
RATE = "100000000"


class Asker:
    """Asks one request after the other, as quickly as it is answered."""

    def __init__(self, settings: Settings, key: str) -> None:
        self._settings = settings
        self._lines = f"Host: {settings.host}:{settings.port}\r\nX-API-Key: {key}\r\n"

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(
            self._settings.host, self._settings.port
        )

    def close(self) -> None:
        self._writer.close()

    async def get(self, path: str) -> tuple[int, str]:
        """The status, and where what was asked for is."""
        self._writer.write(f"GET {path} HTTP/1.1\r\n{self._lines}\r\n".encode())
        return await self._answer()

    async def post(self, path: str, body: bytes) -> tuple[int, str]:
        """The status, and where what was made is."""
        lines = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        self._writer.write(f"POST {path} HTTP/1.1\r\n{self._lines}{lines}\r\n".encode() + body)
        return await self._answer()

    async def _answer(self) -> tuple[int, str]:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.split("\r\n")
        headers = {name.lower(): text for name, _, text in (line.partition(": ") for line in lines)}
        await self._reader.readexactly(int(headers["content-length"]))
        return int(first.split()[1]), headers.get("location", "")


async def key(scopes: str) -> str:
    """A key of the default organisation."""
    command = await asyncio.create_subprocess_exec(
        *python(
            "web.key_commands", "create", "--org", "default", "--scopes", scopes, "--rate", RATE
        ),
        stdout=asyncio.subprocess.PIPE,
        stderr=sys.stderr,
    )
    said, _ = await command.communicate()
    return said.decode().strip()
