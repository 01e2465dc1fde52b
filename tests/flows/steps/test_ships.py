"""AIS messages become signals, by truth that is packed bit by bit in the standard's units."""

import math
from typing import Any

import pytest
from aloft import signals
from hypothesis import given
from hypothesis import strategies as st
from on_air import EVER_DIADEM, MOORED, ais, bits_of, class_a, taken

from connectors.receivers.ais import AisReader
from connectors.receivers.heard import Said, Spoken
from flows.ontology.entities import ENTITY_TYPES
from flows.ontology.identity import transponder_entity
from flows.ontology.signals import BY_PATH
from flows.ontology.telemetry import Envelope, microseconds
from flows.ontology.traffic import Craft, Listener
from flows.ontology.wire import Rejected
from flows.steps.ships import ship
from flows.steps.stations import entity_type

NOON = 1_790_000_000_000_000  # 2026-09-21T13:33:20Z
NORTH = Listener("north")


def spoken(number: int, fields: dict[str, Any], told_us: int | None = None) -> Spoken:
    return Spoken("AIS", number, "udp:127.0.0.1:10110", "udp:1", NOON, told_us, fields)


def said(*lines: bytes, craft: Craft | None = None) -> Envelope:
    """The envelope of one message that is in order."""
    (told,) = AisReader().feed(b"\n".join(lines), 0, whole=True)
    assert isinstance(told, Said)
    (envelope,) = ship(craft or Craft(), spoken(told.number, told.fields, told.told_us), NORTH)
    assert isinstance(envelope, Envelope)
    return envelope


def test_a_position_becomes_signals_in_si_units() -> None:
    """Of a ship that is moored at Seattle, whose bits are read here by themselves."""
    payload = MOORED.split(b",")[5].decode()
    _, _, mmsi, _, _, sog, _, lon, lat, cog, heading, second = taken(
        bits_of(payload), 6, 2, 30, 4, -8, 10, 1, -28, -27, 12, 9, 6
    )
    envelope = said(MOORED)

    assert (envelope.message_type, envelope.message_id, envelope.org_id) == ("AIS", 1, "north")
    assert envelope.entity_id == transponder_entity("north", "mmsi", mmsi)
    assert signals(envelope) == {
        "position.global.latitude": pytest.approx(lat / 600_000, abs=1e-6),
        "position.global.longitude": pytest.approx(lon / 600_000, abs=1e-6),
        "position.global.heading": heading,
        "position.global.vx": sog,
        "position.global.vy": sog,
        "position.gps.groundspeed": sog,
        "position.gps.course": cog / 10,
        "ais.mmsi": "477553000",
        "ais.navigation_status": "moored",
        "ais.rate_of_turn": 0.0,
        "ais.position_accurate": False,
    }
    assert envelope.timestamp_device is not None
    assert microseconds(envelope.timestamp_device) == NOON - 20_000_000 + second * 1_000_000


def test_speed_and_course_become_velocity() -> None:
    """Twelve knots to the east-south-east."""
    found = signals(said(class_a(speed=120, course=1200, lat=600_000, lon=600_000)))
    speed = 12 * 1852 / 3600
    assert found["position.gps.groundspeed"] == pytest.approx(speed)
    assert found["position.global.vx"] == pytest.approx(speed * math.cos(math.radians(120)))
    assert found["position.global.vy"] == pytest.approx(speed * math.sin(math.radians(120)))


def test_unknown_is_not_a_value() -> None:
    """A ship that knows nothing but its number says that it is there."""
    envelope = said(class_a())
    assert signals(envelope) == {"ais.mmsi": "227006760"}
    assert envelope.timestamp_device is None
    assert (envelope.entity_name, envelope.entity_type) == ("MMSI 227006760", "surface_vessel_usv")


def test_zero_is_a_value() -> None:
    """A ship that lies still off Africa, heading north."""
    zero = dict.fromkeys(("status", "turn", "speed", "lon", "lat", "course", "heading"), 0)
    found = signals(said(class_a(**zero)))
    assert found["ais.navigation_status"] == "under way using engine"
    assert {path: value for path, value in found.items() if value == 0} == dict.fromkeys(
        (
            "position.global.latitude", "position.global.longitude", "position.global.heading",
            "position.global.vx", "position.global.vy", "position.gps.groundspeed",
            "position.gps.course", "ais.rate_of_turn", "ais.position_accurate",
        ),
        0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "turn"),
    [
        (-128, None), (-127, None), (127, None), (0, 0), (20, 18), (-20, -18), (126, 709),
        (-126, -709),
    ],
)  # fmt: skip
def test_the_rate_of_turn_is_unpacked_to_degrees_a_minute(raw, turn) -> None:
    """ROTais is 4.733 times its root; of the greatest only the side is known."""
    assert signals(said(class_a(turn=raw))).get("ais.rate_of_turn") == turn


