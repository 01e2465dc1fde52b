"""Simulated vehicles under a ground station that others wrote: MAVSDK, over UDP."""

import subprocess
import sys
import time

import pytest
from mavsdk import ComponentType, Configuration, Mavsdk
from mavsdk.plugins.action import Action
from mavsdk.plugins.mission_raw import MissionItem, MissionRaw
from mavsdk.plugins.param import Param
from mavsdk.plugins.telemetry import Telemetry

from connectors.simulator.area import Place, metres_between, moved
from connectors.simulator.fleet import ROWS
from tests.free import free_ports

SECONDS = 30.0
SPEED = 10.0
ROWS_USED = {"ardupilot": ROWS[0], "px4": ROWS[1]}


class Seen:
    """What MAVSDK was told last."""

    def __init__(self, system):
        self.armed, self.place = None, None
        self.telemetry = Telemetry(system)
        self.telemetry.subscribe_armed(self._arming)
        self.telemetry.subscribe_position(self._position)

    def _arming(self, armed, _data):
        self.armed = armed

    def _position(self, told, _data):
        self.place = Place(told.latitude_deg, told.longitude_deg, told.relative_altitude_m)

    def until(self, reached):
        """Wait until the vehicle is so."""
        deadline = time.monotonic() + SECONDS
        while not (self.place and reached(self)):
            assert time.monotonic() < deadline, (self.armed, self.place)
            time.sleep(0.02)


@pytest.fixture(scope="module")
def systems():
    """A simulated fleet of two that waits, and MAVSDK with each."""
    first = next(port for port in free_ports(20) if port + 1 < 32_000)
    process = subprocess.Popen(
        [sys.executable, "-m", "connectors.simulator", "--wait", "--vehicles", "2", "--port-each",
         "--target", f"127.0.0.1:{first}", "--speed", str(SPEED)],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        stations, found = [], {}
        for number, name in enumerate(ROWS_USED):
            station = Mavsdk(Configuration.create_with_component_type(ComponentType.GROUND_STATION))
            stations.append(station)
            station.add_any_connection(f"udpin://127.0.0.1:{first + number}")
            found[name] = station.first_autopilot(SECONDS)
        yield found
        for station in stations:
            station.destroy()
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.parametrize("name", ROWS_USED)
def test_mavsdk_flies_a_vehicle_there_and_home(systems, name):
    """It arms, takes off, goes to a place, comes home, lands and is disarmed."""
    row, action, seen = ROWS_USED[name], Action(systems[name]), Seen(systems[name])
    seen.until(lambda now: now.armed is False)
    action.set_takeoff_altitude(15.0)
    action.arm()
    action.takeoff()
    seen.until(lambda now: now.armed and now.place.altitude > 14)
    there = moved(row.home, 60, 40)
    action.goto_location(there.latitude, there.longitude, row.home.altitude + 20, 90.0)
    seen.until(lambda now: metres_between(now.place, there) < 3 and now.place.altitude > 19)
    action.return_to_launch()
    seen.until(lambda now: not now.armed)

    assert metres_between(seen.place, row.home) < 3
    assert abs(seen.place.altitude) < 0.5


@pytest.mark.parametrize("name", ROWS_USED)
def test_mavsdk_gives_and_reads_back_a_mission(systems, name):
    """Item for item as it was given, save ArduPilot's item 0, which is home."""
    row, raw = ROWS_USED[name], MissionRaw(systems[name])
    items = []
    for number, (east, north) in enumerate(((0, 0), (50, 0), (50, 50), (0, 50))):
        place = moved(row.home, east, north)
        items.append(MissionItem(
            number, 6, 16, int(number == 0), 1, 1.0, 2.0, 0.0, 0.0,
            round(1e7 * place.latitude), round(1e7 * place.longitude), 20.0 + number, 0,
        ))  # fmt: skip
    raw.upload_mission(items)
    read = raw.download_mission()
    kept = slice(1, None) if name == "ardupilot" else slice(None)

    assert [(each.command, each.x, each.y, each.z) for each in read[kept]] == [
        (each.command, each.x, each.y, each.z) for each in items[kept]
    ]
    raw.clear_mission()
    # Of ArduPilot's missions MAVSDK leaves home, which is no item to fly to.
    assert len(raw.download_mission()) == int(name == "ardupilot")


def test_mavsdk_sets_and_reads_parameters_of_px4(systems):
    """Integers by their bytes, numbers as they are, and the whole list."""
    param = Param(systems["px4"])
    param.set_param_int("NAV_RCL_ACT", 3)
    param.set_param_float("RTL_RETURN_ALT", 42.5)
    everything = param.get_all_params()

    assert param.get_param_int("NAV_RCL_ACT") == 3
    assert param.get_param_float("RTL_RETURN_ALT") == 42.5
    assert {each.name: each.value for each in everything.int_params}["NAV_RCL_ACT"] == 3


def test_mavsdk_sets_and_reads_parameters_of_ardupilot(systems):
    """By the cast to a float."""
    param = Param(systems["ardupilot"])
    param.set_param_int("RTL_ALT", 4500)
    param.set_param_float("WP_RADIUS", 3.5)

    assert param.get_param_int("RTL_ALT") == 4500
    assert param.get_param_float("WP_RADIUS") == 3.5
