"""Whose packets they are: systems that fly, systems that do not, and what is kept for whom."""

from typing import Any

import msgspec
import pytest

from flows.ontology.air import Air, Counted
from flows.ontology.telemetry import Envelope, moment
from flows.steps.identify import MOST_WAITING, Names, identify, refuse_noise

QUADROTOR, GCS, GIMBAL, ROVER = 2, 6, 26, 10
ARDUPILOT, GENERIC, INVALID = 3, 0, 8
NOON_US = 1_790_000_000_000_000


class Packet(msgspec.Struct, frozen=True):
    """A packet as the wire gives it."""

    system_id: int
    component_id: int
    name: str
    fields: dict[str, Any]
    sequence: int = 0
    link: str = "udp:14550"
    origin: str = "here"
    heard_us: int = NOON_US
    message_id: int = 1


class Noise(msgspec.Struct, frozen=True):
    link: str
    origin: str
    heard_us: int
    count: int
    data: bytes
    reason: str = ""


def heartbeat(
    system: int = 1,
    component: int = 1,
    type_: int = QUADROTOR,
    autopilot: int = ARDUPILOT,
    **more: Any,
) -> Packet:
    return Packet(system, component, "HEARTBEAT", {"type": type_, "autopilot": autopilot}, **more)


def attitude(system: int = 1, component: int = 1, **more: Any) -> Packet:
    return Packet(system, component, "ATTITUDE", {"roll": 0.1}, **more)


def envelopes(packets: list[Packet], names: Names | None = None, air: Air | None = None) -> list:
    said = identify(air or Air(), packets, names or Names("north"))
    return [each for each in said if isinstance(each, Envelope)]


def test_what_a_vehicle_said_before_its_first_heartbeat_is_kept():
    """Nothing of a flight is missing because the heartbeat came second."""
    said = envelopes([attitude(origin="a"), attitude(origin="b"), heartbeat(origin="c")])

    assert [each.origin for each in said] == ["a", "b", "c"]
    assert len({each.entity_id for each in said}) == 1
    assert {"autopilot"} == {each.role for each in said}


@pytest.mark.parametrize(
    ("type_", "autopilot"),
    [(GCS, INVALID), (GIMBAL, INVALID), (QUADROTOR, INVALID), (18, INVALID), (30, INVALID)],
)
def test_what_does_not_fly_never_becomes_a_vehicle(type_: int, autopilot: int):
    """Ground stations, gimbals, cameras and companions beat as well."""
    beat = heartbeat(255, 190, type_, autopilot)

    assert envelopes([beat, attitude(255, 190), beat]) == []


def test_what_nobody_claims_is_counted_once_it_is_too_much_to_keep():
    """Memory for a system that may never say what it is has an end."""
    air = Air()
    said = identify(air, [attitude(51, 68)] * (MOST_WAITING + 3), Names("north"))

    assert sum(each.count for each in said if isinstance(each, Counted)) == 3
    assert len(air.crews[51].waiting) == MOST_WAITING


def test_a_gimbal_aboard_is_a_peripheral_and_changes_nothing_of_the_vehicle():
    """The same system, another component: kept, but it is not the one that flies."""
    said = envelopes([heartbeat(), heartbeat(1, 154, GIMBAL, INVALID), attitude(1, 154)])

    assert [each.role for each in said] == ["autopilot", "peripheral", "peripheral"]
    assert len({each.entity_id for each in said}) == 1


def test_component_1_outranks_a_companion_that_beats_as_a_vehicle():
    """Whoever spoke first, the autopilot is the one with the autopilot's component id."""
    air = Air()
    envelopes([heartbeat(1, 191), heartbeat(1, 1)], air=air)

    assert air.crews[1].autopilot == 1


def test_a_vehicle_is_one_entity_whichever_link_it_comes_by():
    """Two radios, one aircraft."""
    said = envelopes([heartbeat(link="udp:14550"), heartbeat(link="udp:14551")])

    assert len({each.entity_id for each in said}) == 1
    assert [each.source for each in said] == ["udp:14550", "udp:14551"]


def test_identities_are_told_apart_by_system_organisation_and_recording():
    """And they are the same in every process and at every time."""
    of = {
        (org, recording, system): Names(org, None, recording).entity("udp:1", system, True)[0]
        for org in ("north", "south")
        for recording in ("", "a98e")
        for system in (1, 2)
    }

    assert len(set(of.values())) == 8
    assert Names("north").entity("udp:9", 1, False)[0] == of["north", "", 1]


def test_a_named_link_names_the_first_that_flies_there_and_tells_others_apart():
    """Four vehicles behind one named port are never merged into one."""
    names = Names("north", {"udp:14600": "gull"})
    packets = [
        heartbeat(255, 190, GCS, INVALID, link="udp:14600"),
        heartbeat(7, link="udp:14600"),
        heartbeat(8, link="udp:14600"),
    ]

    assert {"gull"} == {names.key(each) for each in packets}
    assert [each.entity_id for each in envelopes(packets, names)] == ["gull", "gull-8"]


@pytest.mark.parametrize(
    ("sequences", "missing"),
    [([1, 2, 3], 0), ([1, 4], 2), ([254, 255, 0, 1], 0), ([250, 2], 7), ([9, 8], 0), ([5, 5], 0)],
)
def test_gaps_in_a_components_numbers_are_counted(sequences: list[int], missing: int):
    """Numbers go round at 256; a step back is no gap."""
    packets = [heartbeat(), *(attitude(component=2, sequence=each) for each in sequences)]
    said = identify(Air(), packets, Names("north"))

    assert missing == sum(each.count for each in said if isinstance(each, Counted))


