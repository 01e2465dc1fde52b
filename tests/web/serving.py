"""A real message server, a real bucket and a real HTTP server, to test the web against."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import nats
import uvicorn
from free import free_port
from nats.js.api import StreamConfig
from starlette.applications import Starlette

from flows.ontology.settings import Settings
from flows.ontology.streams import BUCKET, STREAMS
from flows.ontology.subjects import state
from web.app import create_app
from web.clock import Clock
from web.identity import scopes
from web.sessions import COOKIE
from web.sign_in import create_link
from web.site import Site

NATS_SERVER = Path(sys.executable).with_name("nats-server")
DEADLINE = 15.0


async def until(condition: Callable[[], object], seconds: float = DEADLINE) -> None:
    """Wait until a condition holds; fail when it has not by the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {condition}"
        await asyncio.sleep(0.01)


@dataclass
class NatsServer:
    """A message server that can be killed and started again over the same files."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        arguments = ["-js", "-a", "127.0.0.1", "-p", str(self.port), "-sd", str(self.folder)]
        self.process = subprocess.Popen(
            [NATS_SERVER, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert self.process.poll() is None, "nats-server has ended"
            else:
                return
        raise AssertionError("nats-server does not listen")

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(DEADLINE)
            self.process = None


def settings_for(folder: Path, nats_url: str, **more: str) -> Settings:
    return Settings.read(
        {
            "OVERWATCH_DATA_DIR": str(folder / "data"),
            "NATS_URL": nats_url,
            "OVERWATCH_ORG_ID": "north",
            "PORT": str(free_port()),
            **more,
        }
    )


@dataclass
class WoundClock:
    """Real time, and as much more as a test winds it on."""

    ahead: float = 0.0

    @property
    def clock(self) -> Clock:
        return Clock(lambda: time.time() + self.ahead, lambda: time.monotonic() + self.ahead)


def rfc3339(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def document(entity_id: str, organization: str = "north", **more: object) -> dict:
    """A document as the entities flow writes it, heard just now."""
    now = rfc3339(time.time())
    return {
        "entity_id": entity_id,
        "org_id": organization,
        "name": f"Name of {entity_id}",
        "entity_type": "aircraft_multirotor",
        "liveness": {"state": "live", "since": now, "reason": ""},
        "source": "udp:14550",
        "recorded": False,
        "first_seen": now,
        "last_seen": now,
        "position": {"global": {"latitude": 47.4, "longitude": 8.5, "altitude_relative": 80.0}},
        "provenance": {
            "position.global": {
                "stream_time": now,
                "device_time": None,
                "sequence": 7,
                "message": "GLOBAL_POSITION_INT",
                "source": "udp:14550",
            }
        },
        **more,
    }


class Bucket:
    """The state bucket, as the entities flow and other programs write it."""

    def __init__(self, client: nats.NATS) -> None:
        self.client = client

    async def put(self, key: str, value: dict | bytes) -> None:
        data = value if isinstance(value, bytes) else msgspec.json.encode(value)
        await self.client.jetstream().publish(state(key), data)

    async def delete(self, key: str) -> None:
        headers = {"KV-Operation": "DEL"}
        await self.client.jetstream().publish(state(key), b"", headers=headers)


async def make_streams(url: str, names: set[str] | None = None) -> None:
    client = await nats.connect(url)
    js = client.jetstream()
    for stream in (*STREAMS, BUCKET):
        if names is None or stream.name in names:
            config = StreamConfig(
                name=stream.name,
                subjects=list(stream.subjects),
                max_msgs_per_subject=stream.per_subject,
                allow_rollup_hdrs=stream is BUCKET,
            )
            await js.add_stream(config)
    await client.close()


@dataclass
class Served:
    """A web that serves on a port of its own, in the test's event loop."""

    application: Starlette
    address: str

    @property
    def site(self) -> Site:
        return self.application.state.site

    def client(self, **headers: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.address, headers=headers, timeout=DEADLINE)

    def link(self) -> str:
        """The path of a new sign-in link."""
        link = create_link(self.site.tables, self.site.settings, self.site.clock)
        return link[link.index("/sign-in") :]

    async def session(self, organization: str = "north", role: str = "admin") -> str:
        """The token of a new session, of somebody new."""
        person = self.site.people.add(organization, email="", name=f"A {role}", role=role)
        return await self.site.sessions.create(person)

    @asynccontextmanager
    async def acting_as(
        self, role: str, organization: str = "north"
    ) -> AsyncIterator[httpx.AsyncClient]:
        """A client with the session of somebody with a role; it speaks as our pages do."""
        token = await self.session(organization, role)
        headers = {"Cookie": f"{COOKIE}={token}", "Sec-Fetch-Site": "same-origin"}
        async with self.client(**headers) as client:
            yield client

    @asynccontextmanager
    async def signed_in(self, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
        """A client with the session of an admin, made by a link; it speaks as our pages do."""
        async with self.client(**{"Sec-Fetch-Site": "same-origin"}, **headers) as client:
            answer = await client.get(self.link())
            assert answer.status_code == 303
            yield client

    def key(self, organization: str, *names: str) -> str:
        """A new API key."""
        return self.site.keys.create(organization, scopes(names))


@asynccontextmanager
async def served(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Served]:
    application = create_app(settings, clock)
    config = uvicorn.Config(
        application,
        "127.0.0.1",
        settings.port,
        ws="websockets-sansio",
        log_level="error",
        lifespan="on",
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started or task.done())
    try:
        yield Served(application, f"http://127.0.0.1:{settings.port}")
    finally:
        application.state.site.live.close()
        application.state.site.following.close()
        application.state.site.live_commands.close()
        application.state.site.board.close()
        server.should_exit = True
        await task


@dataclass(frozen=True)
class Event:
    name: str
    data: str


@asynccontextmanager
async def events(client: httpx.AsyncClient, path: str) -> AsyncIterator[AsyncIterator[Event]]:
    """A live stream, event by event."""
    async with client.stream("GET", path, headers={"Accept-Encoding": "identity"}) as answer:
        assert answer.status_code == 200
        yield _parsed(answer)


async def _parsed(answer: httpx.Response) -> AsyncIterator[Event]:
    name, lines = "", []
    async for line in answer.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            lines.append(line.removeprefix("data: "))
        elif not line:
            yield Event(name, "\n".join(lines))
            name, lines = "", []


async def next_with(stream: AsyncIterator[Event], *texts: str, name: str = "") -> Event:
    """The next event that holds all of these texts; fails when none comes in time."""
    async with asyncio.timeout(DEADLINE):
        async for event in stream:
            if event.name.endswith(name) and all(text in event.data for text in texts):
                return event
    raise AssertionError(f"The stream ended before {texts}")


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment of a child process that is to have these settings."""
    return {
        **os.environ,
        "OVERWATCH_DATA_DIR": str(settings.data_dir),
        "NATS_URL": settings.nats_url,
        "OVERWATCH_ORG_ID": settings.organization,
        "HOST": settings.host,
        "PORT": str(settings.port),
    }
