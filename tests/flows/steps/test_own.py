"""A device's own JSON: signals of the catalogue where it means them, its own where it does not."""

import pytest

from flows.steps.own import signals


@pytest.mark.parametrize(
    ("tree", "values"),
    [
        ({"soil": {"moisture": 3}}, {"soil.moisture": 3}),
        ({"moisture": 3}, {"own.moisture": 3}),
        ({"vfr": {"heading": 5, "trim": 1}}, {"vfr.heading": 5, "vfr.trim": 1}),
        ({"power": {"batteries": {"1": {"voltage": "12.5"}}}}, {"power.batteries.1.voltage": 12.5}),
        ({"vehicle_status": {"armed": "true", "mode": "X"}}, None),
        ({"mission": {"current_waypoint": 3.0}}, {"mission.current_waypoint": 3}),
        ({"lat": 1, "latitude": 1}, {"position.global.latitude": 1}),
        (
            {"lat": 1, "latitude": 2},
            {"position.global.latitude": 1, "own.latitude": 2},
        ),
        (
            {"gps": {"lat": 1}, "position": {"global": {"latitude": 2}}},
            {"position.global.latitude": 2, "gps.lat": 1},
        ),
        ({"latitude": 0, "longitude": 0.0}, {}),
        ({"latitude": 0, "longitude": 1}, None),
        ({"latitude": 0}, None),
        ({"liveness": {"state": "live"}, "name": 3}, {"own.liveness.state": "live", "own.name": 3}),
        ({"own": {"a": 1}, "a": 2}, {"own.a": 1}),
    ],
)
def test_signals_by_path(tree: dict, values: dict | None) -> None:
    """What is said in the catalogue's own words counts before any other."""
    known = {
        "latitude": "position.global.latitude",
        "longitude": "position.global.longitude",
    }
    if values is None and "vehicle_status" in tree:
        values = {"vehicle_status.armed": True, "vehicle_status.mode": "X"}
    elif values is None:
        values = {known[name]: value for name, value in tree.items()}
    found, beyond = signals(tree, "")

    assert found == values
    assert beyond == ([] if tree.get("own") is None else ["own.a is said twice"])


def test_digits_are_a_text_where_the_catalogue_has_one() -> None:
    """An MMSI, a squawk, a call sign and a destination are no numbers."""
    tree = {
        "adsb": {"squawk": "7700", "callsign": "1234"},
        "ais": {"mmsi": "227006760", "voyage": {"destination": "1E3"}},
    }
    assert signals(tree, "AIS") == (
        {
            "adsb.squawk": "7700",
            "adsb.callsign": "1234",
            "ais.mmsi": "227006760",
            "ais.voyage.destination": "1E3",
        },
        [],
    )


@pytest.mark.parametrize(
    ("message", "path"),
    [
        ("", "own.x"),
        ("Weather Report", "weather_report.x"),
        ("name", "own.x"),
        ("provenance", "own.x"),
        ("***", "own.x"),
        ("a.b", "a.x"),
        ("y" * 128, "y" * 48 + ".x"),
    ],
)
def test_a_leaf_without_a_branch_goes_under_the_name_of_its_message(message, path) -> None:
    """Unless that is where a document says something else."""
    assert signals({"x": 1}, message) == ({path: 1}, [])


@pytest.mark.parametrize(
    ("tree", "reason"),
    [
        ({"position": {"global": {"latitude": 91}}}, "position.global.latitude is 91"),
        ({"position": {"global": {"latitude": "x"}}}, "position.global.latitude is x"),
        ({"position": {"global": {"latitude": True}}}, "position.global.latitude is True"),
        ({"position": {"global": 3}}, "position.global is a branch"),
        ({"position": {"global": {"latitude": {"deg": 3}}}}, "position.global.latitude.deg is bel"),
        ({"mission": {"current_waypoint": 1.5}}, "mission.current_waypoint is 1.5"),
        ({"mission": {"current_waypoint": "first"}}, "mission.current_waypoint is first"),
        ({"vehicle_status": {"armed": "maybe"}}, "vehicle_status.armed is maybe"),
        ({"vehicle_status": {"mode": 3}}, "vehicle_status.mode is 3"),
        ({"actuators": {"servos": 3}}, "actuators.servos is 3"),
        ({"actuators": {"servos": [-1, 3]}}, "actuators.servos is [-1.0, 3.0]"),
        ({"lat": 91}, "lat is 91"),
        ({"temp_f": -1000}, "temp_f is -1000"),
        ({"battery": 101}, "battery is 101"),
        ({"x": {"a": 1, "a.b": 2}}, "x.a.b is below a signal"),
        ({"x": {"a.b": 2, "a": 1}}, "x.a.b is below a signal"),
        (
            {"power": {"batteries": {"1": {"voltage": {"x": 3}}}}},
            "power.batteries.1.voltage.x is b",
        ),
    ],
)
def test_what_cannot_be_believed_is_named_and_the_rest_stands(tree: dict, reason: str) -> None:
    """With its value, where it has one."""
    found, beyond = signals({**tree, "rest": "stands"}, "")

    assert len(beyond) == 1
    assert beyond[0].startswith(reason)
    assert found.pop("own.rest") == "stands"
    assert set(found) <= {"x.a", "x.a.b"}


def test_a_message_may_be_called_as_a_branch_of_the_catalogue() -> None:
    """Its leaves are then the branch's, within their ranges."""
    assert signals({"x": 1}, "vibration") == ({"vibration.x": 1}, [])
    assert signals({"x": 1e9}, "vibration") == ({}, ["vibration.x is 1000000000.0"])
