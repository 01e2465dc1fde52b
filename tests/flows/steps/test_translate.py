"""Raw fields become signals, by MAVLink's own units and words for "unknown"."""

import importlib.util
import math
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import NOON, SECOND, stored
from pymavlink.dialects.v20 import all as dialect

from connectors.mavlink import Decoder
from flows.ontology.signals import BY_PATH
from flows.ontology.telemetry import Envelope, Report, moment
from flows.ontology.wire import Rejected
from flows.steps.derive import DERIVATIONS
from flows.steps.mavlink import ALIASES, MESSAGE_NAMES, PLACES, READINGS
from flows.steps.translate import extra, report

# What a unit of MAVLink is divided by to be the unit of a signal.
UNITS = {
    ("degE7", "deg"): 1e7,
    ("mm", "m"): 1000,
    ("m", "m"): 1,
    ("cm/s", "m/s"): 100,
    ("m/s", "m/s"): 1,
    ("cdeg", "deg"): 100,
    ("deg", "deg"): 1,
    ("rad", "rad"): 1,
    ("rad/s", "rad/s"): 1,
    ("d%", "%"): 10,
    ("%", "%"): 1,
    ("mV", "V"): 1000,
    ("cA", "A"): 100,
    ("hPa", "hPa"): 1,
    ("cdegC", "Cel"): 100,
}
INVALID = {"UINT16_MAX": 65_535, "UINT8_MAX": 255, "-1": -1}
# What the definitions say in words only: 255 stands for unknown in 0 to 254, m/s2, no unit.
IN_WORDS = {("RC_CHANNELS", "rssi"): 2.54}
UNITLESS = {("VIBRATION", f"vibration_{axis}") for axis in "xyz"}


def definitions() -> dict[str, dict[str, dict[str, str]]]:
    """Messages, their fields and those fields' attributes, as MAVLink defines them."""
    found = importlib.util.find_spec("pymavlink")
    folder = Path(found.origin).with_name("dialects") / "v20"
    return {
        message.get("name"): {each.get("name"): each.attrib for each in message.iter("field")}
        for name in ("minimal", "standard", "common", "ardupilotmega")
        for message in ET.parse(folder / f"{name}.xml").iter("message")  # noqa: S314 - installed with us.
    }


DEFINED = definitions()
ROWS = [(message, reading) for message, rows in READINGS.items() for reading in rows]


@pytest.mark.parametrize(
    ("message", "reading"), ROWS, ids=lambda each: getattr(each, "field", each)
)
def test_every_row_agrees_with_mavlinks_definition(message: str, reading) -> None:
    """The field is there, its unit becomes the signal's, and its word for unknown is heeded."""
    field = DEFINED[message][reading.field]
    signal = BY_PATH[reading.path]
    unit, multiplier = field.get("units"), float(field.get("multiplier", 1))

    if (message, reading.field) in IN_WORDS:
        assert reading.divisor == IN_WORDS[message, reading.field]
    elif unit:
        assert reading.divisor == UNITS[unit, signal.unit]
    else:
        assert reading.divisor == round(1 / multiplier)
        assert signal.unit == "1" or (message, reading.field) in UNITLESS
    if "invalid" in field:
        assert reading.absent == INVALID[field["invalid"]]


@pytest.mark.parametrize("message", sorted({*DERIVATIONS, *PLACES, *ALIASES}))
def test_messages_of_every_table_are_mavlinks(message: str) -> None:
    """Their fields, too, under the names that ours are called by."""
    assert set(PLACES.get(message, ())) <= set(DEFINED[message])
    assert set(ALIASES.get(message, {}).values()) <= set(DEFINED[message])
    assert MESSAGE_NAMES[message.replace("_", "").lower()] == message


def said(name: str, data: dict[str, Any], **more: Any) -> tuple[Report, Rejected | None]:
    envelope = Envelope("v1", "north", name, moment(NOON), data, **more)
    return report(envelope, stored({}), SECOND)


def values(name: str, data: dict[str, Any]) -> dict[str, Any]:
    return said(name, data)[0].values


def rounded(values: dict[str, Any]) -> dict[str, Any]:
    """Without what a division adds to the last digit."""
    return {
        path: round(value, 9) if isinstance(value, float) else value
        for path, value in values.items()
    }


