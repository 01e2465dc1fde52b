"""A whole deployment, and what has become of what was said to it."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psutil
from deployed import Deployment, deployment
from nats.aio.client import Client
from nats.js.errors import KeyNotFoundError

from connectors.lake import connect
from connectors.session import Server, session
from connectors.sqlite import read_rows

BUCKET = "CONSTELLATION_GLOBAL_STATE"
SUBJECTS = f"$KV.{BUCKET}."
STREAM = "CONSTELLATION_TELEMETRY"


def until(condition: Callable[[], object], seconds: float, what: str) -> object:
    """Wait until a condition holds, and give what it gave; fail with ``what`` is missing."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)
    return found


async def bucket_keys(client: Client) -> list[str]:
    """The keys of the bucket; the driver's own list of them now and then lacks some, or all."""
    info = await client.jetstream().stream_info(f"KV_{BUCKET}", subjects_filter=f"{SUBJECTS}>")
    return [each.removeprefix(SUBJECTS) for each in info.state.subjects or {}]


class Observed(Deployment):
    """A deployment that is looked into: the lake, the database, the bucket, the streams."""

    @property
    def web(self) -> str:
        return f"http://127.0.0.1:{self.environment['PORT']}"

    @property
    def mavlink(self) -> tuple[str, int]:
        return "127.0.0.1", int(self.environment["MAVLINK_BASE_PORT"])

    @property
    def link(self) -> str:
        """The sign-in link of its one line."""
        return self.ready.removeprefix("Overwatch is ready: ")

    def kill(self, part: str) -> bool:
        """SIGKILL to a part, if it runs; whether it did."""
        found = self.processes_of(part)
        for each in found:
            each.kill()
        return bool(found)

    def processes_of(self, part: str) -> list[psutil.Process]:
        """A part that runs, and what it has started."""
        return [each for each in self.processes() if _part(each) == part]

    def ask(self, sql: str, *values: object) -> list[tuple]:
        """Rows of the lake."""
        with closing(connect(self.data / "lake")) as lake:
            return lake.execute(sql, list(values)).fetchall()

    def registry(self) -> dict[str, dict]:
        rows = read_rows(self.data / "db" / "constellation.db", "SELECT * FROM entities")
        return {row["entity_id"]: row for row in rows}

    def rejections(self) -> list[dict]:
        return read_rows(self.data / "db" / "constellation.db", "SELECT * FROM rejections")

    def server(self, part: str = "client") -> Server:
        seed = str(self.data / "nats" / "keys" / f"{part}.nk")
        return Server(f"nats://127.0.0.1:{self.environment['NATS_PORT']}", part, seed)

    def states(self) -> dict[str, dict]:
        """Every document of the bucket that can be read; others may have put what cannot."""

        async def read(client) -> dict[str, dict]:
            stream = client.jetstream()
            bucket = await stream.key_value(BUCKET)
            found = {}
            for key in await bucket_keys(client):
                with suppress(ValueError, RecursionError, KeyNotFoundError):
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
def deployed(folder: Path, command: str = "up") -> Iterator[Observed]:
    """A deployment that runs for as long as the block lasts, and commits every second."""
    with deployment(folder, command, OVERWATCH_SNAPSHOT_SECONDS="1") as running:
        yield Observed(**vars(running))
