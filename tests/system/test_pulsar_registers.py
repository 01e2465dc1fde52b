"""The edge agent Pulsar, unmodified, registers its fleet: its calls, byte for byte, and its end."""

import http.client
import json
from contextlib import closing

import pytest
from deployment import deployed, until

from connectors.session import session

SECONDS = 30.0
ORGANIZATIONS = "/api/v1/organizations"
# What it makes of its fleet file, as Go writes JSON: no spaces, and what HTML could read escaped.
ORGANIZATION = (
    b'{"name":"Search \\u0026 Rescue","org_type":"civilian","description":"Two \\u003c three"}'
)
FLEET = {
    "Pulsar One": (
        b'{"name":"Pulsar One","entity_type":"aircraft_multirotor","status":"active",'
        b'"priority":"high","video_config":{"protocol":"rtsp","port":8554}}'
    ),
    "Gate camera": (
        b'{"name":"Gate camera","entity_type":"sensor_platform","status":"active",'
        b'"priority":"normal"}'
    ),
}
ADVERTISED = (
    b'{"video_config":{"protocol":"rtsp","port":8554,"stream_url":"rtsp://10.0.0.7:8554/pulsar-one",'
    b'"overlay_url":"rtsp://10.0.0.7:8554/pulsar-one-overlay",'
    b'"webrtc_url":"http://10.0.0.7:8889/pulsar-one",'
    b'"overlay_webrtc_url":"http://10.0.0.7:8889/pulsar-one-overlay",'
    b'"hls_url":"http://10.0.0.7:8888/pulsar-one/index.m3u8"}}'
)


class Pulsar:
    """Asks as Go's client does: these headers, in this order, over one connection."""

    def __init__(self, address: str, key: str) -> None:
        self._host = address.removeprefix("http://")
        self._key = key
        self._connection = http.client.HTTPConnection(self._host, timeout=SECONDS)

    def close(self) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, object]:
        self._connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        headers = {
            "Host": self._host,
            "User-Agent": "Go-http-client/1.1",
            **({"Content-Length": str(len(body))} if body else {}),
            "Authorization": f"Bearer {self._key}",
            "Content-Type": "application/json",
            "Accept-Encoding": "gzip",
        }
        for name, value in headers.items():
            self._connection.putheader(name, value)
        self._connection.endheaders(body or None)
        answer = self._connection.getresponse()
        text = answer.read()
        assert answer.getheader("Content-Encoding") is None
        return answer.status, json.loads(text)

    def register(self) -> tuple[dict, dict[str, dict]]:
        """What it does at each start; its organisation, and its entities by name."""
        status, organizations = self.ask("GET", ORGANIZATIONS)
        assert status == 200
        mine = [each for each in organizations if each["name"] == "Search & Rescue"]
        if not mine:
            status, made = self.ask("POST", ORGANIZATIONS, ORGANIZATION)
            assert status == 201, made
            mine = [made]
        entities = f"{ORGANIZATIONS}/{mine[0]['org_id']}/entities"
        status, there = self.ask("GET", entities)
        assert status == 200
        known = {each["name"]: each for each in there}
        for name, body in FLEET.items():
            if name not in known:
                status, known[name] = self.ask("POST", entities, body)
                assert status == 201, known[name]
        one = f"{entities}/{known['Pulsar One']['entity_id']}"
        status, known["Pulsar One"] = self.ask("PUT", one, ADVERTISED)
        assert status == 200
        for name in known.keys() - FLEET.keys():
            # What its fleet file does not name it deletes.
            status, said = self.ask("DELETE", f"{entities}/{known.pop(name)['entity_id']}")
            assert (status, said["message"]) == (200, "Entity deleted successfully")
        return mine[0], known


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with deployed(tmp_path_factory.mktemp("pulsar")) as running:
        yield running


@pytest.fixture(scope="module")
def pulsar(running):
    scopes = "organizations:read,organizations:write,entities:read,entities:write"
    key = running.run("keys", "create", "--scopes", scopes).stdout.strip()
    with closing(Pulsar(running.web, key)) as pulsar:
        yield pulsar


def test_pulsar_registers_its_fleet(pulsar):
    """Its organisation by name, its entities by name, their videos; a stranger goes."""
    organization, fleet = pulsar.register()

    assert organization["org_type"] == "civilian"
    assert organization["description"] == "Two < three"
    assert fleet.keys() == FLEET.keys()
    config = fleet["Pulsar One"]["video_config"]
    assert json.loads(config) == json.loads(ADVERTISED)["video_config"]

    entities = f"{ORGANIZATIONS}/{organization['org_id']}/entities"
    stray = b'{"name":"stray","entity_type":"waypoint"}'
    assert pulsar.ask("POST", entities, stray)[0] == 201
    again, same = pulsar.register()
    assert again["org_id"] == organization["org_id"]
    assert {name: each["entity_id"] for name, each in same.items()} == {
        name: each["entity_id"] for name, each in fleet.items()
    }
    status, left = pulsar.ask("GET", entities)
    assert (status, {each["name"] for each in left}) == (200, set(FLEET))


def test_what_pulsar_then_says_is_of_the_entity_that_it_has_registered(running, pulsar):
    """Its telemetry is filed under the id that it was given, and keeps its name."""
    organization, fleet = pulsar.register()
    entity_id = fleet["Pulsar One"]["entity_id"]
    said = {
        "drone_id": entity_id,
        "source": "another name",
        "timestamp_relay": "2026-01-01T00:00:00Z",
        "msg_id": 33,
        "msg_name": "GlobalPositionInt",
        "system_id": 1,
        "component_id": 1,
        "fields": {"latitude": 474000000, "longitude": 85000000, "altitude": 500000},
    }
    _tell(running, f"constellation.telemetry.{organization['org_id']}.{entity_id}", said)

    path = f"{ORGANIZATIONS}/{organization['org_id']}/entities/{entity_id}"
    found = until(
        lambda: (seen := pulsar.ask("GET", path)[1]).get("latitude") and seen, SECONDS, "a place"
    )
    assert (found["name"], found["latitude"]) == ("Pulsar One", 47.4)
    assert (found["priority"], found["is_live"]) == ("high", True)


def _tell(running, subject: str, body: dict) -> None:
    async def publish(client) -> None:
        await client.publish(subject, json.dumps(body).encode())
        await client.flush()

    with session(running.server()) as opened:
        opened.call(publish, opened.client)
