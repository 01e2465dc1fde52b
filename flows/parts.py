"""The parts of a deployment: one row each, by which they are started, judged and stopped."""

import signal
import sys
from collections.abc import Mapping
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

from connectors.environment import FILE
from connectors.metrics import PART
from connectors.nats_server import command as nats_server
from flows.connection import web_tls
from flows.ontology.credentials import LEGACY
from flows.ontology.settings import TABLE, Settings

FLOWS = ("relay", "telemetry", "entities", "commands")
TRAFFIC = "traffic"
NATS = "nats"
DOOR = "door"
SIMULATOR = "simulator"
MAINTENANCE = "maintenance"
# What is kept for later can wait for what is flown now.
NICE = {"telemetry": 5, MAINTENANCE: 10}
# Every part together has to fit a small box: one arena of memory, one thread to compute.
THRIFT = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": "131072",
    "POLARS_MAX_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "RUST_BACKTRACE": "0",
    "GOMEMLIMIT": "192MiB",
}
# Settings that name files: parts run elsewhere than where the command was given.
FILES = (
    "nats_seed_file", "nats_legacy_token_file", "nats_tls_cert", "nats_tls_key", "nats_tls_ca",
    "tls_cert", "tls_key", "mavlink_signing_key_file",
)  # fmt: skip
GRANIAN = (
    "--interface", "asgi", "--factory", "--workers", "1", "--loop", "uvloop", "--http", "auto",
    "--workers-kill-timeout", "2", "--no-access-log",
)  # fmt: skip


class Stage(IntEnum):
    """Parts of a stage start together, once those before work; they stop before those do."""

    SERVER = 0
    DEPLOYMENT = 1
    PEERS = 2


class Part(NamedTuple):
    """A row of the table.

    It works when it listens at ``listens``, or has given a sign of life (``beats``), or
    else when it has not ended at once. One with ``every_seconds`` is a job: it is run
    again and again, and ends each time. ``stop`` asks it to stop; it is killed when it
    has not done so after ``stop_seconds``. Others of the machine go before one that is
    ``nice``, as ``nice(2)`` has it.
    """

    name: str
    command: tuple[str, ...]
    stage: Stage = Stage.DEPLOYMENT
    listens: tuple[str, int] | None = None
    beats: bool = False
    every_seconds: float = 0.0
    stop: signal.Signals = signal.SIGTERM
    stop_seconds: float = 3.0
    nice: int = 0


def parts(settings: Settings, *, simulated: bool = False) -> tuple[Part, ...]:
    """The table, for these settings."""
    server = (_nats(settings),) if settings.embedded else ()
    peers = (_simulator(settings),) if simulated else ()
    each = (_flow(settings, name) for name in flows(settings))
    doors = (_token_door(settings),) if settings.legacy else ()
    return (*server, *doors, _web(settings), *each, _maintenance(settings), *peers)


def flows(settings: Settings) -> tuple[str, ...]:
    """The flows that run with these settings: who has no receiver has no part that hears none."""
    return (*FLOWS, TRAFFIC) if settings.receivers else FLOWS


def variables(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment that every part gets: settings as they were checked, wherever it runs.

    A part does not look for a ``.env`` again, which may have changed since.
    """
    ours = {
        "OVERWATCH_DATA_DIR": str(settings.data_dir.absolute()),
        "PYTHONUNBUFFERED": "1",
        "PYTHONSAFEPATH": "1",  # Modules are ours, not those of whatever folder we are in.
    }
    for field in FILES:
        if file := getattr(settings, field):
            ours[TABLE[field].variable] = str(Path(file).absolute())
    given = {name: text for name, text in environment.items() if name not in (FILE, PART)}
    return THRIFT | given | ours


def run_folder(settings: Settings) -> Path:
    """What is true of this run only: figures, the report, the lock."""
    return settings.data_dir / "run"


def python(*arguments: str) -> tuple[str, ...]:
    """A module of ours, as a process; whatever lies in its working folder is no code of it."""
    return (sys.executable, "-P", "-m", *arguments)


def reached(host: str) -> str:
    """An address under which something that listens at ``host`` is found on this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  (compared, not bound)


def _nats(settings: Settings) -> Part:
    file = settings.data_dir.absolute() / "nats" / "nats.conf"
    listens = (reached(settings.nats_host), settings.nats_port)
    return Part(NATS, nats_server(file), Stage.SERVER, listens, stop_seconds=1.0)


def _token_door(settings: Settings) -> Part:
    host = reached(settings.nats_host)
    command = python(
        "connectors.token_door",
        f"--listen={settings.nats_host}:{settings.nats_legacy_port}",
        f"--server={host}:{settings.nats_port}",
        f"--user={LEGACY}",
    )
    return Part(DOOR, command, listens=(host, settings.nats_legacy_port))


def _web(settings: Settings) -> Part:
    program = str(Path(sys.executable).with_name("granian"))
    where = ("--host", settings.host, "--port", str(settings.port), *_https(settings))
    listens = (reached(settings.host), settings.port)
    return Part("web", (program, *GRANIAN, *where, "web.app:app"), listens=listens)


def _https(settings: Settings) -> tuple[str, ...]:
    tls = web_tls(settings)
    if tls is None:
        return ()
    files = ("--ssl-certificate", tls.cert_file, "--ssl-keyfile", tls.key_file)
    return (*files, "--ssl-protocol-min", "tls1.3")


def _flow(settings: Settings, name: str) -> Part:
    recovery = str(settings.recovery(name).absolute())
    # No backup interval: what recovery no longer needs is deleted at once.
    resume = ("-r", recovery, "-s", str(settings.snapshot_seconds), "-b", "0")
    # Only at an interrupt does Bytewax close its sources and sinks.
    command = python("bytewax.run", f"flows.{name}", *resume)
    return Part(name, command, beats=True, stop=signal.SIGINT, nice=NICE.get(name, 0))


def _maintenance(settings: Settings) -> Part:
    retain = ("--retain-days", str(settings.lake_retention_days))
    command = python("connectors.lake", "maintain", *retain)
    every = settings.lake_maintenance_seconds
    return Part(MAINTENANCE, command, every_seconds=every, nice=NICE[MAINTENANCE])


def _simulator(settings: Settings) -> Part:
    base = settings.mavlink_base_port
    link = next(each for each in settings.links if (each.scheme, each.number) == ("udp", base))
    target = f"{reached(settings.address(link))}:{base}"
    return Part(SIMULATOR, python("connectors.simulator", "--target", target), Stage.PEERS)