@pytest.mark.parametrize(
    ("field", "raw", "path"),
    [
        ("lat", 91 * 600_000, "position.global.latitude"),
        ("lon", 181 * 600_000, "position.global.longitude"),
    ],
)
def test_half_a_place_is_none(field, raw, path) -> None:
    """The other half would be put beside an old one."""
    found = signals(said(class_a(**({"lat": 600_000, "lon": 600_000} | {field: raw}))))
    assert not any(each.startswith("position.global.") for each in found)
    assert path not in found


def test_what_cannot_be_is_refused_by_name_and_the_rest_stands() -> None:
    """A latitude of 95 degrees takes its longitude with it; a heading of 400 only itself."""
    (told,) = AisReader().feed(
        class_a(lat=95 * 600_000, lon=600_000, heading=400, speed=50), 0, whole=True
    )
    assert isinstance(told, Said)
    envelope, refusal = ship(Craft(), spoken(told.number, told.fields), NORTH)

    assert isinstance(envelope, Envelope)
    assert set(signals(envelope)) == {"ais.mmsi", "position.gps.groundspeed"}
    assert isinstance(refusal, Rejected)
    assert refusal.reason == (
        "AIS of MMSI 227006760: position.global.latitude is 95.0, position.global.heading is 400.0"
    )


def test_who_a_ship_is_and_where_it_goes() -> None:
    """In two parts, as the literature has it; from then on it has its name."""
    craft = Craft()
    envelope = said(*EVER_DIADEM, craft=craft)

    assert (envelope.entity_name, envelope.message_id) == ("EVER DIADEM", 5)
    assert signals(envelope) == {
        "ais.mmsi": "351759000",
        "ais.vessel.imo": 9134270,
        "ais.vessel.callsign": "3FOF8",
        "ais.vessel.ship_type": 70,
        "ais.vessel.length": 225 + 70,
        "ais.vessel.beam": 1 + 31,
        "ais.voyage.draught": 12.2,
        "ais.voyage.destination": "NEW YORK",
        "ais.voyage.eta": "05-15 14:00",
    }
    assert said(class_a(351759000), craft=craft).entity_name == "EVER DIADEM"


def _static(**more: Any) -> bytes:
    given = {
        "imo": 0, "callsign": "", "name": "", "kind": 0, "bow": 0, "stern": 0, "port": 0,
        "starboard": 0, "month": 0, "day": 0, "hour": 24, "minute": 60, "draught": 0,
        "destination": "",
    } | more  # fmt: skip
    widths = (30, 42, 120, 8, 9, 9, 6, 6, 4, 4, 5, 5, 6, 8, 120)
    values = [*list(given.values())[:8], 0, *list(given.values())[8:]]
    return ais((6, 5), (2, 0), (30, 227006760), (2, 0), *zip(widths, values, strict=True), (2, 0))


def test_of_a_ship_that_says_nothing_of_itself_nothing_is_known() -> None:
    """Nor does it lose its name."""
    envelope = said(_static(), craft=Craft("TERN"))
    assert signals(envelope) == {"ais.mmsi": "227006760"}
    assert envelope.entity_name == "TERN"


@pytest.mark.parametrize(
    ("when", "eta"),
    [
        ({"month": 12, "day": 31, "hour": 0, "minute": 0}, "12-31 00:00"),
        ({"month": 12, "day": 31}, "12-31"),
        ({"month": 12, "day": 31, "hour": 23, "minute": 60}, "12-31"),
        ({"month": 0, "day": 31, "hour": 23, "minute": 59}, None),
        ({"month": 13, "day": 1}, None),
        ({"month": 1, "day": 0}, None),
    ],
)
def test_the_time_of_arrival_has_no_year(when, eta) -> None:
    """And seldom all of the rest."""
    assert signals(said(_static(**when))).get("ais.voyage.eta") == eta


