"""Simulated vehicles under a ground station that others wrote: MAVProxy, over UDP."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from deployed import until
from mavproxy_station import MavproxyStation
from pymavlink.mavparm import MAVParmDict
from simulated import ROWS_USED, mission, parameters, simulated

from flows.ontology.stored_missions import checksum
from flows.ontology.waypoints_file import read_waypoints, write_waypoints

ACCEPTED = "Got COMMAND_ACK: {}: ACCEPTED"
MODE = {"ardupilot": "LOITER", "px4": "POSCTL"}
WHOLE = {"ardupilot": "RTL_ALT", "px4": "NAV_RCL_ACT"}


@pytest.fixture(scope="module")
def ports() -> Iterator[dict[str, int]]:
    with simulated() as found:
        yield found


@pytest.fixture(scope="module", params=ROWS_USED)
def name(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def station(ports, name, tmp_path_factory) -> Iterator[MavproxyStation]:
    with MavproxyStation(tmp_path_factory.mktemp(name), ports[name]) as found:
        yield found


def saved(station: MavproxyStation, line: str, file: Path) -> bytes:
    """What MAVProxy has written to a file."""
    station.type(f"{line} {file}", "Saved ")
    return file.read_bytes()


def test_mavproxy_reads_every_parameter(station, name, tmp_path):
    """Whole numbers by cast of ArduPilot's, and by bytes of PX4's."""
    file = tmp_path / "all.parm"
    saved(station, "param save", file)
    found = MAVParmDict()
    found.load(str(file), use_excludes=False)

    assert dict(found) == pytest.approx(parameters(name), rel=1e-6)


def test_mavproxy_sets_a_parameter(station, name, tmp_path):
    """And the vehicle, from which all are fetched again, has it."""
    station.type(f"param set {WHOLE[name]} 3")
    until(lambda: f"{WHOLE[name]} = 3" in station.type(f"param fetch {WHOLE[name]}", "= "))


def test_mavproxy_arms_and_disarms(station):
    """Both are acknowledged, and seen in the heartbeat."""
    station.type("arm throttle", ACCEPTED.format("COMPONENT_ARM_DISARM"), "ARMED")
    station.type("disarm", ACCEPTED.format("COMPONENT_ARM_DISARM"), "DISARMED")


def test_mavproxy_is_told_what_the_vehicle_does_not_know(station):
    """A command that it has not."""
    station.type("long MAV_CMD_DO_SET_RELAY 1 1", "Got COMMAND_ACK: DO_SET_RELAY: UNSUPPORTED")


def test_mavproxy_gives_and_reads_back_our_missions(station, name, tmp_path):
    """A file of ours, and what it makes of what the vehicle has then is a file that we read."""
    given = mission(name)
    file = tmp_path / "ours.waypoints"
    file.write_bytes(write_waypoints(given))
    station.type(f"wp load {file}", "Loaded 8 waypoints from", "Loaded 8 waypoints in ")
    read = read_waypoints(saved(station, "wp save", tmp_path / "theirs.waypoints"))

    assert read.mission is not None, read.faults
    assert checksum(read.mission.items) == checksum(given.items)
    station.type("wp clear", "Got MISSION_ACK: TYPE_MISSION: ACCEPTED")
    station.type("wp list", "Requesting 0 waypoints")


@pytest.mark.parametrize("name", ["ardupilot"], indirect=True)
def test_mavproxy_flies_an_ardupilot(station):
    """Which refuses to take off from the ground unarmed, changes its mode, and takes off."""
    refused = station.type("long MAV_CMD_NAV_TAKEOFF 0 0 0 0 0 0 20", "COMMAND_ACK: NAV_TAKEOFF: ")
    assert ACCEPTED.format("NAV_TAKEOFF") not in refused

    station.type("mode GUIDED", ACCEPTED.format("DO_SET_MODE"), "Mode GUIDED")
    station.type("arm throttle", "ARMED")
    station.type("takeoff 20", ACCEPTED.format("NAV_TAKEOFF"), "height 17")
    station.type("mode RTL", "Mode RTL", "DISARMED")
    # Fences that are kept are healthy, or MAVProxy takes them for broken.
    assert "fence breach" not in station.said
