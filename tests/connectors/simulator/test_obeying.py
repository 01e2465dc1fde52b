"""Vehicles that are commanded over real sockets, with pymavlink as the ground station."""

import math
import struct
from contextlib import closing, suppress

import pytest
from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.aboard import Aboard
from connectors.simulator.area import Place, metres_between, moved
from connectors.simulator.command.faults import BadRadio, Faults
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


class _Cancel(mavlink.MAVLink_message):
    """COMMAND_CANCEL, which pymavlink lacks."""

    def __init__(self, *fields):
        super().__init__(80, "COMMAND_CANCEL")
        self.fields = fields

    def pack(self, mav):
        return self._pack(mav, 14, struct.pack("<HBB", *self.fields))


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


# What each vehicle answers as it stands at home, disarmed: command, parameters, result.
ON_THE_GROUND = [
    (COPTER, 400, (2,), UNSUPPORTED),
    (COPTER, 400, (1,), ACCEPTED),
    (COPTER, 22, (0, 0, 0, 0, 0, 0, 20), FAILED),
    (ROVER, 22, (0, 0, 0, 0, 0, 0, 20), UNSUPPORTED),
    (TERN, 22, (0, 0, 0, math.nan, math.nan, math.nan, math.nan), ACCEPTED),
    (COPTER, 21, (), ACCEPTED),
    (PLANE, 21, (), UNSUPPORTED),
    (BOAT, 21, (), UNSUPPORTED),
    (TERN, 20, (), ACCEPTED),
    (BOAT, 20, (), ACCEPTED),
    (COPTER, 17, (), ACCEPTED),
    (ROVER, 17, (), UNSUPPORTED),
    (COPTER, 176, (1, 99), FAILED),
    (COPTER, 176, (0, 4), DENIED),
    (PETREL, 176, (1, 9, 9), REJECTED),
    (PETREL, 176, (1, 6, 0), REJECTED),
    (PETREL, 176, (1, 4, 3), ACCEPTED),
    (ROVER, 178, (1, 3), ACCEPTED),
    (ROVER, 178, (1, 0), DENIED),
    (COPTER, 186, (50, 3), UNSUPPORTED),
    (TERN, 186, (50, 3), REJECTED),
    (COPTER, 34, (30, 5, 0, 0, 38.7, -9.4, 100), UNSUPPORTED),
    (FALCON, 34, (30, 5, 0, 0, 38.7, -9.4, 100), REJECTED),
    (BOAT, 179, (1,), ACCEPTED),
    (BOAT, 179, (0, 0, 0, 0, 0, 0, 0), FAILED),
    (BOAT, 179, (0, 0, 0, 0, 91, 0, 0), DENIED),
    (OSPREY, 192, (-1, 0, 0, 0, 38.7, -9.4, 50), DENIED),
    (OSPREY, 192, (-1, 1, 0, 0, 91, -9.4, 50), DENIED),
    (OSPREY, 192, (-1, 1, 0, 0, 38.7, -9.4, 50), ACCEPTED),
    (COPTER, 300, (0, 0), ACCEPTED),
    (COPTER, 300, (60, 0), FAILED),
    (TERN, 300, (60, 0), DENIED),
    (COPTER, 193, (0,), FAILED),
    (COPTER, 193, (7,), DENIED),
    (COPTER, 246, (9,), DENIED),
    (COPTER, 2000, (0, 1, 3), ACCEPTED),
    (COPTER, 2000, (0, -1, 3), DENIED),
    (COPTER, 2501, (), REJECTED),
    (COPTER, 2500, (), ACCEPTED),
    (COPTER, 531, (2, 50), ACCEPTED),
    (COPTER, 531, (2, 101), DENIED),
    (COPTER, 205, (-45, 0, 30), ACCEPTED),
    (COPTER, 1000, (-45, 200), DENIED),
    (COPTER, 512, (148,), ACCEPTED),
    (COPTER, 512, (9999,), DENIED),
    (COPTER, 511, (30, 500_000), ACCEPTED),
    (COPTER, 511, (9999, 500_000), DENIED),
    (COPTER, 510, (30,), ACCEPTED),
    (COPTER, 520, (1,), ACCEPTED),
    (COPTER, 224, (2,), ACCEPTED),
    (COPTER, 224, (99,), DENIED),
    (COPTER, 43_001, (0, 0, 0, 0, 0, 0, 50), UNSUPPORTED),
    (OSPREY, 43_001, (0, 0, 0, 0, 0, 0, 50), FAILED),
    (COPTER, 31_000, (), UNSUPPORTED),
    (TERN, 65_000, (), UNSUPPORTED),
]