def test_a_name_is_text_and_cannot_steer_a_display() -> None:
    """The six bits have signs that mean something elsewhere."""
    assert said(_static(name="<B>\"X&'")).entity_name == "<B>\"X&'"
    evil = spoken(227006760, {"msg_type": 5, "shipname": "A\x1b[31m\u202eB" + "C" * 500})
    (envelope,) = ship(Craft(), evil, NORTH)
    assert isinstance(envelope, Envelope)
    assert envelope.entity_name.startswith("A[31mBCCC")
    assert len(envelope.entity_name) <= 160


def test_class_b_says_its_place_and_who_it_is_in_two_messages() -> None:
    """A yacht."""
    craft = Craft()
    place = ais(
        (6, 18), (2, 0), (30, 338087471), (8, 0), (10, 61), (1, 1), (28, -44_441_000),
        (27, 24_407_000), (12, 500), (9, 511), (6, 7), (29, 0),
    )  # fmt: skip
    name = ais((6, 24), (2, 0), (30, 338087471), (2, 0), (120, "PLAYPEN"), (8, 0))
    more = ais(
        (6, 24), (2, 0), (30, 338087471), (2, 1), (8, 37), (18, "SRT"), (24, 0),
        (42, "WDE1234"), (9, 5), (9, 7), (6, 2), (6, 2), (6, 0),
    )  # fmt: skip

    found = signals(said(place, craft=craft))
    assert found["position.global.latitude"] == pytest.approx(24_407_000 / 600_000, abs=1e-6)
    assert found["position.gps.groundspeed"] == pytest.approx(6.1 * 1852 / 3600)
    assert found["ais.position_accurate"] is True
    assert said(name, craft=craft).entity_name == "PLAYPEN"
    envelope = said(more, craft=craft)
    assert envelope.entity_name == "PLAYPEN"
    assert signals(envelope) == {
        "ais.mmsi": "338087471",
        "ais.vessel.ship_type": 37,
        "ais.vessel.callsign": "WDE1234",
        "ais.vessel.length": 12,
        "ais.vessel.beam": 4,
    }


def test_an_aircraft_that_searches_has_a_height() -> None:
    """In metres, and whole knots."""
    line = ais(
        (6, 9), (2, 0), (30, 111232511), (12, 303), (10, 42), (1, 0), (28, -600_000),
        (27, 600_000), (12, 1545), (6, 15), (8, 0), (1, 0), (3, 0), (1, 0), (1, 0), (20, 0),
    )  # fmt: skip
    envelope = said(line)
    assert envelope.entity_type == "aircraft_helicopter"
    assert signals(envelope)["position.global.altitude_msl"] == 303
    assert signals(envelope)["position.gps.groundspeed"] == pytest.approx(42 * 1852 / 3600)


def test_a_base_station_tells_the_time() -> None:
    """By its own clock, with the date."""
    line = ais(
        (6, 4), (2, 0), (30, 3669702), (14, 2026), (4, 9), (5, 21), (5, 13), (6, 33), (6, 19),
        (1, 1), (28, -45_000_000), (27, 22_000_000), (4, 7), (10, 0), (1, 0), (19, 0),
    )  # fmt: skip
    envelope = said(line)
    assert (envelope.entity_type, envelope.entity_name) == ("sensor_platform", "MMSI 003669702")
    assert envelope.timestamp_device is not None
    assert envelope.timestamp_device.isoformat() == "2026-09-21T13:33:19+00:00"


def test_a_mark_at_sea_has_a_name_that_may_go_on() -> None:
    """And says whether it has broken loose."""
    line = ais(
        (6, 21), (2, 0), (30, 993692016), (5, 14), (120, "CHESAPEAKE LIGHT ABC"), (1, 1),
        (28, -45_000_000), (27, 22_000_000), (9, 0), (9, 0), (6, 0), (6, 0), (4, 1), (6, 30),
        (1, 1), (8, 0), (1, 0), (1, 0), (1, 0), (1, 0), (24, "DEFG"),
    )  # fmt: skip
    envelope = said(line)
    found = signals(envelope)
    assert (envelope.entity_type, envelope.entity_name) == (
        "waypoint",
        "CHESAPEAKE LIGHT ABCDEFG",
    )
    assert (found["ais.off_position"], found["ais.vessel.aid_type"]) == (True, 14)


