"""The embedded message server, as the tests of what connects to it start it."""

import asyncio
import socket
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nats
from free import free_port
from nats.aio.client import Client
from nats.js import JetStreamContext

from connectors.consumer_gate import ConsumerGate
from connectors.nats_server import (
    GATEKEEPER,
    NOBODY,
    Guests,
    Permissions,
    ServerOptions,
    command,
    configure,
)
from connectors.session import Server
from connectors.streams import Limits, apply
from connectors.tls import Tls
from flows.ontology.streams import BUCKET, STREAMS
from flows.permissions import ADMIN, TABLE

DEADLINE = 15.0
GIBIBYTE = 2**30
ALL = (*STREAMS, BUCKET)
LIMITS = Limits(GIBIBYTE, GIBIBYTE // 8)
# For tests of what any stream is read and written by, whoever may do so.
ANYONE = "anyone"
FREE = {ANYONE: Permissions((">",), (">",))}


@dataclass
class Running:
    folder: Path
    port: int
    tls: Tls | None = None

    @property
    def url(self) -> str:
        return f"{'tls' if self.tls else 'nats'}://127.0.0.1:{self.port}"

    def server(self, part: str) -> Server:
        seed = str(self.folder / "keys" / f"{part}.nk")
        return Server(self.url, part, seed, self.tls)

    @asynccontextmanager
    async def client(self, part: str) -> AsyncIterator[tuple[Client, list[str]]]:
        """A client that is that part, and what the server has complained of."""
        server, complaints = self.server(part), []

        async def complain(error: Exception) -> None:
            complaints.append(str(error))

        client = await nats.connect(
            server.url, nkeys_seed=server.seed_file, inbox_prefix=server.inbox, error_cb=complain
        )
        try:
            yield client, complaints
        finally:
            await client.close()


@contextmanager
def message_server(
    folder: Path,
    file_store: int = GIBIBYTE,
    *,
    users: Mapping[str, Permissions] = TABLE,
    guests: Guests = NOBODY,
    port: int = 0,
    tls: Tls | None = None,
) -> Iterator[Running]:
    """The server, with its keys and permissions and no streams.

    Args:
        folder: where it keeps all; one that was there before goes on with what it had.
        file_store: bytes that streams may take.
        users: who may do what.
        guests: who may connect besides.
        port: where it listens, if not at any that is free.
        tls: the certificates, if it speaks TLS.
    """
    options = ServerOptions(
        "127.0.0.1", port or free_port(), 2**20 + 2**17, LIMITS.memory_bytes, file_store, "1s", tls
    )
    file = configure(folder, options, users, guests)
    process = subprocess.Popen(command(file), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until_listening(options.port, process)
        yield Running(folder, options.port, tls)
    finally:
        process.terminate()
        process.wait(DEADLINE)


def until_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + DEADLINE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert process.poll() is None, "nats-server has ended"
            assert time.monotonic() < deadline, "nats-server does not listen"
        else:
            return


def with_streams(running: Running, limits: Limits = LIMITS) -> None:
    async def make() -> None:
        async with running.client(ADMIN) as (client, _):
            await apply(client, ALL, limits)

    asyncio.run(make())


async def heard_out(client: Client) -> None:
    """Wait until the server has answered to all that was said so far."""
    # The driver's first ping may overtake what it has buffered; the second cannot.
    for _ in range(2):
        await client.flush()


def on(running: Running, work: Callable[[JetStreamContext], Any]) -> Any:
    """Do something there as somebody who may do everything."""

    async def run() -> Any:
        async with running.client(ANYONE) as (client, _):
            return await work(client.jetstream())

    return asyncio.run(run())


@contextmanager
def gated(running: Running) -> Iterator[None]:
    """With somebody who makes consumers for guests, as the supervisor does."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    opened, stopped = threading.Event(), asyncio.Event()

    async def keep() -> None:
        async with running.client(ADMIN) as (inside, _), running.client(GATEKEEPER) as (outside, _):
            await ConsumerGate(inside).open(outside)
            await heard_out(outside)
            opened.set()
            await stopped.wait()

    keeping = asyncio.run_coroutine_threadsafe(keep(), loop)
    try:
        assert opened.wait(DEADLINE)
        yield
    finally:
        loop.call_soon_threadsafe(stopped.set)
        keeping.result(DEADLINE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
