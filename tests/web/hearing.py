"""Streams of changes, as programs hear them: by server-sent events, and by a WebSocket."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass

DEADLINE = 30.0


@dataclass(frozen=True)
class Said:
    event: str
    data: dict
    id: str = ""


@asynccontextmanager
async def followed(web, key, path, **headers):
    """The events of a stream, one by one."""
    async with (
        web.client(**{"X-API-Key": key, **headers}) as client,
        client.stream("GET", path) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _said(answer)


async def _said(answer):
    fields = {}
    async for line in answer.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            assert name not in fields
            fields[name] = value
        elif fields:
            yield Said(fields["event"], json.loads(fields["data"]), fields.get("id", ""))
            fields = {}


async def upto(stream, event, **wanted):
    """All that is said, until this is."""
    said = []
    async with asyncio.timeout(DEADLINE):
        async for each in stream:
            said.append(each)
            if each.event == event and wanted.items() <= each.data.items():
                return said
    raise AssertionError(f"the stream has ended: {said}")


def socket_of(web, path):
    return f"{web.address.replace('http', 'ws', 1)}{path}/ws"


def with_key(key):
    return {"additional_headers": {"X-API-Key": key}}


async def frames_upto(socket, event):
    """All that a socket says, until this is."""
    said = []
    async with asyncio.timeout(DEADLINE):
        while not said or said[-1]["event"] != event:
            said.append(json.loads(await socket.recv()))
    return said