def test_far_off_a_ship_says_less() -> None:
    """In tenths of minutes, to satellites."""
    line = ais(
        (6, 27), (2, 0), (30, 206914217), (1, 0), (1, 0), (4, 2), (18, 82_214), (17, 2_904),
        (6, 57), (9, 167), (1, 0), (1, 0),
    )  # fmt: skip
    found = signals(said(line))
    assert found["position.global.longitude"] == pytest.approx(82_214 / 600, abs=1e-6)
    assert found["position.global.latitude"] == pytest.approx(2_904 / 600, abs=1e-6)
    assert found["position.gps.groundspeed"] == pytest.approx(57 * 1852 / 3600)
    assert found["position.gps.course"] == 167
    unknown = ais(
        (6, 27), (2, 0), (30, 206914217), (2, 0), (4, 15), (18, 181 * 600), (17, 91 * 600),
        (6, 63), (9, 511), (2, 0),
    )  # fmt: skip
    assert signals(said(unknown)) == {"ais.mmsi": "206914217"}


def test_a_safety_text_is_kept() -> None:
    """From a beacon that is being tested."""
    envelope = said(ais((6, 14), (2, 0), (30, 970010119), (2, 0), (72, "SART TEST")))
    assert signals(envelope)["ais.safety_text"] == "SART TEST"
    assert envelope.entity_type == "sensor_platform"


@pytest.mark.parametrize(
    ("kind", "mmsi", "expected"),
    [
        (1, 227006760, "surface_vessel_usv"),
        (18, 982351234, "surface_vessel_usv"),
        (3, 2320001, "sensor_platform"),
        (9, 111232101, "aircraft_fixed_wing"),
        (9, 111232501, "aircraft_helicopter"),
        (1, 111232501, "aircraft_helicopter"),
        (21, 992351234, "waypoint"),
        (1, 972123456, "sensor_platform"),
        (1, 974123456, "sensor_platform"),
    ],
)
def test_what_a_station_is_follows_from_its_number(kind, mmsi, expected) -> None:
    """By ITU-R M.585."""
    assert entity_type(kind, mmsi) == expected
    assert expected in ENTITY_TYPES


@pytest.mark.parametrize(
    ("second", "told_us", "said_us"),
    [
        (19, None, NOON - 1_000_000),
        (50, None, NOON - 30_000_000),
        (49, None, NOON + 29_000_000),
        (60, None, None),
        (63, None, None),
        (19, NOON - 60_000_000, NOON - 61_000_000),
    ],
)
def test_the_second_of_the_ships_clock_is_the_nearest_one(second, told_us, said_us) -> None:
    """To when a station heard it, where that is told."""
    (envelope,) = ship(
        Craft(), spoken(227006760, {"msg_type": 1, "second": second}, told_us), NORTH
    )
    assert isinstance(envelope, Envelope)
    device = envelope.timestamp_device
    assert (device and microseconds(device)) == said_us


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=200), st.just(10**400)
)
FIELDS = (
    "msg_type", "status", "turn", "speed", "accuracy", "lon", "lat", "course", "heading", "second",
    "imo", "callsign", "shipname", "ship_type", "to_bow", "to_stern", "to_port", "to_starboard",
    "month", "day", "hour", "minute", "year", "draught", "destination", "alt", "name", "name_ext",
    "aid_type", "off_position", "text",
)  # fmt: skip


@given(
    st.integers(1, 999_999_999),
    st.dictionaries(st.sampled_from(FIELDS), ANYTHING),
    st.sampled_from([1, 4, 5, 9, 11, 18, 19, 21, 24, 27, 99]),
    st.integers(0, 4_000_000_000_000_000),
)
def test_no_fields_raise_and_every_signal_is_one_of_the_catalogue(
    number, fields, kind, told_us
) -> None:
    """In its range and of its kind."""
    (envelope, *refused) = ship(
        Craft(), spoken(number, {"msg_type": kind, **fields}, told_us), NORTH
    )
    assert isinstance(envelope, Envelope)
    for path, value in signals(envelope).items():
        assert BY_PATH[path].holds(value), path
        assert isinstance(value, str) == (BY_PATH[path].kind == "text")
    assert all(isinstance(each, Rejected) for each in refused)
    assert envelope.entity_type in ENTITY_TYPES