def flown(name: str, *arguments: Any) -> tuple[str, dict[str, Any]]:
    """The fields of a message that pymavlink has packed, as the relay reads them."""
    message = getattr(dialect.MAVLink(None), f"{name.lower()}_encode")(*arguments)
    packet = Decoder().decode(message.pack(dialect.MAVLink(None)), "test", "test", NOON)
    assert packet.name == name
    return name, packet.fields


UNKNOWN_CELLS = [65_535] * 8
FLOWN = [
    (
        flown("HEARTBEAT", 2, 3, 209, 4, 4),
        {
            "vehicle_status.vehicle_type": 2,
            "vehicle_status.autopilot": 3,
            "vehicle_status.base_mode": 209,
            "vehicle_status.custom_mode": 4,
            "vehicle_status.system_status": 4,
            "vehicle_status.armed": True,
            "vehicle_status.mode": "GUIDED",
        },
    ),
    (
        flown("HEARTBEAT", 1, 12, 1, 4 << 16 | 3 << 24, 3),
        {
            "vehicle_status.vehicle_type": 1,
            "vehicle_status.autopilot": 12,
            "vehicle_status.base_mode": 1,
            "vehicle_status.custom_mode": 4 << 16 | 3 << 24,
            "vehicle_status.system_status": 3,
            "vehicle_status.armed": False,
            "vehicle_status.mode": "LOITER",
        },
    ),
    (flown("HEARTBEAT", 6, 8, 0, 0, 4), {}),
    (
        flown("SYS_STATUS", 1, 2, 3, 234, 16_200, 1520, 87, 0, 0, 0, 0, 0, 0),
        {
            "vehicle_status.sensors_present": 1,
            "vehicle_status.sensors_enabled": 2,
            "vehicle_status.sensors_health": 3,
            "vehicle_status.load": 23.4,
            "power.voltage": 16.2,
            "power.current": 15.2,
            "power.battery_remaining": 87,
        },
    ),
    (
        flown("SYS_STATUS", 0, 0, 0, 0, 65_535, -1, -1, 0, 0, 0, 0, 0, 0),
        {
            "vehicle_status.sensors_present": 0,
            "vehicle_status.sensors_enabled": 0,
            "vehicle_status.sensors_health": 0,
            "vehicle_status.load": 0,
        },
    ),
    (
        flown("GLOBAL_POSITION_INT", 1, 473_977_418, -85_456_000, 488_100, 0, 0, -150, 25, 0),
        {
            "position.global.latitude": 47.3977418,
            "position.global.longitude": -8.5456,
            "position.global.altitude_msl": 488.1,
            "position.global.altitude_relative": 0,
            "position.global.vx": 0,
            "position.global.vy": -1.5,
            "position.global.vz": 0.25,
            "position.global.heading": 0,
        },
    ),
    (
        flown("GLOBAL_POSITION_INT", 1, 0, 0, -36_000, 1, 2, 3, 4, 65_535),
        {
            "position.global.altitude_msl": -36,
            "position.global.altitude_relative": 0.001,
            "position.global.vx": 0.02,
            "position.global.vy": 0.03,
            "position.global.vz": 0.04,
        },
    ),
    (
        flown("GLOBAL_POSITION_INT", 1, 0, 70_000_000, 0, 0, 0, 0, 0, 9000),
        {
            "position.global.latitude": 0,
            "position.global.longitude": 7,
            "position.global.altitude_msl": 0,
            "position.global.altitude_relative": 0,
            "position.global.vx": 0,
            "position.global.vy": 0,
            "position.global.vz": 0,
            "position.global.heading": 90,
        },
    ),
    (
        flown("GPS_RAW_INT", 1, 3, 10_000_000, 0, 1000, 121, 200, 550, 18_000, 9, 0, 1500, 2500),
        {
            "position.global.fix_type": 3,
            "position.global.satellites_visible": 9,
            "position.gps.latitude": 1,
            "position.gps.longitude": 0,
            "position.gps.altitude_msl": 1,
            "position.gps.hdop": 1.21,
            "position.gps.vdop": 2,
            "position.gps.groundspeed": 5.5,
            "position.gps.course": 180,
            "position.global.accuracy_h": 1.5,
            "position.global.accuracy_v": 2.5,
        },
    ),
    (
        flown("GPS_RAW_INT", 1, 0, 0, 0, 0, 65_535, 65_535, 65_535, 65_535, 255),
        {"position.global.fix_type": 0, "position.gps.altitude_msl": 0},
    ),
    (
        flown("BATTERY_STATUS", 0, 1, 1, 2550, [4100, 4050, *UNKNOWN_CELLS], -12, 900, 36, 55),
        {
            "power.current": -0.12,
            "power.battery_remaining": 55,
            "power.consumed": 900,
            "power.energy_consumed": 3600,
            "power.temperature": 25.5,
            "power.cells": [4.1, 4.05],
            "power.voltage": 8.15,
        },
    ),
    (
        flown("BATTERY_STATUS", 0, 1, 1, 32_767, [65_535, 65_535, *UNKNOWN_CELLS], -1, -1, -1, -1),
        {},
    ),
    (
        flown("BATTERY_STATUS", 0, 1, 1, 0, [65_534, 1466, *UNKNOWN_CELLS], 0, 0, 0, 0),
        {
            "power.current": 0,
            "power.battery_remaining": 0,
            "power.consumed": 0,
            "power.energy_consumed": 0,
            "power.temperature": 0,
            "power.cells": [65.534, 1.466],
            "power.voltage": 67,
        },
    ),
    (flown("BATTERY_STATUS", 1, 1, 1, 2550, [4100] * 10, 100, 900, 36, 10), {}),
    (
        flown("SERVO_OUTPUT_RAW", 1, 0, 1500, 0, 1100, *[0] * 5),
        {"actuators.servos": [1500, 0, 1100]},
    ),
    (flown("SERVO_OUTPUT_RAW", 1, 1, *[1900] * 8), {}),
    (
        flown("SERVO_OUTPUT_RAW", 1, 0, *[1000] * 8, *[2000] * 8),
        {"actuators.servos": [1000] * 8 + [2000] * 8},
    ),
    (
        flown("RC_CHANNELS", 1, 3, 1500, 65_535, 1000, *[65_535] * 15, 254),
        {"radio.channels": [1500, 0, 1000], "radio.rssi": 100},
    ),
    (flown("RC_CHANNELS", 1, 0, *[65_535] * 18, 255), {}),
    (
        flown("MISSION_CURRENT", 3, 5),
        {"mission.current_waypoint": 3, "mission.total_waypoints": 5},
    ),
    (flown("MISSION_CURRENT", 0, 0), {"mission.current_waypoint": 0}),
    (flown("MISSION_CURRENT", 0, 65_535), {"mission.current_waypoint": 0}),
    (
        flown("ALTITUDE", 1, 0, 488.5, 0, 0, -1000.5, 0),
        {"position.global.altitude_msl": 488.5, "position.global.altitude_relative": 0},
    ),
    (
        flown("ALTITUDE", 1, 0, math.nan, 0, math.nan, 12.5, 0),
        {"position.global.altitude_terrain": 12.5},
    ),
    (
        flown("STATUSTEXT", 2, b"PreArm: compass"),
        {"vehicle_status.message": "PreArm: compass", "vehicle_status.message_severity": 2},
    ),
    (flown("STATUSTEXT", 2, b""), {}),
    (
        flown("EXTENDED_SYS_STATE", 0, 2),
        {"vehicle_status.vtol_state": 0, "vehicle_status.landed_state": 2},
    ),
    (
        flown("SCALED_PRESSURE", 1, 1013.25, -0.5, -1250),
        {
            "environment.pressure_abs": 1013.25,
            "environment.pressure_diff": -0.5,
            "environment.temperature": -12.5,
        },
    ),
]


