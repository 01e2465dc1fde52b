"""What a vehicle hears of others is theirs: aircraft and ships, each an entity of its own."""

import pytest
from mavlink_said import flown, said
from messages import NOON, SECOND
from pymavlink.dialects.v20 import all as dialect

from flows.ontology.entities import ENTITY_TYPES, EntityState
from flows.ontology.identity import transponder_entity
from flows.ontology.telemetry import Report
from flows.steps import ships
from flows.steps.reduce import Stored, reduce
from flows.steps.silence import Patience
from flows.steps.understand import gather

HEARD = {
    "ICAO_address": 0x406B90, "lat": 511_484_000, "lon": 72_279_000, "callsign": b"BAW123",
    "emitter_type": 3, "tslc": 4, "flags": 1 | 16,
}  # fmt: skip
SHIP = {"MMSI": 211_123_456, "lat": 540_000_000, "lon": 100_000_000, "name": b"TERN", "flags": 4096}


def report(name: str, fields: dict, **more) -> Report:
    who = {"system_id": 12, "component_id": 156, "sequence": 9, "source": "udp:14550", **more}
    return said(name, flown(name, **fields), **who)[0]


@pytest.mark.parametrize("role", ["autopilot", "peripheral"])
def test_an_aircraft_is_an_entity_whoever_hears_it(role: str) -> None:
    """The vehicle that hears it is not moved; a receiver of ours would call it the same."""
    understood = report("ADSB_VEHICLE", HEARD, role=role)

    assert understood.entity_id == transponder_entity("north", "icao", 0x406B90)
    assert (understood.entity_name, understood.entity_type) == ("BAW123", "aircraft_fixed_wing")
    assert (understood.heard_by, understood.role, understood.source) == ("v1", role, "udp:14550")
    assert understood.device_us is None
    assert understood.values["position.global.latitude"] == 51.1484


def test_a_ship_is_an_entity_by_its_number() -> None:
    """The same as one that a receiver of AIS makes."""
    understood = report("AIS_VESSEL", SHIP)

    assert understood.entity_id == transponder_entity("north", "mmsi", 211_123_456)
    assert (understood.entity_name, understood.entity_type) == ("TERN", "surface_vessel_usv")


def test_who_has_not_said_a_name_is_called_by_a_number() -> None:
    """A name that is not valid is none."""
    assert report("ADSB_VEHICLE", HEARD | {"flags": 1}).entity_name == "ICAO 406B90"
    assert report("ADSB_VEHICLE", HEARD | {"callsign": b"  "}).entity_name == "ICAO 406B90"
    assert report("AIS_VESSEL", SHIP | {"flags": 0}).entity_name == "MMSI 211123456"


def test_what_was_recorded_is_not_what_flies_today() -> None:
    """Each recording has aircraft of its own."""
    ids = {
        report("ADSB_VEHICLE", HEARD, recorded=recorded, source=source).entity_id
        for recorded, source in ((False, "udp:1"), (True, "log:a"), (True, "log:b"))
    }
    assert len(ids) == 3
    assert report("ADSB_VEHICLE", HEARD, source="udp:2").entity_id in ids


@pytest.mark.parametrize("address", [0, 1 << 24, 2**32 - 1])
def test_an_address_that_is_none_is_nobodys_and_nothing_is_known_of_who_heard_it(address) -> None:
    """Above all not that it is where the aircraft is."""
    understood = report("ADSB_VEHICLE", HEARD | {"ICAO_address": address})

    assert (understood.entity_id, understood.values) == ("v1", {})
    assert understood.extra["lat"] == 511_484_000


@pytest.mark.parametrize("fields", [{}, {"ICAO_address": "x"}, {"ICAO_address": True}])
def test_hostile_fields_make_nobody(fields: dict) -> None:
    """Whoever can write JSON can write these."""
    understood, refused = said("ADSB_VEHICLE", fields)
    assert (understood.entity_id, understood.values, refused) == ("v1", {}, None)


def test_every_emitter_is_of_a_type_that_there_is() -> None:
    """MAVLink's numbers count the categories of ADS-B: eight to a letter."""
    end = dialect.ADSB_EMITTER_TYPE_ENUM_END
    found = {}
    for emitter in range(end):
        understood = report("ADSB_VEHICLE", HEARD | {"emitter_type": emitter})
        assert understood.entity_type in ENTITY_TYPES
        found[emitter] = (understood.values.get("adsb.category"), understood.entity_type)

    assert found[dialect.ADSB_EMITTER_TYPE_NO_INFO] == (None, "aircraft_fixed_wing")
    assert found[dialect.ADSB_EMITTER_TYPE_ROTOCRAFT] == ("A7", "aircraft_helicopter")
    assert found[dialect.ADSB_EMITTER_TYPE_GLIDER] == ("B1", "aircraft_fixed_wing")
    assert found[dialect.ADSB_EMITTER_TYPE_LIGHTER_AIR] == ("B2", "aircraft_airship")
    assert found[dialect.ADSB_EMITTER_TYPE_UAV] == ("B6", "aircraft_multirotor")
    assert found[dialect.ADSB_EMITTER_TYPE_POINT_OBSTACLE] == ("C3", "waypoint")


def test_ships_are_described_in_the_words_of_our_own_receivers() -> None:
    """Both tell of the same ship."""
    statuses = [
        report("AIS_VESSEL", SHIP | {"navigational_status": n}).values.get("ais.navigation_status")
        for n in range(16)
    ]
    assert statuses == [*ships.STATUSES, None][:16]


def test_who_tells_has_been_heard_and_who_is_told_of_was_heard_earlier() -> None:
    """The packet is counted where it was sent; the aircraft is as old as the message says."""
    understood = report("ADSB_VEHICLE", HEARD)
    teller, told = gather([understood])

    (ours,), (theirs,) = teller.reports, told.reports
    assert (teller.entity_id, ours.values, ours.extra) == ("v1", {}, {})
    assert (ours.system_id, ours.component_id, ours.link_sequence) == (12, 156, 9)
    assert (ours.entity_name, ours.entity_type, ours.stored_us) == ("", "", NOON)
    assert told.entity_id == understood.entity_id
    assert (theirs.system_id, theirs.component_id, theirs.link_sequence) == (0, 0, 0)
    assert (theirs.role, theirs.values) == ("autopilot", understood.values)
    assert theirs.stored_us == NOON - 4 * SECOND


@pytest.mark.parametrize("age", [None, -1, "four", True, 2**40, float("inf")])
def test_an_age_that_is_none_makes_nobody_older(age: object) -> None:
    """Whoever can write JSON can write these."""
    understood, _ = said("ADSB_VEHICLE", flown("ADSB_VEHICLE", **HEARD) | {"tslc": age})
    *_, told = gather([understood])
    assert told.reports[0].stored_us == NOON


def test_the_state_of_an_aircraft_stands_for_itself() -> None:
    """Its own name, its own type, and no system of MAVLink's."""
    *_, told = gather([report("ADSB_VEHICLE", HEARD, role="peripheral")])
    state = EntityState(told.entity_id)
    outcomes = reduce(state, [told], NOON, Patience(SECOND, 2 * SECOND))

    assert (state.name, state.system_id, state.org_id) == ("BAW123", 0, "north")
    assert (state.entity_type, state.liveness) == ("aircraft_fixed_wing", "lost")
    assert [each.entity_id for each in outcomes if isinstance(each, Stored)] == [state.entity_id]
