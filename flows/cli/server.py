"""The NATS server as the deployment needs it: set up, reached, and with the declared streams."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import nats.errors
from nats.aio.client import Client

from connectors import mqtt
from connectors.nats_server import Guests, Mqtt, ServerOptions, configure, mqtt_password
from connectors.repair import Repaired, repair
from connectors.session import NatsUnreachable, connect
from connectors.streams import Difference, Limits, StreamRefused, apply, drift
from flows.cli.deployment import Refused
from flows.cli.guests import Found
from flows.connection import as_part, nats_tls
from flows.ontology.settings import Settings
from flows.ontology.streams import BUCKET, STREAMS
from flows.parts import reached as address
from flows.permissions import ADMIN, DEVICE, DEVICE_PUBLISHES, TABLE

T = TypeVar("T")

ALL = (*STREAMS, BUCKET)
HEADER_BYTES = 128 * 1024
# Of the file store, for each of the streams that the server makes for MQTT.
MQTT_SHARE = 0.01


def set_up(settings: Settings, accounts: Found | None = None) -> None:
    """Write the embedded server's configuration and keys, for those who may connect.

    Raises:
        Refused: they cannot be written or read.
    """
    options = ServerOptions(
        settings.nats_host,
        settings.nats_port,
        max(stream.max_message_bytes for stream in ALL) + HEADER_BYTES,
        settings.nats_max_memory,
        settings.nats_max_file_store,
        settings.nats_sync_interval,
        nats_tls(settings),
    )
    devices = Mqtt(settings.mqtt_host, settings.mqtt_port, DEVICE, DEVICE_PUBLISHES)
    guests = Guests(accounts or {}, devices if settings.mqtt_port else None)
    try:
        configure(_folder(settings), options, TABLE, guests)
    except (OSError, ValueError) as error:
        raise Refused(str(error)) from error


async def bounded(settings: Settings) -> None:
    """See that what the server keeps for MQTT is bounded as well, if devices speak it.

    Raises:
        Refused: the server cannot be reached, or will not.
    """
    if settings.mqtt_port:
        most = int(MQTT_SHARE * settings.nats_max_file_store)
        password = mqtt_password(_folder(settings)).read_text().strip()
        place = address(settings.mqtt_host), settings.mqtt_port
        try:
            await mqtt.wake(place, DEVICE, password)
            await _as_admin(settings, lambda client: mqtt.bound(client, most))
        except mqtt.MqttUnreachable as error:
            raise Refused(str(error)) from error


def _folder(settings: Settings) -> Path:
    return settings.data_dir.absolute() / "nats"


async def applied(settings: Settings) -> list[Difference]:
    """Make streams and bucket what they are declared to be; what was changed.

    Raises:
        Refused: the server cannot be reached, or will not.
    """
    return await _as_admin(settings, lambda client: apply(client, ALL, limits(settings)))


async def reach(settings: Settings) -> None:
    """See that there is a server, and make the streams that it lacks.

    Raises:
        Refused: the server cannot be reached, or will not.
    """
    if any(not each.field for each in await drifted(settings)):
        await applied(settings)


async def repaired(settings: Settings) -> Repaired:
    """Put right what somebody has changed of streams and bucket, where that costs no message.

    Raises:
        Refused: the server cannot be reached.
    """
    return await _as_admin(settings, lambda client: repair(client, ALL, limits(settings)))


async def drifted(settings: Settings) -> list[Difference]:
    """How streams and bucket differ from what they are declared to be.

    Raises:
        Refused: the server cannot be reached.
    """
    return await _as_admin(settings, lambda client: drift(client, ALL, limits(settings)))


def limits(settings: Settings) -> Limits:
    return Limits(settings.nats_max_file_store, settings.nats_max_memory)


async def _as_admin(settings: Settings, work: Callable[[Client], Awaitable[T]]) -> T:
    async with reached(settings, ADMIN) as client:
        try:
            return await work(client)
        except StreamRefused as error:
            raise Refused(str(error)) from error
        except nats.errors.Error as error:
            shown = as_part(settings, ADMIN).shown
            raise Refused(
                f"JetStream at {shown} cannot be used: {error}. Does the server run with "
                "JetStream, and may we change streams there?"
            ) from error


@asynccontextmanager
async def reached(settings: Settings, part: str) -> AsyncIterator[Client]:
    """A connection as one of the parts.

    Raises:
        Refused: the server cannot be reached.
    """
    try:
        client = await connect(as_part(settings, part))
    except NatsUnreachable as error:
        raise Refused(str(error)) from error
    try:
        yield client
    finally:
        await client.close()
