"""What vehicles say in words, and whom they hear, through both graphs."""

import msgspec
from bytewax.testing import TestingSource, run_main
from ends import NOON, SECOND, envelope

from flows.ontology.identity import transponder_entity

BEAT = {"type": 2, "autopilot": 3, "base_mode": 217, "custom_mode": 5, "system_status": 4}
AIRCRAFT = {
    "ICAO_address": 0x406B90, "lat": 511_484_000, "lon": 72_279_000, "callsign": "BAW123",
    "emitter_type": 3, "flags": 17, "tslc": 0,
}  # fmt: skip
WORDS = "PreArm: Compass 1 is not healthy and the second one is not either"
THERE = transponder_entity("north", "icao", 0x406B90)


def beat(sequence: int):
    return envelope(sequence, BEAT, "HEARTBEAT", system_id=1, component_id=1)


def part(sequence: int, number: int, text: str):
    data = {"severity": 3, "text": text, "id": 9, "chunk_seq": number}
    return envelope(sequence, data, "STATUSTEXT", system_id=1, component_id=1)


def aircraft(sequence: int):
    return envelope(sequence, AIRCRAFT, "ADSB_VEHICLE", system_id=1, component_id=1)


def texts(ends) -> list[tuple[str, dict]]:
    """Every status text that was published, with the identity that it was published under."""
    return [
        (publication.message_id, msgspec.json.decode(publication.data))
        for _, publication in ends.said
        if publication.subject == "constellation.events.statustext.north.v1"
    ]


def test_a_text_in_parts_is_published_once_and_the_state_says_it(ends):
    """Whatever comes between its parts."""
    run_main(ends.entities([beat(1), part(2, 0, WORDS[:50]), beat(3), part(4, 1, WORDS[50:])]))

    ((identity, event),) = texts(ends)
    assert (event["text"], event["severity"], event["severity_name"]) == (WORDS, 3, "ERROR")
    assert (event["event_id"], event["complete"]) == (identity, True)
    assert ends.last("v1")["vehicle_status"]["message"] == WORDS


def test_a_text_that_was_begun_before_a_restart_is_ended_after_it(ends, run_recovered):
    """And what is said twice for it has the same identity both times."""
    begun = [beat(1), part(2, 0, WORDS[:50])]
    ended = part(3, 1, WORDS[50:])
    run_recovered(ends.entities([*begun, TestingSource.ABORT(), ended]))
    run_recovered(ends.entities([*begun, ended]))

    assert {(identity, event["text"]) for identity, event in texts(ends)} == {
        ("statustext-v1-2", WORDS)
    }


def test_an_aircraft_that_a_vehicle_hears_is_an_entity_beside_it(ends):
    """With a row, a state and news of its own; the vehicle stays where it is."""
    run_main(ends.entities([beat(1), aircraft(2)], clock=lambda: NOON + 2 * SECOND))

    state, vehicle = ends.last(THERE), ends.last("v1")
    assert state["position"]["global"] == {"latitude": 51.1484, "longitude": 7.2279}
    assert (state["name"], state["entity_type"]) == ("BAW123", "aircraft_fixed_wing")
    assert "position" not in vehicle
    assert (vehicle["name"], vehicle["sequences"]) == ("Copter 1", {"CONSTELLATION_TELEMETRY": 2})
    assert {row["entity_id"] for _, row in ends.registry} == {"v1", THERE}


def test_its_history_is_its_own_and_says_who_heard_it(ends):
    """One row for one message, and windows of the aircraft."""
    run_main(ends.telemetry([beat(1), aircraft(2), aircraft(20)]))

    rows = ends.cells("telemetry", "entity_id", "system_id", "position_global_latitude")
    assert sorted(rows, key=str) == sorted(
        [("v1", 1, None), (THERE, 1, 51.1484), (THERE, 1, 51.1484)], key=str
    )
    windows = ends.cells("window_rows", "entity_id", "signal")
    assert (THERE, "position.global.latitude") in windows
    assert ("v1", "position.global.latitude") not in windows
