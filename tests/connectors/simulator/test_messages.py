"""States as MAVLink and back, through real bytes."""

import math

import pytest
from pymavlink import mavutil
from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator import status
from connectors.simulator.area import Place, metres_between
from connectors.simulator.fleet import ROWS
from connectors.simulator.kinds import AIRBORNE
from connectors.simulator.row import Kind
from connectors.simulator.schedule import REGULAR
from connectors.simulator.stages import Phase
from connectors.simulator.state import vehicle

CLOCK = 1_750_000_000_000_000
PX4 = mavlink.MAV_AUTOPILOT_PX4


@pytest.fixture
def said(decode):
    """All regular messages of a state as a receiver reads them, by name."""

    def read(row, state):
        sender = mavlink.MAVLink(None, row.system_id, 1)
        data = b"".join(each.message(row, state, CLOCK).pack(sender) for each in REGULAR)
        messages = decode(data)
        assert {message.get_srcSystem() for message in messages} == {row.system_id}
        assert data[0] == 0xFD
        return {message.get_type(): message for message in messages}

    return read


def test_every_regular_message_survives_the_wire_at_every_stage(flown, said):
    """Nothing overflows its field from one end of a flight to the other."""
    for second in range(0, int(flown.flight.period), 11):
        messages = said(flown.row, flown.at(second))
        assert len(messages) == len(REGULAR)


def test_positions_on_the_wire_are_those_of_the_state(flown, said):
    """Units and signs: degrees times ten million, millimetres, centimetres a second, down."""
    for second in range(0, int(flown.flight.period), 17):
        state = flown.at(second)
        message = said(flown.row, state)["GLOBAL_POSITION_INT"]
        there = Place(message.lat / 1e7, message.lon / 1e7, 0)

        assert metres_between(there, state.place) < 0.05
        assert message.alt / 1000 == pytest.approx(state.place.altitude, abs=0.001)
        assert message.relative_alt / 1000 == pytest.approx(state.motion.point.up, abs=0.001)
        assert message.vx / 100 == pytest.approx(state.motion.velocity.north, abs=0.01)
        assert message.vy / 100 == pytest.approx(state.motion.velocity.east, abs=0.01)
        assert message.vz / 100 == pytest.approx(-state.motion.velocity.up, abs=0.01)
        assert 0 <= message.hdg < 36_000
        if state.motion.ground_speed > 1:
            course = math.degrees(math.atan2(message.vy, message.vx))
            assert math.remainder(course - message.hdg / 100, 360) == pytest.approx(0, abs=1)


def test_messages_of_one_moment_agree_with_each_other(flown, said):
    """Heading, speed, altitude, battery and time are the same thing said twice."""
    for second in range(0, int(flown.flight.period), 17):
        messages = said(flown.row, flown.at(second))
        place, hud, gps = (
            messages[name] for name in ("GLOBAL_POSITION_INT", "VFR_HUD", "GPS_RAW_INT")
        )
        attitude, system, battery = (
            messages[name] for name in ("ATTITUDE", "SYS_STATUS", "BATTERY_STATUS")
        )
        yaw = math.degrees(attitude.yaw)

        assert abs(yaw) <= 180.0001
        assert 0 <= hud.heading < 360
        assert math.remainder(yaw - place.hdg / 100, 360) == pytest.approx(0, abs=0.01)
        assert math.hypot(place.vx, place.vy) / 100 == pytest.approx(hud.groundspeed, abs=0.02)
        assert gps.vel / 100 == pytest.approx(hud.groundspeed, abs=0.01)
        assert hud.climb == pytest.approx(-place.vz / 100, abs=0.01)
        assert hud.alt == pytest.approx(place.alt / 1000, abs=1.6)
        assert 0 <= hud.throttle <= 100
        assert place.time_boot_ms == attitude.time_boot_ms == messages["SYSTEM_TIME"].time_boot_ms
        assert gps.time_usec == messages["SYSTEM_TIME"].time_unix_usec == CLOCK
        assert battery.battery_remaining == system.battery_remaining
        cells = [each for each in battery.voltages if each != 65_535]
        cells += [each for each in battery.voltages_ext if each]
        assert len(cells) == flown.row.power.cells
        assert sum(cells) == pytest.approx(system.voltage_battery, abs=len(cells))
        assert battery.current_battery == system.current_battery


def test_modes_on_the_wire_are_read_by_pymavlink_as_intended(flown, said):
    """And armed is armed whenever the vehicle is not parked."""
    for stage in flown.flight.stages:
        state = flown.at(0)._replace(stage=stage)
        message = said(flown.row, state)["HEARTBEAT"]
        intended = flown.row.modes[stage.phase].name
        if flown.row.autopilot == PX4:
            name = mavutil.interpret_px4_mode(message.base_mode, message.custom_mode)
        else:
            name = mavutil.mode_mapping_bynumber(message.type)[message.custom_mode]

        assert name == intended
        assert message.base_mode & mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED
        armed = bool(message.base_mode & mavlink.MAV_MODE_FLAG_SAFETY_ARMED)
        assert armed == (stage.phase is not Phase.PARKED)
        assert (message.system_status == mavlink.MAV_STATE_ACTIVE) == armed
        assert (message.type, message.autopilot) == (flown.row.mav_type, flown.row.autopilot)


def test_landed_and_vtol_states_follow_the_flight(flown, cycle, said):
    """On the ground where it is, in the air where it is; rotors or wings only for hybrids."""
    seen = set()
    for state in cycle(flown):
        message = said(flown.row, state)["EXTENDED_SYS_STATE"]
        seen.add(message.vtol_state)
        on_ground = message.landed_state == mavlink.MAV_LANDED_STATE_ON_GROUND
        resting = state.stage.phase in (Phase.PARKED, Phase.READY)
        assert on_ground == (resting or flown.row.kind not in AIRBORNE)

    assert seen == ({1, 2, 3, 4} if flown.row.kind is Kind.VTOL else {0})


def test_a_low_battery_and_one_on_the_charger_say_so(said):
    """And one in use that is neither is well."""
    tern = vehicle(ROWS[1], 7)
    seen = {}
    for second in range(0, int(tern.flight.period), 3):
        state = tern.at(second)
        seen[said(tern.row, state)["BATTERY_STATUS"].charge_state] = state.charge

    assert seen.keys() == {
        mavlink.MAV_BATTERY_CHARGE_STATE_OK,
        mavlink.MAV_BATTERY_CHARGE_STATE_LOW,
        mavlink.MAV_BATTERY_CHARGE_STATE_CHARGING,
    }
    assert seen[mavlink.MAV_BATTERY_CHARGE_STATE_LOW].remaining < 25


def test_texts_that_are_too_long_are_cut_to_the_field():
    """Fifty bytes, as the field has."""
    assert status.status_text(mavlink.MAV_SEVERITY_INFO, "x" * 60).text == "x" * 50
