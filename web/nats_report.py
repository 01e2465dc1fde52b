"""What the message server says of itself: how quick it answers, and what its streams hold."""

import asyncio
import time

import msgspec
import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.js.api import StreamConfig

from connectors.streams import Limits, differences
from flows.ontology.streams import BUCKET, STREAMS

ANSWER_SECONDS = 1.0
DECLARED = (*STREAMS, BUCKET)
REQUIRED = tuple(stream.name for stream in DECLARED)


class StreamFigures(msgspec.Struct, frozen=True):
    name: str
    messages: int
    bytes: int
    consumers: int
    config: StreamConfig


class ServerReport(msgspec.Struct, frozen=True):
    """``rtt_ms`` is None where there is no answer; ``missing`` are streams that there must be."""

    rtt_ms: float | None
    streams: list[StreamFigures]
    missing: list[str]
    trouble: str = ""

    def differences(self, limits: Limits) -> list[str]:
        """What of the streams is not as declared, in words.

        ``limits`` are what they may take together, of which each is declared a share.
        """
        configs = {each.name: each.config for each in self.streams}
        return [
            str(each)
            for stream in DECLARED
            if stream.name in configs
            for each in differences(stream, limits, configs[stream.name])
        ]


async def report(client: Client | None) -> ServerReport:
    """Ask the server; never raises, since no answer is one too."""
    if client is None or not client.is_connected:
        return ServerReport(None, [], [], "not connected")
    began = time.monotonic()
    try:
        await client.flush(timeout=1)
        rtt = (time.monotonic() - began) * 1000
        found = await asyncio.gather(*(_figures(client, name) for name in REQUIRED))
    except (nats.errors.Error, OSError) as error:
        return ServerReport(None, [], [], str(error) or "no answer")
    missing = [name for name, figures in zip(REQUIRED, found, strict=True) if figures is None]
    return ServerReport(round(rtt, 2), [each for each in found if each], missing)


async def _figures(client: Client, name: str) -> StreamFigures | None:
    try:
        info = await client.jetstream(timeout=ANSWER_SECONDS).stream_info(name)
    except nats.js.errors.NotFoundError:
        return None
    state = info.state
    return StreamFigures(name, state.messages, state.bytes, state.consumer_count, info.config)