@pytest.mark.parametrize(("row", "command", "params", "result"), ON_THE_GROUND)
def test_each_command_is_answered_as_the_firmware_answers_it(station, row, command, params, result):
    """By one COMMAND_ACK, to the one who asked."""
    assert station(row).result(command, *params) == result


def test_what_is_not_a_number_changes_nothing_that_it_should_not(station):
    """Every command with seven times nothing is answered, and the vehicle speaks on."""
    for row in (COPTER, PETREL, BOAT):
        one = station(row)
        for command in sorted({each[1] for each in ON_THE_GROUND} - {246}):
            assert len(one.long(command, *(math.nan,) * 7)) == 1
            assert len(one.long(command, *(math.inf,) * 7)) == 1
            assert len(one.long(command, *(-3e38,) * 7)) == 1
        assert one.go(10)
        assert math.isfinite(one.place.altitude)


def test_what_is_for_others_is_not_answered(station):
    """Another system, and a component that is not aboard; but all are addressed by 0."""
    one = station(COPTER)
    assert one.long(400, 1, system=77) == []
    assert one.long(400, 1, component=100) == []
    assert [each.result for each in one.long(400, 1, system=0, component=0)] == [ACCEPTED]
    (ack,) = one.long(1000, -10, component=154)
    assert (ack.get_srcComponent(), ack.result) == (154, ACCEPTED)
    assert [each.result for each in one.long(400, 0, component=154)] == [UNSUPPORTED]


def test_a_vehicle_in_the_air_is_disarmed_only_by_force_and_falls(station):
    """21196 is ArduPilot's and PX4's number for that."""
    for row, refused in ((COPTER, FAILED), (TERN, REJECTED)):
        one = _airborne(station, row)
        assert one.result(400, 0) == refused
        assert one.result(246, 1) == refused
        assert one.result(400, 0, 21196) == ACCEPTED
        one.go(2)
        assert not one.armed
        assert one.place.altitude < 1


def test_an_empty_battery_is_a_reason_not_to_start_motors(station):
    """Said in a sentence, and overruled by force."""
    one = station(COPTER)
    one.aboard.ears.helm.used = 0.9 * COPTER.power.amp_hours
    assert one.result(400, 1) == FAILED
    one.go(0.5)
    assert "PreArm: Battery low" in {
        each.text for each in one.heard if each.get_type() == "STATUSTEXT"
    }
    assert one.result(400, 1, 21196) == ACCEPTED


def test_a_vehicle_that_starts_anew_is_silent_and_counts_from_nothing(station):
    """For five seconds, in which it hears nothing; home and missions stay."""
    one = station(TERN)
    before = one.last("SYSTEM_TIME").time_boot_ms
    assert one.result(246, 1) == ACCEPTED
    assert one.go(4) == []
    assert one.long(400, 1) == []
    one.go(4)

    assert one.last("SYSTEM_TIME").time_boot_ms < before
    assert one.result(400, 1) == ACCEPTED


def test_a_long_command_tells_how_far_it_is_and_can_be_cancelled(station):
    """IN_PROGRESS first, and each second; then accepted, or cancelled."""
    one = station(COPTER)
    assert one.result(241, 1) == GOING
    assert one.result(241, 1) == REJECTED
    acks = [each for each in one.go(6) if each.get_type() == "COMMAND_ACK"]
    assert [(each.result, each.progress) for each in acks] == [
        (GOING, 25), (GOING, 50), (GOING, 75), (ACCEPTED, 255),
    ]  # fmt: skip
    assert one.result(241, 1) == GOING
    said = one.send(_Cancel(241, COPTER.system_id, 1))
    assert [each.result for each in said] == [CANCELLED]
    assert [each for each in one.go(6) if each.get_type() == "COMMAND_ACK"] == []


def test_acks_are_late_doubled_or_refusing_where_that_was_asked_for(station):
    """And the commands are obeyed all the same."""
    one = station(COPTER, Faults(ack_copies=3, ack_seconds=1.0, refuse=frozenset((22,))))
    assert one.long(400, 1) == []
    acks = [each.result for each in one.go(2) if each.get_type() == "COMMAND_ACK"]
    assert acks == [ACCEPTED] * 3
    assert one.armed
    assert one.long(22) == []
    acks = [each.result for each in one.go(2) if each.get_type() == "COMMAND_ACK"]
    assert acks == [REJECTED] * 3


