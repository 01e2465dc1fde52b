"""What has to be so before anything is started: a folder to write in, and ports to listen at."""

import errno
import fcntl
import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from connectors.signing_key import KeyUnusable, read_key
from flows.cli.deployment import Refused
from flows.ontology.links import LISTENING
from flows.ontology.settings import Settings
from flows.parts import run_folder
from flows.supervisor.report import NAME

LEAST_FREE_BYTES = 64 * 1024 * 1024
# Parts of a supervisor that was killed need a moment to end.
LEFT_OVER_SECONDS = 5.0
LOOK_SECONDS = 0.1


class Port(NamedTuple):
    """A port that we are going to listen at, and the variables that name it."""

    host: str
    number: int
    kind: socket.SocketKind
    host_variable: str
    variable: str
    otherwise: str


def ports(settings: Settings) -> list[Port]:
    """Every port that a deployment with these settings listens at."""
    tcp, udp = socket.SOCK_STREAM, socket.SOCK_DGRAM
    found = [Port(settings.host, settings.port, tcp, "HOST", "PORT", "")]
    if settings.embedded:
        theirs = ", or to use the server there, set NATS_URL"
        row = ("NATS_HOST", "NATS_PORT", theirs)
        found.append(Port(settings.nats_host, settings.nats_port, tcp, *row))
    if settings.legacy:
        row = ("NATS_HOST", "NATS_LEGACY_PORT", "")
        found.append(Port(settings.nats_host, settings.nats_legacy_port, tcp, *row))
    if settings.mqtt_port:
        row = ("MQTT_HOST", "MQTT_PORT", "")
        found.append(Port(settings.mqtt_host, settings.mqtt_port, tcp, *row))
    for link in settings.links:
        if link.scheme not in LISTENING:
            continue
        kind = udp if link.scheme == "udp" else tcp
        base = kind is udp and link.number == settings.mavlink_base_port
        variable = "MAVLINK_BASE_PORT" if base else "MAVLINK_LINKS"
        host_variable = "MAVLINK_LINKS" if link.place else "MAVLINK_HOST"
        address = settings.address(link)
        found.append(Port(address, link.number, kind, host_variable, variable, ""))
    for variable, receivers in (
        ("AIS_RECEIVERS", settings.ais_receivers),
        ("ADSB_RECEIVERS", settings.adsb_receivers),
    ):
        for each in receivers:
            if each.listens:
                kind = udp if each.transport == "udp" else tcp
                found.append(Port(each.host, each.port, kind, variable, variable, ""))
    return found


def free(port: Port) -> None:
    """Make sure that a port can be listened at.

    Raises:
        Refused: it cannot.
    """
    kind = "UDP port" if port.kind is socket.SOCK_DGRAM else "Port"
    try:
        family, *_, address = socket.getaddrinfo(port.host, port.number, type=port.kind)[0]
        with socket.socket(family, port.kind) as tried:
            if port.kind is socket.SOCK_STREAM:
                # As the servers do: what a connection leaves behind for a minute is no obstacle.
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
            if port.kind is socket.SOCK_STREAM:
                tried.listen()
    except socket.gaierror as error:
        raise Refused(
            f"{port.host_variable} is {port.host!r}, which is no address: {error.strerror}."
        ) from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            sentence = (
                f"{kind} {port.number} on {port.host} is in use: stop the program that has it, "
                f"or set {port.variable} to another port{port.otherwise}."
            )
        elif error.errno == errno.EADDRNOTAVAIL:
            sentence = (
                f"{port.host_variable} is {port.host!r}, which is no address of this machine."
            )
        else:
            sentence = (
                f"{kind} {port.number} on {port.host} cannot be used: {error.strerror}. "
                f"Set {port.variable} to another port."
            )
        raise Refused(sentence) from error


def apart(ports: list[Port]) -> None:
    """Make sure that no two parts are to listen at the same port.

    Raises:
        Refused: with the settings that name it.
    """
    known: dict[tuple[str, int, socket.SocketKind], Port] = {}
    for port in ports:
        other = known.setdefault((port.host, port.number, port.kind), port)
        if other is not port:
            kind = "UDP" if port.kind is socket.SOCK_DGRAM else "TCP"
            raise Refused(
                f"{other.variable} and {port.variable} name the same {kind} port {port.number} on "
                f"{port.host}: set one of them to another port."
            )


def all_free(settings: Settings) -> None:
    """Make sure of every port, before anything is started.

    Raises:
        Refused: with the first that cannot be used.
    """
    apart(ports(settings))
    # Whoever stops in good order takes the report away.
    killed = (run_folder(settings) / NAME).exists()
    deadline = time.monotonic() + (LEFT_OVER_SECONDS if killed else 0.0)
    for port in ports(settings):
        while True:
            try:
                free(port)
                break
            except Refused:
                if time.monotonic() >= deadline:
                    raise
            time.sleep(LOOK_SECONDS)


def key_readable(settings: Settings) -> None:
    """Make sure of the key for signatures, where they are checked.

    Raises:
        Refused: there is none, or others can read it.
    """
    if settings.mavlink_signing == "off":
        return
    try:
        read_key(Path(settings.mavlink_signing_key_file))
    except KeyUnusable as error:
        raise Refused(str(error)) from error


def writable(folder: Path, least_free_bytes: int = LEAST_FREE_BYTES) -> None:
    """Make the data folder if need be, and make sure that it can be written.

    Raises:
        Refused: it cannot be made or written, or its disk is full.
    """
    probe = folder / f".probe.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe.write_bytes(b"?" * 4096)
        probe.unlink()
        available = shutil.disk_usage(folder).free
    except OSError as error:
        raise Refused(
            f"{folder.absolute()} cannot be written: {error.strerror}. "
            "Make it writable, or set OVERWATCH_DATA_DIR to a folder that is."
        ) from error
    if available < least_free_bytes:
        raise Refused(
            f"The disk of {folder.absolute()} is full: {available // 2**20} MiB are free, and "
            f"{least_free_bytes // 2**20} MiB are needed. Free some, or set OVERWATCH_DATA_DIR "
            "to a folder on another disk."
        )


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Be the only supervisor of the data folder; the system lets go of it when we end.

    Raises:
        Refused: another one is at work there.
    """
    with _lock_file(settings).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise Refused(
                f"Overwatch runs already with {settings.data_dir.absolute()}, as process "
                f"{lock.read().strip() or 'unknown'}: stop that one, or set OVERWATCH_DATA_DIR "
                "to another folder."
            ) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def supervised(settings: Settings) -> bool:
    """Whether a supervisor is at work with the data folder."""
    try:
        with _lock_file(settings).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _lock_file(settings: Settings) -> Path:
    folder = run_folder(settings)
    if not folder.exists() and settings.data_dir.exists():
        folder.mkdir(mode=0o700)
    return folder / "lock"
