"""Raw fields become signals, by MAVLink's own units and words for "unknown"."""

from datetime import datetime

import msgspec
import pytest
from mavlink_said import said, values
from messages import NOON, SECOND

from flows.ontology.signals import BY_PATH
from flows.ontology.telemetry import Report, moment
from flows.steps.translate import extra


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
    assert values(name, data) == expected


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
    ("BATTERY_STATUS", {"battery_remaining": 101}, "battery_remaining is 101"),
    ("BATTERY_STATUS", {"voltages": [70_000]}, "power.cells is [70.0]"),
    ("BATTERY_STATUS", {"temperature": 10**9}, "temperature is 1000000000"),
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