def test_cameras_and_gimbal_show_what_they_were_told(station):
    """Pictures one by one, a recording, the zoom and the angles."""
    one = station(COPTER)
    one.result(2000, 0, 1, 3)
    taken = [each for each in one.go(5) if each.get_type() == "CAMERA_IMAGE_CAPTURED"]
    assert [each.image_index for each in taken] == [0, 1, 2]
    for command in ((2500,), (531, 2, 50), (205, -45, 0, 30)):
        assert one.result(*command) == ACCEPTED
    one.go(2)
    for number in (262, 260, 265):
        one.long(512, number)
    status = one.last("CAMERA_CAPTURE_STATUS")

    assert (status.image_count, status.video_status) == (3, 1)
    assert status.recording_time_ms == pytest.approx(2000, abs=300)
    assert one.last("CAMERA_SETTINGS").zoomLevel == 50
    assert (one.last("MOUNT_ORIENTATION").pitch, one.last("MOUNT_ORIENTATION").yaw) == (-45, 30)


def test_messages_come_as_often_as_was_asked_for(station):
    """Never, and twice as often; 0 is the usual again."""
    one = station(COPTER)
    for number, microseconds in ((30, -1), (74, 250_000)):
        one.result(511, number, microseconds)
    kinds = [each.get_type() for each in one.go(5)]
    assert kinds.count("ATTITUDE") == 0
    assert kinds.count("VFR_HUD") == 20
    one.result(511, 30, 0)
    assert [each.get_type() for each in one.go(5)].count("ATTITUDE") == 20


@pytest.mark.parametrize("row", [PLANE, OSPREY, ROVER, BOAT], ids=lambda row: row.name)
def test_every_kind_goes_where_it_is_guided_and_comes_home(station, row):
    """Wings circle near the place, the others stop there."""
    one = station(row)
    assert one.result(400, 1) == ACCEPTED
    if row is PLANE:
        assert one.result(22, 0, 0, 0, 0, 0, 0, 60) == ACCEPTED
        one.go(60)
    if row is OSPREY:
        assert one.result(176, 1, 15) == ACCEPTED
        assert one.result(22, 0, 0, 0, 0, 0, 0, 60) == ACCEPTED
        one.go(60)
    flies = row is PLANE or row is OSPREY
    there = moved(row.home, -300, 200)
    x, y = round(1e7 * there.latitude), round(1e7 * there.longitude)
    assert one.integer(192, x, y, 70 if flies else 0, -1, 1) == ACCEPTED
    one.go(240)
    assert metres_between(one.place, there) < (200 if row is PLANE else 3)
    assert one.place.altitude == pytest.approx(70 if flies else 0, abs=2)
    assert one.result(20) == ACCEPTED
    one.go(300)

    assert metres_between(one.place, row.home) < (600 if row is PLANE else 4)
    assert one.place.altitude == pytest.approx(0, abs=1)
    assert one.armed != flies


def test_px4_orbits_and_changes_its_height(station):
    """On the circle that it was told, at the height."""
    one = _airborne(station, TERN)
    middle = moved(TERN.home, 0, 60)
    up = TERN.home.altitude + 25
    command = (34, 40, 5, 0, 0, middle.latitude, middle.longitude, up)
    assert one.result(*command) == ACCEPTED
    one.go(60)
    places = []
    for _ in range(10):
        one.go(5)
        places.append(one.place)
    assert all(metres_between(each, middle) == pytest.approx(40, abs=4) for each in places)
    assert len({round(each.latitude, 4) for each in places}) > 4
    assert one.result(186, 50, 3) == ACCEPTED
    one.go(30)
    assert one.place.altitude == pytest.approx(50, abs=1)


def test_a_vehicle_that_flies_by_itself_does_so_until_a_command_is_accepted(station):
    """What is refused or only asks changes nothing of its flight."""
    one, other = station(BOAT, waits=False), vehicle(BOAT, 7)
    assert one.result(31_000) == UNSUPPORTED
    assert one.result(22) == UNSUPPORTED
    assert one.result(512, 148) == ACCEPTED
    one.go(30)
    assert metres_between(one.place, other.at(30.0).place) < 0.1
    assert one.result(176, 1, 4) == ACCEPTED
    one.go(60)
    stopped = one.place
    one.go(20)
    assert metres_between(one.place, stopped) < 1


@pytest.mark.parametrize("last", [20, 21])
def test_a_mission_ends_on_the_ground_with_its_last_item_reached(station, last):
    """Whether it lands there, or comes home first; the mission is complete then."""
    one = station(COPTER)
    for number, command in enumerate((16, 22, last)):
        if not number:
            one.send(mavlink.MAVLink_mission_count_message(1, 1, 3, 0))
        one.send(mavlink.MAVLink_mission_item_int_message(
            1, 1, number, 3, command, 0, 1, 0, 0, 0, 0, 0, 0, 20 * (command == 22)
        ))  # fmt: skip
    for asked in ((176, 1, 4), (400, 1), (300,)):
        assert one.result(*asked) == ACCEPTED
    one.go(120)
    assert one.last("MISSION_ITEM_REACHED").seq == 2
    assert one.last("MISSION_CURRENT").mission_state == mavlink.MISSION_STATE_COMPLETE
    assert not one.last("HEARTBEAT").base_mode & mavlink.MAV_MODE_FLAG_SAFETY_ARMED


