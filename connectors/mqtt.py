"""What the message server keeps for clients of MQTT, bounded.

It makes its streams for them when the first one comes, and lets each grow as large as the
whole store: a device that retains messages on ever new topics could fill it.
"""

import asyncio
import struct

from nats.aio.client import Client

ANSWER_SECONDS = 10.0
STREAMS = ("$MQTT_msgs", "$MQTT_out", "$MQTT_qos2in", "$MQTT_rmsgs", "$MQTT_sess")
# A connection of version 3.1.1 that leaves nothing behind, with a name and a password.
_CONNECT, _CONNACK, _DISCONNECT = 0x10, 0x20, b"\xe0\x00"
_LEVEL, _FLAGS, _KEEP_ALIVE_SECONDS = 4, 0b1100_0010, 30


class MqttUnreachable(ConnectionError):
    """The server does not let us in by MQTT. The message says where."""


async def wake(place: tuple[str, int], user: str, password: str) -> None:
    """Be the first client, and leave again.

    Raises:
        MqttUnreachable: nobody answers there, or we are not let in.
    """
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(*place)
            try:
                writer.write(_connect(user, password))
                kind, _, _, refusal = await reader.readexactly(4)
                writer.write(_DISCONNECT)
                await writer.drain()
            finally:
                writer.close()
                await writer.wait_closed()
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        raise MqttUnreachable(_sentence(place, str(error) or "no answer")) from error
    if kind != _CONNACK or refusal:
        raise MqttUnreachable(_sentence(place, f"it is refused ({refusal})"))


async def bound(client: Client, most_bytes: int) -> None:
    """Let each of the server's streams for MQTT have so many bytes at most.

    Raises:
        nats.errors.Error: the server does not answer, or will not.
    """
    js = client.jetstream(timeout=ANSWER_SECONDS)
    for name in STREAMS:
        config = (await js.stream_info(name)).config
        if config.max_bytes != most_bytes:
            await js.update_stream(config.evolve(max_bytes=most_bytes))


def _connect(user: str, password: str) -> bytes:
    head = _text("MQTT") + struct.pack("!BBH", _LEVEL, _FLAGS, _KEEP_ALIVE_SECONDS)
    body = head + _text("overwatch") + _text(user) + _text(password)
    return bytes((_CONNECT, len(body))) + body


def _text(text: str) -> bytes:
    return struct.pack("!H", len(text.encode())) + text.encode()


def _sentence(place: tuple[str, int], reason: str) -> str:
    return f"MQTT at {place[0]}:{place[1]} cannot be used: {reason}."
