"""The relay commands a vehicle that others wrote: MAVSDK's, by its server plugins, over UDP."""

from collections.abc import Iterator

import pytest
from deployed import until
from mavsdk_vehicle import NUMBERS, REALS, MavsdkVehicle
from relaying import Relaying, relaying

TAKEOFF, SET_MODE = 22, 176
CUSTOM, AUTO, RETURN = 1, 4, 5  # As PX4 numbers modes, which are those of MAVSDK.


@pytest.fixture(scope="module")
def relay(tmp_path_factory) -> Iterator[Relaying]:
    with relaying(tmp_path_factory.mktemp("relay")) as running:
        yield running


@pytest.fixture(scope="module")
def flying(relay) -> Iterator[tuple[MavsdkVehicle, str]]:
    with MavsdkVehicle(relay.port) as vehicle:
        entity = relay.entity(1)
        until(lambda: vehicle.sees(255))
        yield vehicle, entity


@pytest.fixture
def vehicle(flying) -> MavsdkVehicle:
    flying[0].may(everything=True)
    flying[0].asked.clear()
    return flying[0]


@pytest.fixture
def tell(relay, flying):
    """Tell the vehicle something; how it ended."""
    entity = flying[1]
    return lambda kind, **params: relay.ended(entity, relay.deliver(entity, kind, params))


def raw(command: int, **params: float) -> dict[str, object]:
    return {"message": "COMMAND_LONG", "command": command, **params}


def items(count: int) -> list[dict[str, object]]:
    return [
        {
            "command": 16, "frame": 6, "param1": 1.0, "param2": 2.0, "param3": 0.0, "param4": 90.0,
            "latitude": 47.398 + number / 1000, "longitude": -8.545, "altitude": 20.25 + number,
        }
        for number in range(count)
    ]  # fmt: skip


def test_mavsdk_is_armed_and_disarmed(vehicle, tell):
    """By COMMAND_LONG, and it acknowledges both."""
    assert tell("arm")["state"] == "accepted"
    assert tell("disarm")["state"] == "accepted"
    assert vehicle.told("arm") == [True, False]


def test_mavsdk_takes_off_and_changes_its_mode(vehicle, tell):
    """By COMMAND_LONG, of which MAVSDK hears both."""
    assert tell("raw", **raw(TAKEOFF, param7=10))["state"] == "accepted"
    mode = raw(SET_MODE, param1=CUSTOM, param2=AUTO, param3=RETURN)
    assert tell("raw", **mode)["state"] == "accepted"
    assert vehicle.told("takeoff") == [None]
    assert vehicle.told("mode") == ["RETURN_TO_LAUNCH"]


def test_what_mavsdk_refuses_is_refused(vehicle, tell):
    """To arm, to take off and to return, by the result that it gives."""
    vehicle.may(everything=False)
    mode = raw(SET_MODE, param1=CUSTOM, param2=AUTO, param3=RETURN)
    answers = [tell("arm"), tell("raw", **raw(TAKEOFF, param7=10)), tell("raw", **mode)]

    assert {each["state"] for each in answers} == {"rejected"}
    assert [each["result"]["result"] for each in answers] == [
        "TEMPORARILY_REJECTED", "UNSUPPORTED", "TEMPORARILY_REJECTED",
    ]  # fmt: skip


def test_what_mavsdk_has_no_ears_for_is_not_taken_for_done(tell):
    """It answers to no COMMAND_LONG that none of its plugins takes."""
    answer = tell("return")
    assert (answer["state"], answer["reason"]) == ("failed", "no answer")
    assert answer["result"]["sent"] == 4


def test_mavsdks_parameters_are_listed(tell):
    """Whole numbers by their bytes, of which its heartbeat tells nothing; and none of PARAM_EXT."""
    assert tell("list_parameters")["result"]["parameters"] == {**NUMBERS, **REALS}


@pytest.mark.parametrize(("name", "value"), [*NUMBERS.items(), *REALS.items()])
def test_mavsdks_parameters_are_read(tell, name, value):
    """One by one, by name."""
    answer = tell("get_parameter", name=name)
    assert (answer["state"], answer["result"]["value"]) == ("completed", value)


@pytest.mark.parametrize(
    ("name", "value"), [("TRIM_YAW", -100_000), ("CAL_ACC0_ID", 1), ("NAV_RCL_ACT", 2**30 + 1)]
)
def test_mavsdks_whole_numbers_are_set(vehicle, tell, name, value):
    """MAVSDK itself has the number that was wanted, and puts it back."""
    assert tell("set_parameter", name=name, value=value)["state"] == "completed"
    until(lambda: vehicle.told(name) == [value])
    assert vehicle.parameters.retrieve_param_int(name) == value

    vehicle.parameters.provide_param_int(name, NUMBERS[name])
    assert vehicle.parameters.retrieve_param_int(name) == NUMBERS[name]


def test_mavsdks_other_numbers_are_set(vehicle, tell):
    """As they are."""
    assert tell("set_parameter", name="MIS_TAKEOFF_ALT", value=7.25)["state"] == "completed"
    assert vehicle.parameters.retrieve_param_float("MIS_TAKEOFF_ALT") == 7.25
    vehicle.parameters.provide_param_float("MIS_TAKEOFF_ALT", REALS["MIS_TAKEOFF_ALT"])


def test_nothing_is_guessed_of_how_whole_numbers_go(vehicle, tell):
    """MAVSDK does not say, and a nought is the same by cast and by bytes: it stays one."""
    answer = tell("set_parameter", name="COM_OBS_AVOID", value=5)
    assert vehicle.parameters.retrieve_param_int("COM_OBS_AVOID") == 0
    assert answer["state"] == "failed"
    assert answer["reason"] == "this autopilot has not said how it takes whole numbers"


def test_a_parameter_that_mavsdk_has_not_is_said_to_be_none(tell):
    """By its PARAM_ERROR."""
    answer = tell("get_parameter", name="NO_SUCH")
    assert (answer["state"], answer["reason"]) == ("rejected", "the vehicle has no such parameter")


def test_mavsdk_is_given_a_mission_that_is_read_back_and_forgotten(vehicle, tell):
    """Item for item, as MAVSDK has them and as they are downloaded."""
    given = items(7)
    answer = tell("upload_mission", mission_type="mission", items=given, mission_id="m", version=3)
    assert (answer["state"], answer["result"]["verified"]) == ("completed", True)
    until(lambda: vehicle.told("mission"))
    (taken,) = vehicle.told("mission")
    assert [(each.seq, each.command, each.frame, each.x, each.y, each.z) for each in taken] == [
        (number, 16, 6, 473_980_000 + 10_000 * number, -85_450_000, 20.25 + number)
        for number in range(7)
    ]
    assert {(each.param1, each.param2, each.param4) for each in taken} == {(1.0, 2.0, 90.0)}

    read = tell("download_mission", mission_type="mission")["result"]
    assert read["checksum"] == answer["result"]["checksum"]
    assert read["crc32"] == answer["result"]["crc32"]

    assert tell("clear_mission", mission_type="mission")["state"] == "completed"
    assert vehicle.told("clear") == [None]
    assert tell("download_mission", mission_type="mission")["result"]["items"] == []