def test_a_mission_is_given_started_told_of_paused_and_gone_on_with(station):
    """MISSION_CURRENT follows, each item that was reached is told once."""
    one = station(COPTER)
    places = [moved(COPTER.home, east, 0) for east in (0, 0, 40, 80)]
    one.send(mavlink.MAVLink_mission_count_message(1, 1, 4, 0))
    for number, place in enumerate(places):
        x, y = round(1e7 * place.latitude), round(1e7 * place.longitude)
        command = 22 if number == 1 else 16
        said = one.send(mavlink.MAVLink_mission_item_int_message(
            1, 1, number, 3, command, 0, 1, 0, 0, 0, 0, x, y, 20
        ))  # fmt: skip
    assert [(each.get_type(), each.type) for each in said] == [("MISSION_ACK", ACCEPTED)]
    assert one.result(176, 1, 4) == ACCEPTED
    assert one.result(400, 1) == ACCEPTED
    assert one.result(300) == ACCEPTED
    one.go(14)
    assert one.last("MISSION_CURRENT").seq == 2
    assert one.last("MISSION_CURRENT").total == 3  # Home is none of them.
    assert one.result(193, 0) == ACCEPTED
    one.go(10)
    paused = one.place
    assert one.last("MISSION_CURRENT").mission_state == mavlink.MISSION_STATE_PAUSED
    one.go(10)
    assert metres_between(one.place, paused) < 0.5
    assert one.result(193, 1) == ACCEPTED
    one.go(40)
    reached = [each.seq for each in one.heard if each.get_type() == "MISSION_ITEM_REACHED"]
    assert [each for each in reached if each] == [1, 2, 3]
    assert one.last("MISSION_CURRENT").mission_state == mavlink.MISSION_STATE_COMPLETE
    assert metres_between(one.place, places[3]) < 3
    one.send(mavlink.MAVLink_mission_set_current_message(1, 1, 2))
    one.go(40)
    reached = [each.seq for each in one.heard if each.get_type() == "MISSION_ITEM_REACHED"]
    assert [each for each in reached if each] == [1, 2, 3, 2, 3]


def test_a_position_target_is_followed_in_the_mode_for_it_alone(station):
    """GUIDED of ArduPilot; PX4's OFFBOARD is entered only once there is a target."""
    for row, mode in ((COPTER, (4,)), (TERN, (6, 0))):
        one = _airborne(station, row)
        there = moved(row.home, 40, 30)
        target = mavlink.MAVLink_set_position_target_global_int_message(
            0, row.system_id, 1, 6, 0x0DF8, round(1e7 * there.latitude),
            round(1e7 * there.longitude), 25, 0, 0, 0, 0, 0, 0, 0, 0,
        )  # fmt: skip
        assert one.result(176, 1, *((5,) if row is COPTER else (4, 3))) == ACCEPTED
        one.send(target)
        one.go(20)
        assert metres_between(one.place, row.home) < 5
        assert one.result(176, 1, *mode) == ACCEPTED
        one.send(target)
        one.go(30)
        assert metres_between(one.place, there) < 2
        assert one.place.altitude == pytest.approx(25, abs=1)


def test_set_mode_is_answered_as_the_autopilot_answers_it(station):
    """ArduPilot names the message, PX4 the command."""
    for row, number, named in ((COPTER, 4, 11), (TERN, 4 << 16 | 3 << 24, 176)):
        one = station(row)
        said = one.send(mavlink.MAVLink_set_mode_message(row.system_id, 1, number))
        assert [(each.command, each.result) for each in said] == [(named, ACCEPTED)]
        one.go(2)
        assert one.last("HEARTBEAT").custom_mode == number


def test_a_bad_radio_loses_the_same_share_each_time(ground):
    """In both directions, by the seed."""
    kept = []
    for _ in range(2):
        faults = Faults(lose_sent=0.3, lose_heard=0.5)
        with closing(BadRadio(*ground.getsockname(), faults, "7")) as radio:
            for number in range(100):
                radio.write(bytes((number,)))
                ground.sendto(bytes((number,)), ("127.0.0.1", radio.port))
            heard = [each[0] for _ in range(2) for each in radio.heard()]
        ground.settimeout(0.2)
        sent = []
        with suppress(TimeoutError):
            while True:
                sent.append(ground.recv(9)[0])
        kept.append((sent, heard))

    assert kept[0] == kept[1]
    assert 50 < len(kept[0][0]) < 90
    assert 30 < len(kept[0][1]) < 70