@pytest.mark.parametrize(("message", "expected"), FLOWN, ids=[each[0][0] for each in FLOWN])
def test_what_pymavlink_packs_is_understood(message, expected) -> None:
    """Every signal of a message, exactly; zero is a value, and unknown is none."""
    understood, refused = said(*message)

    assert rounded(understood.values) == expected
    assert {path: type(value) for path, value in understood.values.items() if path in WHOLE} == {
        path: int for path in understood.values if path in WHOLE
    }
    assert refused is None


WHOLE = {path for path, signal in BY_PATH.items() if signal.kind == "integer"}


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        (
            "GLOBAL_POSITION_INT",
            {"latitude": 473_977_418, "longitude": 85_456_000, "altitude": 1000, "heading": 9000},
            {
                "position.global.latitude": 47.3977418,
                "position.global.longitude": 8.5456,
                "position.global.altitude_msl": 1,
                "position.global.heading": 90,
            },
        ),
        (
            "GLOBAL_POSITION_INT",
            {"latitude": 0, "longitude": 0, "heading": 65_535, "relative_alt": 5000},
            {"position.global.altitude_relative": 5},
        ),
        (
            "ATTITUDE",
            {"roll_speed": 0.5, "yaw": 1},
            {"attitude.euler.rollspeed": 0.5, "attitude.euler.yaw": 1},
        ),
        (
            "VFR_HUD",
            {"ground_speed": 3, "climb_rate": -1, "altitude": 7, "heading": 0, "throttle": 0},
            {
                "vfr.groundspeed": 3,
                "vfr.climb_rate": -1,
                "vfr.altitude": 7,
                "vfr.heading": 0,
                "vfr.throttle": 0,
            },
        ),
        ("HEARTBEAT", {"type": "MAV_TYPE_QUADROTOR"}, {"vehicle_status.vehicle_type": 2}),
        ("HEARTBEAT", {"type": "MAV_TYPE_GCS"}, {}),
        ("HEARTBEAT", {"type": "MAV_TYPE_UNHEARD_OF"}, {}),
        ("SYS_STATUS", {"voltage_battery": 12_000}, {"power.voltage": 12}),
    ],
)
def test_the_spellings_of_edge_programs_are_understood(name, data, expected) -> None:
    """Fields that are missing set nothing."""
    assert rounded(values(name, data)) == expected


