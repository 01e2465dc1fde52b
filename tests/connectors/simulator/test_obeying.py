"""Vehicles that are commanded over real sockets, with pymavlink as the ground station."""

import math
from contextlib import closing

import pytest
from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.aboard import Aboard
from connectors.simulator.area import Place, metres_between, moved
from connectors.simulator.command.faults import Faults
from connectors.simulator.fleet import ROWS
from connectors.simulator.radio import Radio
from connectors.simulator.state import vehicle

STARTED_US = 1_750_000_000_000_000
ACCEPTED, REJECTED, DENIED, UNSUPPORTED, FAILED, GOING, CANCELLED = range(7)
COPTER, TERN, PLANE, PETREL, ROVER, OSPREY, FALCON, BOAT = ROWS
GLOBAL, RELATIVE = 0, 3


class Station:
    """A ground station with one vehicle, whose time goes when the station waits."""

    def __init__(self, ground, waiting, decode, aboard):
        self.ground, self._waiting, self._decode, self.aboard = ground, waiting, decode, aboard
        self.tick, self.heard = 0, []
        self.aboard.speak(0, 1.0)
        first, self.peer = ground.recvfrom(65_535)
        self.heard += decode(first)
        self.collect()
        self.mav = mavlink.MAVLink(None, 255, 190)

    def collect(self):
        new = [each for data in self._waiting(self.ground) for each in self._decode(data)]
        self.heard += new
        return new

    def send(self, message):
        """Say something, and what the vehicle says at once."""
        self.ground.sendto(message.pack(self.mav), self.peer)
        self.aboard.listen()
        return self.collect()

    def go(self, seconds, speed=1.0):
        """Let time pass."""
        new = []
        for _ in range(int(seconds * 4)):
            self.tick += 1
            self.aboard.speak(self.tick, speed)
            if self.tick % 20 == 0:
                new += self.collect()
        return new + self.collect()

    def long(self, command, *params, system=None, component=1):
        params = (*params, *(0.0,) * (7 - len(params)))
        number = self.heard[0].get_srcSystem() if system is None else system
        said = self.send(
            mavlink.MAVLink_command_long_message(number, component, command, 0, *params)
        )
        return [each for each in said if each.get_type() == "COMMAND_ACK"]

    def integer(self, command, x, y, z, *params, frame=RELATIVE):
        params = (*params, *(0.0,) * (4 - len(params)))
        number = self.heard[0].get_srcSystem()
        said = self.send(
            mavlink.MAVLink_command_int_message(number, 1, frame, command, 0, 0, *params, x, y, z)
        )
        return next(each.result for each in said if each.get_type() == "COMMAND_ACK")

    def result(self, command, *params):
        (ack,) = self.long(command, *params)
        assert (ack.command, ack.target_system, ack.target_component) == (command, 255, 190)
        return ack.result

    def last(self, kind, component=1):
        return next(
            each for each in reversed(self.heard)
            if each.get_type() == kind and each.get_srcComponent() == component
        )  # fmt: skip

    @property
    def armed(self):
        return bool(self.last("HEARTBEAT").base_mode & mavlink.MAV_MODE_FLAG_SAFETY_ARMED)

    @property
    def place(self):
        said = self.last("GLOBAL_POSITION_INT")
        return Place(said.lat / 1e7, said.lon / 1e7, said.relative_alt / 1000)


@pytest.fixture
def station(ground, waiting, decode):
    """Makes one for a vehicle of the table, which waits at home unless told otherwise."""
    radios = []

    def make(row, faults=None, *, waits=True):
        radio = Radio(*ground.getsockname())
        radios.append(radio)
        aboard = Aboard(vehicle(row, 7), radio, STARTED_US, faults or Faults(), waits=waits)
        return Station(ground, waiting, decode, aboard)

    yield make
    for radio in radios:
        with closing(radio):
            pass


def _airborne(station, row):
    """A station with a copter that hovers 20 metres above home."""
    one = station(row)
    if row is COPTER:
        assert one.result(mavlink.MAV_CMD_DO_SET_MODE, 1, 4) == ACCEPTED
        assert one.result(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == ACCEPTED
        assert one.result(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, 20) == ACCEPTED
    else:
        assert one.result(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == ACCEPTED
        up = row.home.altitude + 20
        nan = math.nan
        assert one.result(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, nan, nan, nan, up) == ACCEPTED
    one.go(25)
    assert one.place.altitude == pytest.approx(20, abs=1)
    return one


@pytest.mark.parametrize("row", [COPTER, TERN], ids=["ardupilot", "px4"])
def test_a_copter_arms_takes_off_goes_and_comes_home(station, row):
    """Each accepted, followed in what it tells, and disarmed on the ground in the end."""
    one = _airborne(station, row)
    there = moved(row.home, 150, 80)
    up = 30 if row is COPTER else row.home.altitude + 30
    frame = RELATIVE if row is COPTER else GLOBAL
    x, y = round(1e7 * there.latitude), round(1e7 * there.longitude)
    assert one.integer(mavlink.MAV_CMD_DO_REPOSITION, x, y, up, -1, 1, 0, math.nan,
                       frame=frame) == ACCEPTED  # fmt: skip
    one.go(45)
    assert metres_between(one.place, there) < 2
    assert one.place.altitude == pytest.approx(30, abs=1)
    assert one.last("EXTENDED_SYS_STATE").landed_state == mavlink.MAV_LANDED_STATE_IN_AIR
    assert one.result(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 0) != ACCEPTED
    assert one.result(mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH) == ACCEPTED
    one.go(70)

    assert metres_between(one.place, row.home) < 2
    assert not one.armed
    assert one.last("EXTENDED_SYS_STATE").landed_state == mavlink.MAV_LANDED_STATE_ON_GROUND
