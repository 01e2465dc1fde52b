"""A log that stands still, and flows that read all of it: by any number of workers."""

import asyncio
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deployed import until, variables
from deployment import bucket_keys
from free import free_port

from connectors.kv import version_of
from connectors.lake import LakeMissing, connect, progress
from connectors.lake.marks import read_marks
from connectors.nats_server import command
from connectors.session import Server, session
from flows.cli import server
from flows.ontology.settings import Settings

STREAM = "CONSTELLATION_TELEMETRY"
BUCKET = "CONSTELLATION_GLOBAL_STATE"
FLOWS = ("telemetry", "entities")
SECONDS = 90.0


@dataclass
class Cluster:
    """A message server with a log of its own, and the processes of flows that run there."""

    folder: Path
    environment: dict[str, str]
    settings: Settings
    processes: dict[str, list[subprocess.Popen[bytes]]] = field(default_factory=dict)

    def start(self, flow: str, processes: int = 1, threads: int = 1) -> None:
        """Start a flow where its recovery store says that it was."""
        recovery = self.settings.recovery(flow)
        if not recovery.exists():
            recovery.mkdir(parents=True)
            parts = [sys.executable, "-m", "bytewax.recovery", str(recovery), str(processes)]
            subprocess.run(parts, check=True)
        run = [sys.executable, "-m", "bytewax.run", f"flows.{flow}"]
        resume = ["-r", str(recovery), "-s", "1", "-b", "0"]
        workers = ["-w", str(threads)] if threads > 1 else []
        addresses = ";".join(f"127.0.0.1:{free_port()}" for _ in range(processes))
        with (self.folder / f"{flow}.log").open("ab") as log:
            self.processes[flow] = [
                subprocess.Popen(
                    [
                        *run, *resume, *workers,
                        *(("-i", str(number), "-a", addresses) if processes > 1 else ()),
                    ],
                    env=self.environment,
                    stdout=log,
                    stderr=log,
                )
                for number in range(processes)
            ]  # fmt: skip

    def kill(self, flow: str) -> None:
        """SIGKILL to every process of a flow."""
        for each in self.processes.pop(flow, []):
            each.kill()
            each.wait()

    def runs(self, flow: str) -> bool:
        return all(each.poll() is None for each in self.processes[flow])

    def stored(self) -> int:
        """How far the lake has come."""
        with suppress(LakeMissing):
            return progress(self.settings.lake).get(("telemetry", STREAM), 0)
        return 0

    def wait_for_more(self, last: int, seconds: float) -> None:
        """Until the lake has come further, or to its last, and not a moment longer."""
        deadline = time.monotonic() + seconds
        with closing(connect(self.settings.lake)) as lake:
            before = read_marks(lake)
            while (now := read_marks(lake)) == before and now["telemetry", STREAM] < last:
                assert time.monotonic() < deadline, f"not within {seconds} s: more than {before}"

    def ask(self, sql: str) -> list[tuple]:
        """Rows of the lake, which may be many and wide."""
        with closing(connect(self.settings.lake, memory_limit="1GB")) as lake:
            return lake.execute(sql).fetchall()

    def stream_last(self) -> int:
        async def last(client) -> int:
            return (await client.jetstream().stream_info(STREAM)).state.last_seq

        with session(self._server) as opened:
            return opened.call(last, opened.client)

    def say(self, said: Iterable[tuple[str, dict[str, Any]]]) -> None:
        async def publish(client) -> None:
            for subject, body in said:
                await client.jetstream().publish(subject, json.dumps(body).encode())

        with session(self._server) as opened:
            opened.call(publish, opened.client)

    def documents(self) -> dict[str, tuple[dict, dict]]:
        """Every document of the bucket, and the sequences that its writer says went into it."""

        async def read(client) -> dict[str, tuple[dict, dict]]:
            bucket = await client.jetstream().key_value(BUCKET)
            found = {}
            for key in await bucket_keys(client):
                entry = await bucket.get(key)
                message = await client.jetstream().get_last_msg(
                    f"KV_{BUCKET}", f"$KV.{BUCKET}.{key}"
                )
                found[key] = (json.loads(entry.value), dict(version_of(message.headers).sequences))
            return found

        with session(self._server) as opened:
            return opened.call(read, opened.client)

    @property
    def _server(self) -> Server:
        return Server(self.settings.server, "client", self.settings.seed("client"))


@contextmanager
def cluster(folder: Path, log: Path | None = None) -> Iterator[Cluster]:
    """A message server, with a copy of a log that another one has kept."""
    environment = variables(folder)
    settings = Settings.read(environment)
    if log is not None:
        shutil.copytree(log, settings.data_dir / "nats")
    server.set_up(settings)
    running = Cluster(folder, environment, settings)
    process = subprocess.Popen(
        command(settings.data_dir / "nats" / "nats.conf"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: listens(settings.nats_port))
        asyncio.run(server.applied(settings))
        yield running
    finally:
        for flow in tuple(running.processes):
            running.kill(flow)
        process.terminate()
        process.wait()


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def recorded(
    folder: Path, recordings: Sequence[Path], said: Iterable[tuple[str, dict[str, Any]]]
) -> Path:
    """A log with all that recordings and others say; where the message server has kept it."""
    with cluster(folder) as made:
        for path in recordings:
            factory = f"flows.relay:replay({str(path)!r}, 0, '', 'once')"
            relay = [sys.executable, "-m", "bytewax.run", factory]
            subprocess.run(relay, env=made.environment, check=True, timeout=SECONDS)
        made.say(said)
    return made.settings.data_dir / "nats"
