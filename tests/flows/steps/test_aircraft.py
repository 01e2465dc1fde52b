"""Mode S messages become signals, by the literature's frames and what they are known to say."""

import itertools

import pytest
from aloft import LATITUDE, LONGITUDE, NORTH, SECOND, half, hear, said, signals, spoken
from hypothesis import given
from hypothesis import strategies as st
from on_air import (
    AIR_SPEED,
    GROUND_SPEED,
    KLM1023,
    all_call,
    reply,
    squitter,
)

from connectors.receivers import mode_s
from connectors.receivers.heard import Said
from flows.ontology.entities import ENTITY_TYPES
from flows.ontology.signals import BY_PATH
from flows.ontology.telemetry import Envelope
from flows.ontology.traffic import Craft
from flows.ontology.wire import Rejected
from flows.steps import aircraft as step
from flows.steps.aircraft import aircraft


def test_who_an_aircraft_is() -> None:
    """Its name is its call sign, and until then its address."""
    craft = Craft()
    assert said(all_call(0x4840D6), craft).entity_name == "ICAO 4840D6"
    envelope = said(KLM1023, craft)
    assert envelope.entity_name == "KLM1023"
    assert signals(envelope) == {"adsb.icao": "4840d6", "adsb.callsign": "KLM1023"}
    assert said(all_call(0x4840D6), craft).entity_name == "KLM1023"


def test_velocity_over_ground_is_in_si_units() -> None:
    """159 knots to 183 degrees, sinking 832 feet a minute, 550 feet above its altimeter."""
    craft = Craft()
    hear(craft, {"bds": "05", "altitude": 2000, "source": "barometric"})
    assert signals(said(GROUND_SPEED, craft, at=1)) == {
        "adsb.icao": "485020",
        "position.gps.groundspeed": pytest.approx(159.20113 * 1852 / 3600),
        "position.gps.course": pytest.approx(182.88, abs=0.01),
        "vfr.climb_rate": pytest.approx(-832 * 0.3048 / 60),
        "adsb.altitude.geometric": pytest.approx(2550 * 0.3048),
    }


def test_a_difference_of_heights_needs_a_height_of_the_same_time() -> None:
    """And means nothing without one."""
    craft = Craft()
    assert "adsb.altitude.geometric" not in signals(said(GROUND_SPEED, craft))
    hear(craft, {"bds": "05", "altitude": 2000, "source": "barometric"}, at=1)
    assert "adsb.altitude.geometric" not in signals(said(GROUND_SPEED, craft, at=7))


def test_velocity_through_the_air_is_no_speed_over_ground() -> None:
    """375 knots true, with a magnetic heading."""
    assert signals(said(AIR_SPEED)) == {
        "adsb.icao": "a05f21",
        "adsb.air.airspeed_true": pytest.approx(375 * 1852 / 3600),
        "adsb.air.heading_magnetic": pytest.approx(243.984375),
        "vfr.climb_rate": pytest.approx(-2304 * 0.3048 / 60),
    }


def test_a_height_by_satellite_is_none_by_the_atmosphere() -> None:
    """Each has a signal of its own."""
    found = signals(hear(Craft(), {"bds": "05", "altitude": 1000, "source": "GNSS"}))
    assert found["adsb.altitude.geometric"] == pytest.approx(304.8)
    assert "adsb.altitude.pressure" not in found


@pytest.mark.parametrize(
    ("squawk", "emergency"),
    [
        ("7500", "unlawful_interference"),
        ("7600", "no_communication"),
        ("7700", "general"),
        ("1200", "no emergency"),
    ],
)
def test_a_code_may_be_a_call_for_help(squawk, emergency) -> None:
    """And one that is none takes it back."""
    found = signals(hear(Craft(), {"df": 5, "squawk": squawk}))
    assert (found["adsb.squawk"], found["adsb.emergency"]) == (squawk, emergency)


