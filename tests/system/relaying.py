"""A relay by itself, what is delivered to it, and a vehicle of pymavlink's that it commands."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import uuid4, uuid5

import msgspec
from bytewax.recovery import init_db_dir
from deployed import until, variables
from message_server import ANYONE, FREE, Running, message_server, with_streams
from nats.js.errors import NotFoundError
from pymavlink.dialects.v20 import all as dialect

from connectors.session import Server, session
from connectors.sqlite import read_rows
from flows.ontology.commands import Delivery
from flows.ontology.identity import within
from flows.permissions import TABLE

HOST = "127.0.0.1"
STREAM, TELEMETRY = "CONSTELLATION_COMMANDS", "CONSTELLATION_TELEMETRY"
ACCEPTED, REJECTED, DENIED, UNSUPPORTED, FAILED, IN_PROGRESS = range(6)

Reply = dialect.MAVLink_message
Answering = Callable[["Pilot", dialect.MAVLink_message], Iterable[Reply]]


def acknowledged(
    message: dialect.MAVLink_message, result: int = ACCEPTED, progress: int = 0, more: int = 0
) -> Reply:
    """A COMMAND_ACK for whoever asked."""
    asker = message.get_srcSystem(), message.get_srcComponent()
    return dialect.MAVLink_command_ack_message(message.command, result, progress, more, *asker)


def obedient(_pilot: "Pilot", message: dialect.MAVLink_message) -> Iterable[Reply]:
    """Accept whatever is asked."""
    if message.get_type() in {"COMMAND_LONG", "COMMAND_INT"}:
        yield acknowledged(message)


class Pilot:
    """A vehicle that beats, says where it is, and answers, for as long as the block lasts."""

    def __init__(
        self, port: int, answering: Answering = obedient, *, autopilot: int = 3, kind: int = 2,
        system: int = 1, first: bool = False, stream: bool = False,
    ) -> None:  # fmt: skip
        self.answering, self.autopilot, self.kind, self.system = answering, autopilot, kind, system
        self.heard: deque[dialect.MAVLink_message] = deque(maxlen=10_000)
        self.mode, self.first = 4, first
        kind_of = socket.SOCK_STREAM if stream else socket.SOCK_DGRAM
        self._socket = socket.socket(socket.AF_INET, kind_of)
        self._socket.connect((HOST, port))
        self._socket.settimeout(0.1)
        self._mavlink = dialect.MAVLink(None, system, 1)
        self._mavlink.robust_parsing = True
        self._stop = threading.Event()
        self._flying = threading.Thread(target=self._fly, daemon=True)

    def say(self, message: Reply) -> None:
        with suppress(ConnectionRefusedError):  # The relay is away.
            self._socket.send(message.pack(self._mavlink, force_mavlink1=self.first))
        self._mavlink.seq = (self._mavlink.seq + 1) % 256

    def commands(self, number: int = 0) -> list[dialect.MAVLink_message]:
        """The commands that were heard, all or of a MAV_CMD."""
        return [each for each in [*self.heard] if number in {0, getattr(each, "command", -1)}]

    def named(self, name: str) -> list[dialect.MAVLink_message]:
        return [each for each in [*self.heard] if each.get_type() == name]

    def _fly(self) -> None:
        beat_at = 0.0
        while not self._stop.is_set():
            if time.monotonic() >= beat_at:
                beat_at = time.monotonic() + 0.2
                self.beat()
            try:
                data = self._socket.recv(2048)
            except (TimeoutError, ConnectionRefusedError):
                continue
            for message in self._mavlink.parse_buffer(data) or ():
                if message.get_type() != "HEARTBEAT":
                    self.heard.append(message)
                    for reply in self.answering(self, message):
                        self.say(reply)
                elif message.get_srcSystem() != self.system:
                    self.heard.append(message)

    def beat(self) -> None:
        self.say(dialect.MAVLink_heartbeat_message(self.kind, self.autopilot, 81, self.mode, 4, 3))
        self.say(
            dialect.MAVLink_global_position_int_message(
                1000, 473_977_420, 85_455_940, 498_000, 10_000, 0, 0, 0, 9000
            )
        )

    def __enter__(self) -> Self:
        self._flying.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._flying.join()
        self._socket.close()


@dataclass
class Relaying:
    """A relay and its message server."""

    folder: Path
    server: Running
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    delivered: dict[str, float] = field(default_factory=dict)

    @property
    def port(self) -> int:
        return int(self.environment["MAVLINK_BASE_PORT"])

    def start(self) -> None:
        recovery = self.folder / "recovery"
        if not recovery.exists():
            recovery.mkdir()
            init_db_dir(recovery, 1)
        command = [sys.executable, "-P", "-m", "bytewax.run", "flows.relay"]
        with (self.folder / "relay.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "-r", str(recovery), "-s", "1", "-b", "0"],
                env=self.environment, cwd=self.folder, stdout=log, stderr=log,
            )  # fmt: skip

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)

    def snapshotted(self) -> None:
        """Wait until what the relay knows now is what it would begin with if it were killed."""
        store = self.folder / "recovery" / "part-0.sqlite3"
        sql = "SELECT ex_num, worker_frontier FROM fronts ORDER BY ex_num DESC LIMIT 1"

        def front() -> tuple[int, int]:
            row = next(iter(read_rows(store, sql)), {"ex_num": -1, "worker_frontier": 0})
            return row["ex_num"], row["worker_frontier"]

        execution, epoch = front()
        until(lambda: front() >= (execution, epoch + 2))

    def as_part(self, part: str) -> Server:
        return self.server.server(part)

    def entity(self, system: int, link: str = "") -> str:
        """The entity of a system that is heard now; waits until it is."""
        name = link or str(system)
        entity = name if link else str(uuid5(within("default", ""), name))
        until(lambda: f"constellation.telemetry.default.{entity}" in self.subjects(TELEMETRY))
        return entity

    def subjects(self, stream: str) -> list[str]:
        async def ask(client: Any) -> list[str]:
            info = await client.jetstream().stream_info(stream, subjects_filter=">")
            return list(info.state.subjects or {})

        with session(self.as_part(ANYONE)) as opened:
            return opened.call(ask, opened.client)

    def deliver(
        self, entity: str, command: str, params: dict[str, Any] | None = None, *,
        seconds: float = 60.0, repeatable: bool = True, **more: Any,
    ) -> str:  # fmt: skip
        """Deliver a command, as the flow of commands does; its id."""
        now = datetime.now(UTC)
        command_id = more.pop("command_id", "") or uuid4().hex
        delivery = Delivery(
            command_id=command_id, org_id="default", entity_id=entity, command=command,
            params=params or {}, issued_at=now, expires_at=now + timedelta(seconds=seconds),
            repeatable=repeatable, **more,
        )  # fmt: skip
        subject = f"constellation.commands.default.{entity}.deliver"

        async def say(client: Any) -> None:
            await client.jetstream().publish(subject, msgspec.json.encode(delivery))

        with session(self.as_part(ANYONE)) as opened:
            self.delivered[command_id] = time.monotonic()
            opened.call(say, opened.client)
        return command_id

    def answers(self, entity: str, command_id: str) -> list[dict[str, Any]]:
        """What was answered of a command, in the order of the stream."""
        subject = f"constellation.commands.default.{entity}.ack"

        async def read(client: Any) -> list[bytes]:
            stream = client.jetstream()
            found, sequence = [], 0
            while True:
                try:
                    message = await stream.get_msg(STREAM, sequence + 1, subject=subject, next=True)
                except NotFoundError:
                    return found
                found.append(message.data)
                sequence = message.seq

        with session(self.as_part(ANYONE)) as opened:
            every = [msgspec.json.decode(each) for each in opened.call(read, opened.client)]
        return [each for each in every if each["command_id"] == command_id]

    def ended(self, entity: str, command_id: str) -> dict[str, Any]:
        """The last answer of a command, once there is one."""
        found: list[dict[str, Any]] = []

        def there() -> bool:
            found[:] = self.answers(entity, command_id)
            return bool(found) and found[-1]["state"] not in {"received", "progress"}

        until(there)
        return found[-1]


@contextmanager
def relaying(folder: Path, **more: str) -> Iterator[Relaying]:
    """A relay that runs, and nothing of it afterwards."""
    given = variables(folder, **more)
    data = folder / "data"
    with message_server(data / "nats", users={**TABLE, **FREE}) as server:
        with_streams(server)
        given |= {"NATS_PORT": str(server.port), "PYTHONPATH": str(Path.cwd())}
        running = Relaying(folder, server, given)
        running.start()
        try:
            yield running
        finally:
            running.stop()
