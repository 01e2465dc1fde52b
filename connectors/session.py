"""A NATS connection: for async callers, and on a thread of its own for Bytewax workers."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import nats.errors
import nkeys
import structlog
import uvloop

from connectors import driver
from connectors.driver import Client
from connectors.in_time import in_time
from connectors.tls import Tls, client_context

P = ParamSpec("P")
T = TypeVar("T")

CONNECT_SECONDS = 5
RECONNECT_SECONDS = 0.25


class NatsUnreachable(ConnectionError):
    """No server answers there, or it does not let us in. The message says which and what to do."""


@dataclass(frozen=True)
class Server:
    """A NATS server, and whom we are there.

    ``part`` names the connection and is its inbox, so that permissions can let a
    part read its own answers and nobody else's.
    """

    url: str
    part: str
    seed_file: str = ""
    tls: Tls | None = None

    @property
    def inbox(self) -> str:
        return f"_INBOX_{self.part}"

    @property
    def shown(self) -> str:
        """The URL as it may be shown: without a user and a password."""
        scheme, _, rest = self.url.partition("://")
        return f"{scheme}://{rest.rpartition('@')[2]}"


async def connect(server: Server, **options: Any) -> Client:
    """Connect, and from then on reconnect for ever.

    Raises:
        NatsUnreachable: with one sentence that names the server and the reason.
    """
    log = structlog.get_logger().bind(server=server.shown, part=server.part)
    connected = asyncio.Event()
    said = ""

    async def on_error(error: Exception) -> None:
        nonlocal said
        text = str(error) or type(error).__name__
        if not connected.is_set():
            # A server that does not let us in says so once, and else only hangs up.
            said = text if isinstance(error, nats.errors.Error) else said or text
        elif text != said:
            # While a server is away every try to reconnect fails with the same words.
            said = text
            log.warning("nats_error", error=text)

    async def on_disconnect() -> None:
        if not client.is_closed:
            log.warning("nats_disconnected")

    async def on_reconnect() -> None:
        nonlocal said
        said = ""
        log.info("nats_reconnected")

    seed = {"nkeys_seed": server.seed_file} if server.seed_file else {}
    if server.seed_file and not Path(server.seed_file).is_file():
        raise NatsUnreachable(
            f"The NKey seed file {server.seed_file} does not exist: run `overwatch up` once, "
            "or set NATS_NKEY_SEED_FILE."
        )
    try:
        encrypted = {"tls": client_context(server.tls)} if server.tls else {}
        client = await in_time(
            driver.connect(
                server.url,
                name=f"overwatch-{server.part}",
                inbox_prefix=server.inbox,
                error_cb=on_error,
                disconnected_cb=on_disconnect,
                reconnected_cb=on_reconnect,
                allow_reconnect=True,
                connect_timeout=CONNECT_SECONDS,
                max_reconnect_attempts=-1,
                reconnect_time_wait=RECONNECT_SECONDS,
                **seed,
                **encrypted,
                **options,
            ),
            CONNECT_SECONDS,
        )
    except (TimeoutError, nats.errors.Error, OSError, ValueError, nkeys.NkeysError) as error:
        # Of tries that have gone on until the time was up, the last one tells why.
        reason = str(error) or said or type(error).__name__
        raise NatsUnreachable(
            f"NATS at {server.shown} cannot be used by {server.part}: {reason}. "
            "Is the server running, and are NATS_URL and NATS_NKEY_SEED_FILE right?"
        ) from error
    connected.set()
    said = ""
    return client


class Session:
    """A connection on its own event loop and thread; calls from other threads wait for it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, client: Client) -> None:
        self.loop = loop
        self.client = client

    def call(
        self, function: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a coroutine there and wait for its result."""
        return asyncio.run_coroutine_threadsafe(function(*args, **kwargs), self.loop).result()

    def soon(self, function: Callable[..., object], *args: object) -> None:
        """Run a plain function there, when it gets to it."""
        self.loop.call_soon_threadsafe(function, *args)


@contextmanager
def session(
    server: Server, opening: Callable[[Server], Awaitable[Client]] = connect
) -> Iterator[Session]:
    """A ``Session`` that is open inside the ``with`` block.

    Raises:
        NatsUnreachable: as ``connect`` does.
    """
    loop = uvloop.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name=f"nats-{server.part}", daemon=True)
    thread.start()

    async def open_client() -> Client:
        return await opening(server)

    try:
        client = asyncio.run_coroutine_threadsafe(open_client(), loop).result()
        try:
            yield Session(loop, client)
        finally:
            asyncio.run_coroutine_threadsafe(client.close(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
