"""A whole deployment as its users start it, in a folder and on ports of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from connectors.lake import connect
from connectors.session import Server, session
from connectors.sqlite import read_rows

OVERWATCH = Path(sys.executable).with_name("overwatch")
READY_SECONDS = 60.0
BUCKET = "CONSTELLATION_GLOBAL_STATE"
STREAM = "CONSTELLATION_TELEMETRY"


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(type=kind) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def until(condition: Callable[[], object], seconds: float, what: str) -> object:
    """Wait until a condition holds, and give what it gave; fail with ``what`` is missing."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)
    return found


@dataclass
class Deployment:
    folder: Path
    web: int = field(default_factory=free_port)
    nats: int = field(default_factory=free_port)
    mavlink: int = field(default_factory=lambda: free_port(socket.SOCK_DGRAM))
    process: subprocess.Popen | None = None
    link: str = ""

    @property
    def environment(self) -> dict[str, str]:
        ours = {
            "OVERWATCH_DATA_DIR": str(self.folder / "data"),
            "PORT": str(self.web),
            "NATS_PORT": str(self.nats),
            "MAVLINK_BASE_PORT": str(self.mavlink),
            "OVERWATCH_SNAPSHOT_SECONDS": "1",
        }
        kept = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
        return {name: os.environ[name] for name in kept if name in os.environ} | ours

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self, *command: str) -> None:
        """Start it, and wait for its one line."""
        log = (self.folder / "overwatch.err").open("ab")
        with log:
            self.process = subprocess.Popen(
                [OVERWATCH, *(command or ("up",))],
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=self.folder,
            )
        line = self.process.stdout.readline()
        assert line.startswith("Overwatch is ready: "), self.complaints()
        self.link = line.removeprefix("Overwatch is ready: ").strip()

    def complaints(self) -> str:
        return (self.folder / "overwatch.err").read_text()

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(15)
            self.process.stdout.close()
            self.process = None

    def run(self, *arguments: str, timeout: float = 120.0) -> subprocess.CompletedProcess:
        """A command beside it."""
        return subprocess.run(
            [OVERWATCH, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            cwd=self.folder,
            check=False,
        )

    def processes(self, part: str) -> list[psutil.Process]:
        """Those of a part, which are told by the environment that they were given."""
        return [
            child
            for child in psutil.Process(self.process.pid).children(recursive=True)
            if _part(child) == part
        ]

    def kill(self, part: str) -> bool:
        """SIGKILL to a part, if it runs; whether it did."""
        found = self.processes(part)
        for each in found:
            each.kill()
        return bool(found)

    def health(self) -> tuple[int, dict]:
        answer = httpx.get(f"http://127.0.0.1:{self.web}/health", timeout=5)
        return answer.status_code, answer.json()

    def well(self) -> bool:
        try:
            return self.health()[0] == 200
        except httpx.HTTPError:
            return False

    @contextmanager
    def lake(self) -> Iterator:
        with closing(connect(self.data / "lake")) as connection:
            yield connection

    def ask(self, sql: str, *values: object) -> list[tuple]:
        """Rows of the lake."""
        with self.lake() as lake:
            return lake.execute(sql, list(values)).fetchall()

    def registry(self) -> dict[str, dict]:
        rows = read_rows(self.data / "db" / "constellation.db", "SELECT * FROM entities")
        return {row["entity_id"]: row for row in rows}

    def rejections(self) -> list[dict]:
        return read_rows(self.data / "db" / "constellation.db", "SELECT * FROM rejections")

    def server(self, part: str = "client") -> Server:
        seed = str(self.data / "nats" / "keys" / f"{part}.nk")
        return Server(f"nats://127.0.0.1:{self.nats}", part, seed)

    def states(self) -> dict[str, dict]:
        """Every document of the bucket."""

        async def read(client) -> dict[str, dict]:
            bucket = await client.jetstream().key_value(BUCKET)
            found = {}
            for key in await bucket.keys():
                found[key] = json.loads((await bucket.get(key)).value)
            return found

        with session(self.server()) as opened:
            return opened.call(read, opened.client)

    def stream_last(self, stream: str = STREAM) -> int:
        async def last(client) -> int:
            return (await client.jetstream().stream_info(stream)).state.last_seq

        with session(self.server()) as opened:
            return opened.call(last, opened.client)


def _part(process: psutil.Process) -> str:
    try:
        return process.environ().get("OVERWATCH_PART", "")
    except psutil.Error:
        return ""


@contextmanager
def deployed(folder: Path, *command: str) -> Iterator[Deployment]:
    """A deployment that runs for as long as the block lasts."""
    deployment = Deployment(folder)
    try:
        deployment.start(*command)
        yield deployment
    finally:
        if deployment.process is not None:
            deployment.stop()
