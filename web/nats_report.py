"""What the message server says of itself: how quick it answers, and what its streams hold."""

import asyncio
import time

import msgspec
import nats.errors
import nats.js.errors
from nats.aio.client import Client

from flows.ontology.streams import BUCKET, STREAMS

ANSWER_SECONDS = 1.0
REQUIRED = tuple(stream.name for stream in (*STREAMS, BUCKET))


class StreamFigures(msgspec.Struct, frozen=True):
    name: str
    messages: int
    bytes: int
    consumers: int


class ServerReport(msgspec.Struct, frozen=True):
    """``rtt_ms`` is None where there is no answer; ``missing`` are streams that there must be."""

    rtt_ms: float | None
    streams: list[StreamFigures]
    missing: list[str]
    trouble: str = ""


async def report(client: Client | None) -> ServerReport:
    """Ask the server; never raises, since no answer is one too."""
    if client is None or not client.is_connected:
        return ServerReport(None, [], [], "not connected")
    began = time.monotonic()
    try:
        await client.flush(timeout=1)
        rtt = (time.monotonic() - began) * 1000
        found = await asyncio.gather(*(_figures(client, name) for name in REQUIRED))
    except (nats.errors.Error, TimeoutError) as error:
        return ServerReport(None, [], [], str(error) or "no answer")
    missing = [name for name, figures in zip(REQUIRED, found, strict=True) if figures is None]
    return ServerReport(round(rtt, 2), [each for each in found if each], missing)


async def _figures(client: Client, name: str) -> StreamFigures | None:
    try:
        state = (await client.jetstream(timeout=ANSWER_SECONDS).stream_info(name)).state
    except nats.js.errors.NotFoundError:
        return None
    return StreamFigures(name, state.messages, state.bytes, state.consumer_count)