def test_an_emergency_may_be_declared_in_words() -> None:
    """They say more than the code."""
    declared = {
        "bds": "61", "subtype": "emergency_priority", "emergency_state": "medical",
        "squawk": "7700",
    }  # fmt: skip
    assert signals(hear(Craft(), declared))["adsb.emergency"] == "medical"
    none = declared | {"emergency_state": "none", "squawk": "1000"}
    assert signals(hear(Craft(), none))["adsb.emergency"] == "no emergency"
    other = {"bds": "61", "subtype": "acas_ra", "squawk": "0000", "emergency_state": "general"}
    assert signals(hear(Craft(), other)) == {"adsb.icao": "406b90"}


def test_a_row_of_sbs_says_it_with_a_flag() -> None:
    """By the code that was heard before."""
    craft = Craft()
    hear(craft, {"sbs": 6, "squawk": "7600", "emergency": False})
    found = signals(hear(craft, {"sbs": 3, "emergency": True}))
    assert found["adsb.emergency"] == "no_communication"
    assert signals(hear(Craft(), {"sbs": 3, "emergency": True}))["adsb.emergency"] == "general"
    assert (
        signals(hear(Craft(), {"sbs": 3, "emergency": False}))["adsb.emergency"] == "no emergency"
    )


def test_a_row_of_sbs_has_its_place_in_degrees() -> None:
    """Somebody else has put the halves together."""
    fields = {
        "sbs": 3, "altitude": 37000.0, "latitude": 51.45735, "longitude": -1.02826,
        "on_ground": False, "ident": True,
    }  # fmt: skip
    found = signals(hear(Craft(), fields))
    assert (found[LATITUDE], found[LONGITUDE]) == (51.45735, -1.02826)
    assert found["adsb.altitude.pressure"] == pytest.approx(37000 * 0.3048)
    assert (found["adsb.on_ground"], found["adsb.ident"]) == (False, True)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (reply(0x406B90, bytes.fromhex("28001A1B")), {"adsb.squawk": "3615"}),
        (all_call(0x406B90, capability=4), {"adsb.on_ground": False} | {"adsb.on_ground": True}),
        (all_call(0x406B90, capability=5), {"adsb.on_ground": False}),
    ],
)
def test_replies_to_radars_are_understood(frame, expected) -> None:
    """Capability 4 is on the ground, 5 in the air (ICAO Annex 10)."""
    found = signals(said(frame))
    assert {path: found[path] for path in expected} == expected


@pytest.mark.parametrize(
    ("category", "entity_type"),
    [
        ("A1", "aircraft_fixed_wing"),
        ("A5", "aircraft_fixed_wing"),
        ("A7", "aircraft_helicopter"),
        ("B1", "aircraft_fixed_wing"),
        ("B2", "aircraft_airship"),
        ("B6", "aircraft_multirotor"),
        ("C2", "ground_vehicle_wheeled"),
        ("C3", "waypoint"),
    ],
)
def test_the_category_says_what_it_is(category, entity_type) -> None:
    """From then on."""
    craft = Craft()
    assert hear(craft, {}).entity_type == "aircraft_fixed_wing"
    assert hear(craft, {"bds": "08", "category": category}).entity_type == entity_type
    assert hear(craft, {}).entity_type == entity_type
    assert hear(craft, {"bds": "08", "category": "A0"}).entity_type == entity_type


@pytest.mark.parametrize("callsign", ["", "        ", "AB#12", "####", "<script>", "A" * 9, "\x00"])
def test_a_call_sign_of_other_signs_is_none(callsign) -> None:
    """Six bits have signs that nobody is called by."""
    envelope = hear(Craft(), {"bds": "08", "callsign": callsign})
    assert "adsb.callsign" not in signals(envelope)
    assert envelope.entity_name == "ICAO 406B90"


