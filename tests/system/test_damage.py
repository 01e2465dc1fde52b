"""Damaged and hostile input, into a whole deployment: counted, kept to be looked at, survived."""

import random
import socket
import time

import msgspec
import pytest
from deployment import STREAM, deployed, until
from pymavlink.dialects.v20 import common as mavlink

from connectors.session import session

GOOD = "constellation.telemetry.default.good"
SECONDS = 60.0


@pytest.fixture(scope="module")
def deployment(tmp_path_factory):
    with deployed(tmp_path_factory.mktemp("damage")) as running:
        yield running


def say(deployment, *messages: tuple[str, bytes], part: str = "client") -> None:
    """Publish, and see each taken by the stream."""

    async def publish(client) -> None:
        for subject, data in messages:
            await client.jetstream().publish(subject, data)

    with session(deployment.server(part)) as opened:
        opened.call(publish, opened.client)


def envelope(**more: object) -> bytes:
    body = {
        "entity_id": "good",
        "org_id": "default",
        "message_type": "VFR_HUD",
        "data": {"groundspeed": 3.5, "heading": 90},
    }
    return msgspec.json.encode({**body, **more})


def refused(deployment, *, flow: str) -> list[str]:
    return [row["reason"] for row in deployment.rejections() if row["flow"] == flow]


def works(deployment, speed: float) -> None:
    """A good message still arrives in the state and in the lake."""
    say(deployment, (GOOD, envelope(data={"groundspeed": speed})))
    until(
        lambda: deployment.states().get("good", {}).get("vfr", {}).get("groundspeed") == speed,
        SECONDS,
        "the state of a good message",
    )
    rows = "SELECT count(*) FROM telemetry WHERE entity_id = 'good' AND vfr_groundspeed = ?"
    until(lambda: deployment.ask(rows, speed) == [(1,)], SECONDS, "the row of a good message")
    until(deployment.healthy, SECONDS, "all parts are well")


def test_random_bytes_to_the_relay_invent_nobody(deployment):
    """They are counted and kept, and the vehicle that speaks among them is heard."""
    chance = random.Random(7)
    before = set(deployment.registry())
    vehicle = mavlink.MAVLink(None, srcSystem=77, srcComponent=1)
    beat = vehicle.heartbeat_encode(
        mavlink.MAV_TYPE_QUADROTOR, mavlink.MAV_AUTOPILOT_ARDUPILOTMEGA, 81, 5, 4
    )
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        for number in range(400):
            noise = chance.randbytes(chance.randrange(1, 300))
            magic = chance.choice((b"", b"\xfd", b"\xfe", b"\xfd\xff\x00"))
            sock.sendto(magic + noise, deployment.mavlink)
            if number % 100 == 50:
                sock.sendto(beat.pack(vehicle), deployment.mavlink)
            time.sleep(0.002)

    until(lambda: len(refused(deployment, flow="relay")) > 100, SECONDS, "noise in the ledger")
    until(lambda: len(deployment.registry()) > len(before), SECONDS, "the one real vehicle")
    met = {row["name"] for key, row in deployment.registry().items() if key not in before}
    assert met == {"Copter 77"}
    works(deployment, 1.25)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not an envelope"),
        (b"{", "not an envelope"),
        (envelope()[:-7], "not an envelope"),
        (b"\xff\xfe\x00", "not an envelope"),
        (b'{"data": NaN}', "neither a message name nor its fields"),
        (b"[" * 200_000, "not an envelope"),
        (b"[1, 2]", "not an envelope"),
        (envelope(data={"groundspeed": 1e9}), "VFR_HUD: groundspeed is 1000000000.0"),
        (envelope(timestamp="yesterday"), "not an envelope"),
        (envelope(entity_id="a.b"), "no entity can be called"),
        (envelope(entity_id="x" * 500), "no entity can be called"),
        (envelope(org_id="somebody-else"), "said to default"),
        (envelope(system_id=10**30), "not an envelope"),
    ],
    ids=lambda value: value[:24].decode(errors="replace") if isinstance(value, bytes) else "",
)
def test_a_message_that_cannot_be_used_is_refused_by_both_flows(deployment, data, reason):
    """With its reason, in the ledger of each."""
    sequence = deployment.stream_last() + 1
    say(deployment, (GOOD, data))

    for flow in ("telemetry", "entities"):
        until(
            lambda flow=flow: [
                row
                for row in deployment.rejections()
                if (row["flow"], row["sequence"], row["stream"]) == (flow, sequence, STREAM)
                and row["reason"].startswith(reason)
            ],
            SECONDS,
            f"{reason} in the ledger of {flow}",
        )


def test_what_is_too_large_is_refused_by_the_stream(deployment):
    """The sender is told, and nothing of it is stored."""
    before = deployment.stream_last()
    with pytest.raises(Exception, match=r"(?i)exceeds|maximum|payload"):
        say(deployment, (GOOD, b"x" * 900_000))
    assert deployment.stream_last() == before


def test_a_clock_a_year_ahead_changes_no_window_of_today(deployment):
    """The time at which the stream took it stands instead, and says so."""
    ahead = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 365 * 86_400))
    say(deployment, (GOOD, envelope(timestamp=ahead, data={"groundspeed": 7.75})))

    rows = "SELECT clamped, ts = ts_ingest FROM telemetry WHERE vfr_groundspeed = 7.75"
    until(lambda: deployment.ask(rows), SECONDS, "the row")
    assert deployment.ask(rows) == [(True, True)]
    works(deployment, 2.5)


def test_documents_that_others_spoil_are_refused_and_put_right(deployment):
    """The bucket is open to other programs; the state stays ours."""
    works(deployment, 3.25)
    say(deployment, ("$KV.CONSTELLATION_GLOBAL_STATE.good", b'{"entity_id": "good", "vfr": 1}'))
    say(deployment, ("$KV.CONSTELLATION_GLOBAL_STATE.good", b"[" * 1000))
    until(
        lambda: any(
            "not a document" in each or "must be an object" in each or "levels" in each
            for each in refused(deployment, flow="entities")
        ),
        SECONDS,
        "the refusal of a document",
    )
    works(deployment, 4.25)


def test_refusals_are_published_and_counted(deployment):
    """For whoever watches: a stream, the ledger, and a metric for each flow and step."""
    assert deployment.stream_last("CONSTELLATION_REJECTED") >= len(deployment.rejections()) > 0
    key = deployment.run("keys", "create", "--scopes", "metrics:read").stdout.strip()
    _, body = deployment.get("/metrics", **{"X-API-Key": key})
    figures = body.decode()

    for flow, step in (("relay", "frame"), ("telemetry", "decode"), ("entities", "recognise")):
        assert f'overwatch_rejected_total{{flow="{flow}",step="{step}"}}' in figures
    assert "overwatch_lag_messages" in figures
    assert "overwatch_nats_stream_messages" in figures
