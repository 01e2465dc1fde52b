"""MQTT of the embedded server, by a client that knows nothing of us: where what is said ends up."""

import asyncio
import contextlib
import json
import socket
import stat
import subprocess
import threading
import time

import pytest
from free import free_port
from message_server import DEADLINE, LIMITS, Running, until_listening, with_streams
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from connectors import mqtt
from connectors.nats_server import Guests, Mqtt, ServerOptions, command, configure, mqtt_password
from connectors.streams import drift
from flows.ontology.streams import BUCKET, STREAMS
from flows.permissions import ADMIN, CLIENT, DEVICE, DEVICE_PUBLISHES, TABLE

TELEMETRY = "CONSTELLATION_TELEMETRY"
MEBIBYTE = 2**20


class Listening(Running):
    """A server that listens for MQTT as well."""

    mqtt_port: int
    process: subprocess.Popen

    @property
    def place(self) -> tuple[str, int]:
        return "127.0.0.1", self.mqtt_port

    @property
    def password(self) -> str:
        return mqtt_password(self.folder).read_text()

    def stream(self, work):
        """What ``work`` finds in JetStream, as the administrator."""

        async def run():
            async with self.client(ADMIN) as (client, _):
                return await work(client)

        return asyncio.run(run())

    def told(self) -> list[tuple[str, bytes]]:
        """Everything that is in the telemetry stream."""

        async def look(client):
            js = client.jetstream()
            last = (await js.stream_info(TELEMETRY)).state.last_seq
            found = [await js.get_msg(TELEMETRY, number) for number in range(1, last + 1)]
            return [(each.subject, each.data) for each in found]

        return self.stream(look)


@contextlib.contextmanager
def listening(folder, port=0, mqtt_port=0):
    port, mqtt_port = port or free_port(), mqtt_port or free_port()
    options = ServerOptions(
        "127.0.0.1", port, MEBIBYTE + 2**17, LIMITS.memory_bytes, LIMITS.file_bytes, "1s"
    )
    devices = Mqtt("127.0.0.1", mqtt_port, DEVICE, DEVICE_PUBLISHES)
    file = configure(folder, options, TABLE, Guests(mqtt=devices))
    process = subprocess.Popen(command(file), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until_listening(port, process)
        running = Listening(folder, port)
        running.mqtt_port, running.process = mqtt_port, process
        yield running
    finally:
        process.kill()
        process.wait(DEADLINE)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with listening(tmp_path_factory.mktemp("nats")) as running:
        with_streams(running)
        yield running


class Device:
    """A client of paho, with what became of its connection and its publications."""

    def __init__(self, running, user=DEVICE, password=None, **more) -> None:
        self.client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311, **more)
        self.client.username_pw_set(user, running.password if password is None else password)
        self.refused, self.up, self.down = None, threading.Event(), threading.Event()
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = lambda *_: self.down.set()
        self.client.connect(*running.place)
        self.client.loop_start()

    def _on_connect(self, _client, _data, _flags, code, _properties) -> None:
        self.refused = code.is_failure
        self.up.set()

    def __enter__(self):
        assert self.up.wait(DEADLINE)
        return self

    def __exit__(self, *_) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def say(self, topic: str, payload: bytes, qos: int = 1, *, retain: bool = False) -> None:
        """Publish, and wait until the server has said that it has it."""
        said = self.client.publish(topic, payload, qos, retain)
        said.wait_for_publish(DEADLINE)
        assert said.is_published()

    def cut_off_by(self, topic: str, payload: bytes) -> bool:
        """Whether the server hangs up at it."""
        self.client.publish(topic, payload, 0)
        return self.down.wait(DEADLINE)


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_what_is_published_stands_in_the_stream(running, qos):
    """By each quality of service, as its bytes, under the subject that the topic stands for."""
    body = b'{"soil": {"moisture": %d}}' % qos
    with Device(running) as device:
        device.say(f"constellation/telemetry/north/mast-{qos}", body, qos)
        wait_for(lambda: (f"constellation.telemetry.north.mast-{qos}", body) in running.told())


@pytest.mark.parametrize(
    ("topic", "subject"),
    [
        ("constellation/telemetry/mast", "mast"),
        ("constellation/telemetry/sensor/north/mast", "sensor.north.mast"),
        ("constellation/telemetry/north/a.b", "north.a//b"),
        ("constellation/telemetry/north//c", "north./.c"),
        ("constellation/telemetry/north/d/", "north.d./"),
        ("constellation/telemetry/north/*", "north.*"),
        ("constellation/telemetry/north/>", "north.>"),
        ("constellation/telemetry/north/é", "north.é"),
    ],
)
def test_a_topic_is_a_subject_and_odd_ones_are_odd(running, topic, subject):
    """A dot becomes ``//``, an empty level ``/``: no legal name, so a flow refuses and tells."""
    with Device(running) as device:
        device.say(topic, subject.encode())
        wait_for(lambda: (f"constellation.telemetry.{subject}", subject.encode()) in running.told())


@pytest.mark.parametrize(
    "topic",
    [
        "constellation/events/alarm/north/mast",
        "constellation/commands/north/mast",
        "constellation/telemetry",
        "/constellation/telemetry/north/mast",
        "constellation.telemetry.north.mast",
        "$KV/CONSTELLATION_GLOBAL_STATE/mast",
        "$JS/API/STREAM/PURGE/CONSTELLATION_TELEMETRY",
        "$JS/API/STREAM/DELETE/CONSTELLATION_TELEMETRY",
        "$MQTT/msgs/x",
    ],
)
def test_a_device_tells_telemetry_and_nothing_else(running, topic):
    """It is answered all the same, as MQTT 3.1.1 has no word for no; nothing comes of it."""

    async def sizes(client):
        js = client.jetstream()
        names = [each.name for each in (*STREAMS, BUCKET) if each.name != TELEMETRY]
        return [(await js.stream_info(name)).state.messages for name in names]

    before = running.told()
    assert before
    with Device(running) as device:
        device.say(topic, b"{}")
        device.say("constellation/telemetry/north/after", topic.encode())
        wait_for(lambda: running.told()[-1][1] == topic.encode())
    assert running.told()[:-1] == before
    assert set(running.stream(sizes)) == {0}


