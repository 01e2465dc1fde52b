"""The web in a process of its own, to be killed and started again, and a bucket to fill."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import anyio.from_thread
import httpx
import nats
from serving import DEADLINE, Bucket, environment_of, make_streams

from flows.ontology.settings import Settings


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
        """A new sign-in link."""
        printed = subprocess.run(
            [sys.executable, "-m", "web.sign_in"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return printed.stdout.strip()


class Fleet:
    """The state bucket, for tests that cannot await: Playwright's calls block."""

    def __init__(self, portal: anyio.from_thread.BlockingPortal, url: str) -> None:
        self._portal = portal
        portal.call(make_streams, url)
        self._bucket = Bucket(portal.call(self._connect, url))

    @staticmethod
    async def _connect(url: str) -> nats.NATS:
        return await nats.connect(url, reconnect_time_wait=0.1, max_reconnect_attempts=-1)

    def put(self, document: dict) -> None:
        self._portal.call(self._bucket.put, document["entity_id"], document)

    def delete(self, entity_id: str) -> None:
        self._portal.call(self._bucket.delete, entity_id)

    def close(self) -> None:
        self._portal.call(self._bucket.client.close)


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """Of the web and of its commands. ``more`` are further variables."""
    return {**environment_of(settings), **more}


def within(condition: Callable[[], object], seconds: float = DEADLINE) -> None:
    """Wait until a condition holds; fail when it has not by the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
