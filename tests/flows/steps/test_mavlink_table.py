"""The table of messages, row by row against the definitions that MAVLink itself gives."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mavlink_said import DEFINED, said

from flows.ontology.signals import find
from flows.steps.mavlink import MESSAGE_NAMES, MESSAGES
from flows.steps.translate import extra

# What a unit of MAVLink is divided by to be the unit of a signal.
UNITS = {
    ("degE7", "deg"): 1e7,
    ("degE5", "deg"): 1e5,
    ("cdeg", "deg"): 100,
    ("deg", "deg"): 1,
    ("deg/2", "deg"): 1 / 2,
    ("cdeg", "rad"): 100 * 180 / math.pi,
    ("deg", "rad"): 180 / math.pi,
    ("rad", "rad"): 1,
    ("mm", "m"): 1000,
    ("cm", "m"): 100,
    ("dm", "m"): 10,
    ("m", "m"): 1,
    ("dam", "m"): 1 / 10,
    ("mm", "mm"): 1,
    ("mm/s", "m/s"): 1000,
    ("cm/s", "m/s"): 100,
    ("m/s", "m/s"): 1,
    ("m/s*5", "m/s"): 5,
    ("m/s/s", "m/s2"): 1,
    ("mG", "m/s2"): 1000 / 9.80665,
    ("rad/s", "rad/s"): 1,
    ("mrad/s", "rad/s"): 1000,
    ("gauss", "G"): 1,
    ("mgauss", "G"): 1000,
    ("c%", "%"): 100,
    ("d%", "%"): 10,
    ("%", "%"): 1,
    ("mV", "V"): 1000,
    ("cA", "A"): 100,
    ("mAh", "mA.h"): 1,
    ("hJ", "J"): 1 / 100,
    ("hPa", "hPa"): 1,
    ("cdegC", "Cel"): 100,
    ("degC", "Cel"): 1,
    ("s", "s"): 1,
    ("ms", "s"): 1000,
    ("us", "s"): 1_000_000,
    ("cm^2", "cm2"): 1,
    ("MiB", "MiBy"): 1,
    ("pix", "1"): 1,
}
INVALID = {
    "UINT16_MAX": 65_535, "UINT8_MAX": 255, "INT16_MAX": 32_767, "INT32_MAX": 2**31 - 1,
    "-1": -1, "0": 0,
}  # fmt: skip
NOT_A_NUMBER = {"NaN", "NAN"}  # What JSON cannot say: the relay makes null of it.
# What the definitions say in words only: 255 stands for unknown in 0 to 254, m/s2, percent, metres.
IN_WORDS = {
    ("RC_CHANNELS", "rssi"): (2.54, "%"),
    **{("VIBRATION", f"vibration_{axis}"): (1, "m/s2") for axis in "xyz"},
    ("CAMERA_SETTINGS", "zoomLevel"): (1, "%"),
    ("CAMERA_SETTINGS", "focusLevel"): (1, "%"),
    ("HIGHRES_IMU", "pressure_alt"): (1, "m"),
    ("GPS2_RAW", "eph"): (100, "1"),
    ("GPS2_RAW", "epv"): (100, "1"),
}
# Fields that older senders do not have, and of which zero is a value all the same.
ZERO_IS_SAID = {("CAMERA_SETTINGS", "zoomLevel"), ("CAMERA_SETTINGS", "focusLevel")}

ROWS = [
    pytest.param(name, message, row, id=f"{name}-{row.field}")
    for name, message in MESSAGES.items()
    for row in message.readings
]


@pytest.mark.parametrize(("name", "message", "row"), ROWS)
def test_every_row_agrees_with_mavlinks_definition(name, message, row) -> None:
    """The field is there, its unit becomes the signal's, and its word for unknown is heeded."""
    field, signal = DEFINED[name][row.field], find(row.path)
    unit, multiplier = field.get("units"), float(field.get("multiplier", 1))

    assert signal is not None
    if (name, row.field) in IN_WORDS:
        assert (row.divisor, signal.unit) == IN_WORDS[name, row.field]
    elif unit:
        assert row.divisor == pytest.approx(UNITS[unit, signal.unit], rel=1e-15)
    else:
        assert row.divisor == round(1 / multiplier)
        assert signal.unit == "1"
    if field.get("invalid", "NaN") not in NOT_A_NUMBER:
        assert INVALID[field["invalid"]] in row.unknown
    if "extension" in field:
        assert (0 in row.unknown) is ((name, row.field) not in ZERO_IS_SAID)


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_sets_signals_that_there_are_of_fields_that_it_has(name: str) -> None:
    """No field sets two signals by arithmetic, and no two of them the same one."""
    message = MESSAGES[name]
    fields = [row.field for row in (*message.readings, *message.words)]

    assert len(set(fields)) == len(fields)
    assert len(set(message.paths)) == len(message.paths)
    assert all(find(path.replace("{n}", "3")) for path in message.paths)
    assert message.fields <= DEFINED[name].keys()
    assert set(message.place or ()) <= DEFINED[name].keys()
    assert MESSAGE_NAMES[name.replace("_", "").lower()] == name
    if message.valid:
        conditional = {field for _, fields in message.valid.fields for field in fields}
        assert {message.valid.flags, *conditional} <= DEFINED[name].keys()
    if message.instance and message.instance.field:
        assert message.instance.field in DEFINED[name]


