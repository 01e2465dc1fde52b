"""The web in a process of its own, to be killed and started again, and a bucket to fill."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio.from_thread
import httpx
import nats
from serving import DEADLINE, Bucket, NatsServer, environment_of, make_streams, settings_for

from flows.ontology.settings import Settings
from web.clock import Clock
from web.database import Tables
from web.sign_in import create_link


@dataclass
class Web:
    """The web's server: one process, so that a kill is a kill."""

    settings: Settings
    environment: dict[str, str]
    process: subprocess.Popen | None = None

    def start(self) -> None:
        place = ("--host", self.settings.host, "--port", str(self.settings.port))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", *place, "--factory", "--ws", "none",
             "--log-level", "error", "--timeout-graceful-shutdown", "1", "web.app:app"],
            env=self.environment,
        )  # fmt: skip
        within(self._answers)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "the web has ended"
        try:
            # Whatever it says of its health: other parts of a deployment do not run here.
            httpx.get(f"{self.settings.url}/health", timeout=1)
        except httpx.HTTPError:
            return False
        return True

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait(DEADLINE)
            self.process = None

    def pause(self) -> None:
        """Stop it in its tracks: connections stay open, and nothing comes."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def link(self) -> str:
        """The path of a new sign-in link."""
        with closing(Tables(self.settings.database)) as tables:
            link = create_link(tables, self.settings, Clock())
        return link[link.index("/sign-in") :]


class Fleet:
    """The state bucket, for tests that cannot await: Playwright's calls block."""

    def __init__(self, portal: anyio.from_thread.BlockingPortal, url: str) -> None:
        self._portal = portal
        portal.call(make_streams, url)
        self._bucket = Bucket(portal.call(self._connect, url))
        self._ids: set[str] = set()

    @staticmethod
    async def _connect(url: str) -> nats.NATS:
        return await nats.connect(url, reconnect_time_wait=0.1, max_reconnect_attempts=-1)

    def put(self, document: dict) -> None:
        self._ids.add(document["entity_id"])
        self._portal.call(self._bucket.put, document["entity_id"], document)

    def delete(self, entity_id: str) -> None:
        self._ids.discard(entity_id)
        self._portal.call(self._bucket.delete, entity_id)

    def clear(self) -> None:
        for entity_id in list(self._ids):
            self.delete(entity_id)

    def close(self) -> None:
        self._portal.call(self._bucket.client.close)


@dataclass
class Deployment:
    """What a browser looks at, from the message server on."""

    nats_server: NatsServer
    web: Web
    fleet: Fleet


@contextmanager
def deployed(folder: Path, *, stale: int, lost: int) -> Iterator[Deployment]:
    """All of it runs for as long as the block. Vehicles are stale and lost after these seconds."""
    nats_server = NatsServer(folder / "js")
    nats_server.start()
    settings = settings_for(folder, nats_server.url)
    limits = {"OVERWATCH_STALE_SECONDS": str(stale), "OVERWATCH_LOST_SECONDS": str(lost)}
    web = Web(settings, {**environment_of(settings), **limits})
    try:
        with anyio.from_thread.start_blocking_portal() as portal:
            fleet = Fleet(portal, nats_server.url)
            web.start()
            yield Deployment(nats_server, web, fleet)
            fleet.close()
    finally:
        web.kill()
        nats_server.stop()


def within(condition: Callable[[], object], seconds: float = DEADLINE) -> None:
    """Wait until a condition holds; fail when it has not by the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