BEYOND = [
    ("GLOBAL_POSITION_INT", {"lat": 910_000_000, "lon": 1, "alt": 1}, "lat is 910000000"),
    ("GLOBAL_POSITION_INT", {"hdg": 36_001, "alt": 1}, "hdg is 36001"),
    ("SYS_STATUS", {"battery_remaining": 101}, "battery_remaining is 101"),
    ("SYS_STATUS", {"load": 10**400}, "load is 1000"),
    ("SYS_STATUS", {"load": -(10**400)}, "load is -1000"),
    ("SYS_STATUS", {"voltage_battery": 1e308}, "voltage_battery is 1e+308"),
    ("HEARTBEAT", {"custom_mode": 2**32}, "custom_mode is 4294967296"),
    ("HEARTBEAT", {"system_status": 3.5}, "system_status is 3.5"),
    ("VFR_HUD", {"throttle": 1e9, "heading": -1}, "heading is -1, throttle is 1000000000.0"),
    ("BATTERY_STATUS", {"battery_remaining": 101}, "power.battery_remaining is 101"),
    ("BATTERY_STATUS", {"voltages": [70_000]}, "power.cells is [70.0]"),
    ("BATTERY_STATUS", {"temperature": 10**9}, "power.temperature is 10000000.0"),
    ("SERVO_OUTPUT_RAW", {"servo1_raw": -5}, "actuators.servos is [-5.0]"),
    ("STATUSTEXT", {"text": "a", "severity": 8}, "vehicle_status.message_severity is 8"),
    ("STATUSTEXT", {"text": "a", "severity": 2**63}, "vehicle_status.message_severity is 9"),
]


@pytest.mark.parametrize(("name", "data", "reason"), BEYOND)
def test_what_is_out_of_range_is_refused_and_the_rest_stands(name, data, reason) -> None:
    """It is named with its value; its message is kept whole for whoever looks."""
    name_of_rest, rest = "vfr.airspeed", {"airspeed": 4.5}
    understood, refused = said(name, data | (rest if name == "VFR_HUD" else {}))

    assert refused is not None
    assert refused.reason.startswith(f"{name}: {reason}")
    assert len(refused.reason) <= 512
    assert all(BY_PATH[path].holds(value) for path, value in understood.values.items())
    if name == "VFR_HUD":
        assert understood.values == {name_of_rest: 4.5}
    if "alt" in data:
        assert understood.values["position.global.altitude_msl"] == 0.001
    if "text" in data:
        assert understood.values["vehicle_status.message"] == "a"


STRANGE = [None, True, False, "1", "NaN", "", [], ["1"], {}, {"a": 1}, [None, "x", 10**400]]


