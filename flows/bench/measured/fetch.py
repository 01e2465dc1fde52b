"""How fast the driver's own way of reading a stream is: a pull subscription, fetched in a loop."""

import asyncio
import time

import nats
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from flows.bench.sizes import Figures, Sizes
from flows.connection import as_part
from flows.ontology.settings import Settings
from flows.ontology.subjects import TELEMETRY
from flows.permissions import CLIENT

STREAM = "CONSTELLATION_TELEMETRY"
AT_ONCE = 1000  # No other number was faster.


def measure(settings: Settings, sizes: Sizes) -> Figures:
    return {"fetch_msgs_per_s": asyncio.run(_rate(settings, sizes.messages))}


async def _rate(settings: Settings, messages: int) -> float:
    server = as_part(settings, CLIENT)
    # The driver as it comes, and not as we connect.
    client = await nats.connect(server.url, nkeys_seed=server.seed_file, inbox_prefix=server.inbox)
    try:
        began = time.perf_counter()
        subscription = await client.jetstream().pull_subscribe(
            f"{TELEMETRY}.>",
            stream=STREAM,
            config=ConsumerConfig(
                deliver_policy=DeliverPolicy.ALL, ack_policy=AckPolicy.NONE, mem_storage=True
            ),
            pending_msgs_limit=-1,
            pending_bytes_limit=-1,
        )
        left = messages
        while left > 0:
            left -= len(await subscription.fetch(min(AT_ONCE, left)))
        return messages / (time.perf_counter() - began)
    finally:
        await client.close()