def test_the_vehicles_own_clock_is_known_from_its_system_time():
    """Milliseconds since its start are a time of day once it has said when that was."""
    told = Packet(1, 1, "SYSTEM_TIME", {"time_unix_usec": NOON_US, "time_boot_ms": 5000})
    untold = Packet(1, 1, "SYSTEM_TIME", {"time_unix_usec": 0, "time_boot_ms": 61_000})
    after, restarted = (Packet(1, 1, "ATTITUDE", {"time_boot_ms": ms}) for ms in (60_000, 100))
    said = envelopes([heartbeat(), told, after, untold, restarted])

    assert [each.timestamp_device for each in said] == [
        None,
        moment(NOON_US),
        moment(NOON_US + 55_000_000),
        moment(NOON_US + 56_000_000),
        None,
    ]


@pytest.mark.parametrize(
    ("field", "stamp"),
    [
        *(("time_boot_ms", each) for each in (0, 2**32 - 1)),
        *(("time_usec", each) for each in (0, 2**32, 4_102_444_800_000_000, 2**63, 2**64 - 1)),
    ],
)
def test_no_clock_of_a_vehicle_stops_the_relay(field: str, stamp: int):
    """Any number of so many bits may stand there, and whoever can send a datagram can choose it."""
    told = Packet(1, 1, "SYSTEM_TIME", {"time_unix_usec": NOON_US, "time_boot_ms": 5000})
    *_, said = envelopes([heartbeat(), told, Packet(1, 1, "RAW_IMU", {field: stamp})])

    assert said.timestamp_device is None or said.timestamp_device.year in (2026, 2106)


BOOTED = NOON_US - 60_000_000


@pytest.mark.parametrize(
    ("name", "fields", "told"),
    [
        ("TIMESYNC", {"tc1": 0, "ts1": 61_000_000_123}, BOOTED + 61_000_000),
        ("TIMESYNC", {"tc1": 62_000_000_456, "ts1": 5}, BOOTED + 62_000_000),
        ("TIMESYNC", {"tc1": 0, "ts1": NOON_US * 1000}, NOON_US),
        ("TIMESYNC", {"tc1": 0, "ts1": -1}, None),
        ("TIMESYNC", {"tc1": 0, "ts1": 0}, None),
        ("TIMESYNC", {}, None),
        ("HIGH_LATENCY2", {"timestamp": 63_000}, BOOTED + 63_000_000),
        ("NAMED_VALUE_FLOAT", {"timestamp": 63_000}, None),
    ],
)
def test_every_clock_that_a_vehicle_shows_is_read(name: str, fields: dict, told: int | None):
    """In a request for time it shows its own second, in an answer first."""
    clock = Packet(1, 1, "SYSTEM_TIME", {"time_unix_usec": NOON_US, "time_boot_ms": 60_000})
    *_, said = envelopes([heartbeat(), clock, Packet(1, 1, name, fields)])

    assert said.timestamp_device == (None if told is None else moment(told))


def test_a_vehicle_on_a_link_by_satellite_sends_no_heartbeats():
    """One message stands for all; those of what does not fly do not."""
    beam = Packet(1, 1, "HIGH_LATENCY2", {"type": QUADROTOR, "autopilot": ARDUPILOT})
    gimbal = Packet(2, 154, "HIGH_LATENCY2", {"type": GIMBAL, "autopilot": INVALID})

    assert [(each.message_type, each.system_id) for each in envelopes([beam, gimbal])] == [
        ("HIGH_LATENCY2", 1)
    ]


@pytest.mark.parametrize("name", ["RADIO", "RADIO_STATUS"])
def test_a_radio_speaks_for_the_one_vehicle_of_a_named_link(name: str):
    """Under a system id of its own, and never as the vehicle itself."""
    names = Names("north", {"udp:14550": "tern"})
    radio = Packet(51, 1, name, {"rssi": 200})
    said = envelopes([heartbeat(), radio], names)
    assert [(each.entity_id, each.role, each.system_id) for each in said] == [
        ("tern", "autopilot", 1),
        ("tern", "peripheral", 51),
    ]

    for others in ([], [heartbeat(), heartbeat(2)]):
        said = envelopes([*others, radio], names)
        assert [each.message_type for each in said] == ["HEARTBEAT"] * len(others)
    assert [each.message_type for each in envelopes([heartbeat(), attitude(51)], names)] == [
        "HEARTBEAT"
    ]


def test_the_state_outlives_its_process():
    """What was waiting when the process ended is said by the next one."""
    air = Air()
    identify(air, [attitude(origin="a"), attitude(2, origin="x")], Names("north"))
    resumed = msgspec.msgpack.decode(msgspec.msgpack.encode(air), type=Air)

    assert [each.origin for each in envelopes([heartbeat(origin="b")], air=resumed)] == ["a", "b"]


def test_noise_is_refused_with_its_first_bytes():
    """And says how much of it there was."""
    rejected = refuse_noise(Noise("udp:14550", "here:7", NOON_US, 3, b"abc"))

    assert (
        rejected.step,
        rejected.reason,
        rejected.stream,
        rejected.data,
    ) == ("frame", "3 bytes are no MAVLink", "here:7", b"abc")