@pytest.mark.parametrize("value", STRANGE, ids=repr)
def test_a_field_of_a_wrong_type_sets_nothing_and_stays_in_the_history(value: object) -> None:
    """In every message that is known, field by field."""
    for name in READINGS:
        for field in DEFINED[name]:
            understood, refused = said(name, {field: value})
            allowed = (
                {"vehicle_status.message"} if (name, field) == ("STATUSTEXT", "text") else set()
            )
            assert set(understood.values) <= allowed
            assert refused is None
            if not understood.values:
                assert extra(understood) == {field: value}


NUMBERS = st.integers() | st.floats() | st.just(10**400) | st.sampled_from([*INVALID.values(), 0])
ANYTHING = (
    NUMBERS | st.text() | st.none() | st.booleans() | st.lists(NUMBERS | st.text(), max_size=16)
)


@given(st.data())
def test_whatever_a_device_says_only_believable_values_come_of_it(data: st.DataObject) -> None:
    """No field of any message makes a value outside of its range, or of another kind."""
    name = data.draw(st.sampled_from(sorted(READINGS)))
    fields = data.draw(st.dictionaries(st.sampled_from(sorted(DEFINED[name])), ANYTHING))
    kinds = {"number": (int, float), "integer": int, "flag": bool, "text": str, "numbers": list}
    understood, _ = said(name, fields)

    for path, value in understood.values.items():
        assert BY_PATH[path].holds(value)
        assert isinstance(value, kinds[BY_PATH[path].kind])
        assert type(value) is not bool or BY_PATH[path].kind == "flag"


def test_a_peripheral_sets_no_signals() -> None:
    """A gimbal's heartbeat and attitude are not the vehicle's; they are history all the same."""
    data = {"type": 2, "autopilot": 3, "base_mode": 128, "custom_mode": 0}
    understood, refused = said("HEARTBEAT", data, role="peripheral")

    assert understood.values == {}
    assert extra(understood) == data
    assert refused is None


def test_an_unknown_message_is_history() -> None:
    """With all of its fields."""
    understood, refused = said("WIFI_CONFIG_AP", {"ssid": "x"})
    assert (understood.values, extra(understood), refused) == ({}, {"ssid": "x"}, None)


def test_the_history_keeps_no_field_twice() -> None:
    """What a signal took is not repeated; what none took is kept as it came."""
    understood, _ = said(
        "GLOBAL_POSITION_INT", {"latitude": 1, "lon": 2, "time_boot_ms": 5, "x": [1]}
    )
    assert extra(understood) == {"time_boot_ms": 5, "x": [1]}
    text, _ = said("STATUSTEXT", {"text": "a", "severity": 1, "id": 0})
    assert extra(text) == {"id": 0}


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("0001-01-01T00:00:00+14:00", False),
        ("1969-12-31T23:59:59Z", False),
        ("1970-01-01T00:00:00Z", True),
        ("9999-12-31T23:59:59.999999Z", True),
        ("9999-12-31T23:59:59-14:00", False),
    ],
)
def test_a_device_clock_that_no_calendar_has_is_none(text: str, known: bool) -> None:  # noqa: FBT001
    """A state is told with it, and that must be possible."""
    understood, _ = said("VFR_HUD", {}, timestamp_device=msgspec.convert(text, datetime))

    assert (understood.device_us is not None) is known
    if understood.device_us is not None:
        assert moment(understood.device_us) == datetime.fromisoformat(text)


def test_a_report_says_where_it_came_from_and_when() -> None:
    """The device's own time is kept beside the stream's."""
    more = {
        "message_id": 74,
        "system_id": 11,
        "component_id": 1,
        "sequence": 200,
        "timestamp_device": moment(NOON - SECOND),
        "source": "udp:14550",
        "entity_name": "Tern",
        "recorded": True,
    }
    understood, _ = said("VFR_HUD", {"heading": 5}, **more)

    assert understood == Report(
        "v1",
        "north",
        "VFR_HUD",
        7,
        NOON,
        NOON,
        {"vfr.heading": 5},
        {"heading": 5},
        NOON - SECOND,
        clamped=False,
        link_sequence=200,
        system_id=11,
        component_id=1,
        role="autopilot",
        source="udp:14550",
        entity_name="Tern",
        recorded=True,
    )