def test_a_topic_with_a_space_ends_the_connection(running):
    """As NATS has no subject for it."""
    with Device(running) as device:
        assert device.cut_off_by("constellation/telemetry/north/a b", b"{}")


def test_a_device_hears_nothing(running):
    """It may subscribe to no topic."""
    refused = []
    with Device(running) as device:
        answered = threading.Event()

        def on_subscribe(_client, _data, _number, codes, _properties):
            refused.extend(code.is_failure for code in codes)
            answered.set()

        device.client.on_subscribe = on_subscribe
        device.client.subscribe([("#", 0), ("constellation/telemetry/#", 1), ("$SYS/#", 0)])
        assert answered.wait(DEADLINE)
    assert refused == [True, True, True]


@pytest.mark.parametrize(
    ("user", "password"),
    [(DEVICE, "wrong"), (DEVICE, ""), ("admin", None), (CLIENT, None), ("", "")],
)
def test_who_does_not_know_the_password_stays_out(running, user, password):
    """And no other user has one."""
    with Device(running, user, password) as device:
        assert device.refused


def test_the_password_is_good_for_mqtt_only(running):
    """A device is nobody at the port of NATS."""
    with socket.create_connection(("127.0.0.1", running.port), DEADLINE) as raw:
        file = raw.makefile("rb")
        file.readline()
        connect = json.dumps({"user": DEVICE, "pass": running.password}).encode()
        raw.sendall(b"CONNECT " + connect + b"\r\nPING\r\n")
        assert file.readline() == b"-ERR 'Authorization Violation'\r\n"


def test_the_password_is_its_owners_alone_and_the_server_has_its_hash(running):
    """A file of mode 0600, made once; the configuration has no more than a hash of it."""
    file = running.folder / "mqtt-password"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(running.password) == 43
    assert mqtt_password(running.folder) == file
    configuration = (running.folder / "nats.conf").read_text()
    assert running.password not in configuration
    assert '"password": "$2b$' in configuration


def test_what_is_too_large_is_dropped_although_it_is_answered(running):
    """More than the stream takes: the answer says only that the server has read it."""
    before = len(running.told())
    with Device(running) as device:
        device.say("constellation/telemetry/north/big", b"x" * 600_000)
        device.say("constellation/telemetry/north/after", b"big")
        wait_for(lambda: running.told()[-1][1] == b"big")
    assert len(running.told()) == before + 1


def test_what_the_server_keeps_for_mqtt_is_bounded(tmp_path):
    """However many topics a device retains on, and still after a restart; ours are untouched."""

    async def look(client):
        js = client.jetstream()
        found = {each.config.name: each for each in await js.streams_info()}
        return found, await drift(client, (*STREAMS, BUCKET), LIMITS)

    with listening(tmp_path) as running:
        with_streams(running)
        asyncio.run(mqtt.wake(running.place, DEVICE, running.password))
        running.stream(lambda client: mqtt.bound(client, MEBIBYTE))
        with Device(running) as device:
            for number in range(60):
                topic = f"constellation/telemetry/north/mast-{number}"
                device.say(topic, b"x" * 50_000, retain=True)
            wait_for(lambda: len(running.told()) == 60)
        found, differences = running.stream(look)
        retained = found["$MQTT_rmsgs"].state
        assert 0 < retained.messages < 60
        assert retained.bytes <= MEBIBYTE
        assert differences == []
        ports = running.port, running.mqtt_port
    with listening(tmp_path, *ports) as running:
        with_streams(running)  # Those in memory are gone.
        asyncio.run(mqtt.wake(running.place, DEVICE, running.password))
        found, differences = running.stream(look)
        assert {found[name].config.max_bytes for name in mqtt.STREAMS} == {MEBIBYTE}
        assert {name for name in found if name.startswith("$MQTT_")} == set(mqtt.STREAMS)
        assert differences == []
        with Device(running) as device:
            device.say("constellation/telemetry/north/again", b"again")
            wait_for(lambda: running.told()[-1][1] == b"again")


def test_what_was_answered_is_there_after_the_server_was_killed(tmp_path):
    """Every publication of quality 1 that was answered, though the server ended at once."""
    with listening(tmp_path) as running:
        with_streams(running)
        with Device(running) as device:
            for number in range(500):
                device.say("constellation/telemetry/north/mast", b"%d" % number)
        running.process.kill()
        running.process.wait(DEADLINE)
        ports = running.port, running.mqtt_port
    with listening(tmp_path, *ports) as running:
        assert [int(data) for _, data in running.told()] == list(range(500))


@pytest.mark.parametrize("reason", ["refused", "Connect call failed"])
def test_a_server_that_cannot_be_woken_is_named(running, reason):
    """With the address, and without the password."""
    place = running.place if reason == "refused" else ("127.0.0.1", free_port())
    with pytest.raises(mqtt.MqttUnreachable, match=reason) as told:
        asyncio.run(mqtt.wake(place, DEVICE, "not the password"))
    assert str(place[1]) in str(told.value)
    assert "not the password" not in str(told.value)


def wait_for(condition) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