def test_peripherals_set_only_what_is_their_own() -> None:
    """No gimbal, camera or radio says where the vehicle is, or how it stands."""
    theirs = {path for message in MESSAGES.values() if message.peripheral for path in message.paths}
    own = ("gimbals.", "cameras.", "distance.", "power.batteries.", "radio.link.")
    others = {path for name in ("ADSB_VEHICLE", "AIS_VESSEL") for path in MESSAGES[name].paths}

    assert theirs
    assert {path for path in theirs - others if not path.startswith(own)} == set()


@pytest.mark.parametrize("name", MESSAGES)
def test_a_component_that_does_not_fly_sets_what_the_table_allows(name: str) -> None:
    """All else that it says is history, whole."""
    data = dict.fromkeys(DEFINED[name], 1)
    understood, _ = said(name, data, role="peripheral", component_id=154)

    if MESSAGES[name].peripheral:
        assert understood.values
    else:
        assert (understood.values, extra(understood)) == ({}, data)


STRANGE = [None, True, False, "one", "NaN", "", [], ["1"], {}, {"a": 1}, [None, "x", 10**400]]
# A text is believed whatever it says.
TEXTS = {
    ("STATUSTEXT", "text"): "vehicle_status.message",
    ("CAMERA_INFORMATION", "cam_definition_uri"): "cameras.0.definition",
    ("CAMERA_IMAGE_CAPTURED", "file_url"): "cameras.0.image.url",
}


@pytest.mark.parametrize("value", STRANGE, ids=repr)
@pytest.mark.parametrize("role", ["autopilot", "peripheral"])
def test_a_field_of_a_wrong_type_sets_nothing_and_stays_in_the_history(value, role) -> None:
    """In every message that is known, field by field."""
    for name in MESSAGES:
        for field in DEFINED[name]:
            understood, refused = said(name, {field: value}, role=role)
            assert set(understood.values) <= {TEXTS.get((name, field))}
            assert refused is None
            if not understood.values:
                assert extra(understood) == {field: value}


NUMBERS = st.integers() | st.floats() | st.just(10**400) | st.sampled_from([*INVALID.values(), 1])
SMALL = st.integers(-1, 300)
ANYTHING = (
    NUMBERS
    | SMALL
    | st.text()
    | st.none()
    | st.booleans()
    | st.lists(NUMBERS | st.text(), max_size=16)
    | st.lists(SMALL, max_size=20)
    | st.lists(st.floats(-1, 1), min_size=4, max_size=4)
)
KINDS = {
    "number": (int, float),
    "integer": int,
    "code": int,
    "flag": bool,
    "text": str,
    "numbers": list,
}


@given(st.data())
def test_whatever_a_device_says_only_believable_values_come_of_it(data: st.DataObject) -> None:
    """No field of any message makes a value outside of its range, or of another kind."""
    name = data.draw(st.sampled_from(sorted(MESSAGES)))
    fields = data.draw(st.dictionaries(st.sampled_from(sorted(DEFINED[name])), ANYTHING))
    role = data.draw(st.sampled_from(["autopilot", "peripheral"]))
    component = data.draw(st.integers(-(2**31), 2**31 - 1) | SMALL)
    understood, _ = said(name, fields, role=role, component_id=component)

    allowed = {part for path in MESSAGES[name].paths for part in _forms(name, path)}
    for path, value in understood.values.items():
        signal = find(path)
        assert signal is not None
        assert signal.holds(value)
        assert isinstance(value, KINDS[signal.kind])
        assert type(value) is not bool or signal.kind == "flag"
        assert signal.path in allowed


def _forms(name: str, path: str) -> tuple[str, ...]:
    """A path as it may be set: of the first of many, it may be without a number."""
    instance = MESSAGES[name].instance
    if instance is None or not instance.first:
        return (path,)
    return path, path.replace(instance.branch, instance.first)