def test_what_the_crew_has_selected_and_how_sure_the_place_is() -> None:
    """Of an intent message."""
    fields = {
        "bds": "62", "selected_altitude": 17_000, "selected_heading": 101.25,
        "barometric_setting": 1013.6, "NACp": 9,
    }  # fmt: skip
    assert signals(hear(Craft(), fields)) == {
        "adsb.icao": "406b90",
        "adsb.selected.altitude": pytest.approx(17_000 * 0.3048),
        "adsb.selected.heading": 101.25,
        "adsb.selected.barometric_setting": 1013.6,
        "adsb.accuracy.horizontal": 30.0,
    }


def test_what_cannot_be_is_refused_by_name_and_the_rest_stands() -> None:
    """A row that was made up."""
    fields = {"sbs": 3, "latitude": 95.0, "longitude": 4.0, "altitude": 1e9, "track": 90.0}
    envelope, refusal = aircraft(Craft(), spoken(fields), NORTH)
    assert isinstance(envelope, Envelope)
    assert set(signals(envelope)) == {"adsb.icao", "position.gps.course"}
    assert isinstance(refusal, Rejected)
    assert refusal.reason.startswith("ADSB of ICAO 406B90: adsb.altitude.pressure is ")
    assert "position.global.latitude is 95.0" in refusal.reason


def test_a_frame_of_the_air_is_a_whole_message() -> None:
    """Every kind of content is heard, though nothing be read of it."""
    for kind in range(32):
        told = mode_s.read(squitter(0x406B90, kind << 51))
        if isinstance(told, Said):
            assert hear(Craft(), told.fields).entity_type == "aircraft_fixed_wing"


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.just(10**400)
)
FIELDS = (
    "df", "bds", "sbs", "altitude", "source", "groundspeed", "track", "vertical_rate", "TAS", "IAS",
    "heading", "geo_minus_baro", "parity", "lat_cpr", "lon_cpr", "latitude", "longitude", "squawk",
    "emergency", "emergency_state", "subtype", "ident", "on_ground", "callsign", "category", "NACp",
    "selected_altitude", "selected_heading", "barometric_setting", "capability",
)  # fmt: skip
MESSAGES = st.one_of(
    st.dictionaries(st.sampled_from(FIELDS), ANYTHING),
    st.builds(
        lambda place, odd, surface: half(place, odd=odd, surface=surface),
        st.tuples(st.floats(-89, 89), st.floats(-180, 179)),
        st.booleans(),
        st.booleans(),
    ),
    st.fixed_dictionaries(
        {
            "bds": st.sampled_from(["05", "06"]), "parity": st.sampled_from(["odd", "even"]),
            "lat_cpr": st.integers(0, 2**17 - 1), "lon_cpr": st.integers(0, 2**17 - 1),
        }
    ),
)  # fmt: skip


@given(st.lists(st.tuples(MESSAGES, st.integers(-5 * SECOND, 400 * SECOND)), max_size=12))
def test_no_messages_raise_and_every_signal_is_one_of_the_catalogue(messages) -> None:
    """In its range and of its kind, whatever was heard before; the state can be kept."""
    import msgspec

    craft = Craft()
    times = itertools.accumulate(apart for _, apart in messages)
    for (fields, _), at_us in zip(messages, times, strict=True):
        envelope, *refused = aircraft(craft, spoken(fields, at_us / SECOND), NORTH)
        assert isinstance(envelope, Envelope)
        for path, value in signals(envelope).items():
            assert BY_PATH[path].holds(value), path
            assert isinstance(value, str) == (BY_PATH[path].kind == "text")
        assert all(isinstance(each, Rejected) for each in refused)
        assert envelope.entity_type in ENTITY_TYPES
    packed = msgspec.msgpack.encode(craft)
    assert msgspec.msgpack.decode(packed, type=Craft) == craft


def test_tables_name_signals_of_the_catalogue() -> None:
    """Each row of them."""
    assert {row.path for row in (*step._MOTION, *step._PLACE)} <= set(BY_PATH)
