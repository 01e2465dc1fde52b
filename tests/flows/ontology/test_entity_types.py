"""What devices call themselves is a type of the registry, or none."""

from collections import Counter

import pytest

from flows.ontology.entities import ENTITY_TYPES
from flows.ontology.entity_types import CALLED, entity_type


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("aircraft_vtol", "aircraft_vtol"),
        ("drone", "aircraft_multirotor"),
        ("UAV", "aircraft_multirotor"),
        ("multirotor", "aircraft_multirotor"),
        ("fixed_wing", "aircraft_fixed_wing"),
        ("Fixed-Wing", "aircraft_fixed_wing"),
        ("vtol", "aircraft_vtol"),
        ("helicopter", "aircraft_helicopter"),
        ("airship", "aircraft_airship"),
        ("ground_vehicle", "ground_vehicle_wheeled"),
        ("wheeled", "ground_vehicle_wheeled"),
        ("Ground Rover", "ground_vehicle_wheeled"),
        ("tracked", "ground_vehicle_tracked"),
        ("boat", "surface_vessel_usv"),
        ("usv", "surface_vessel_usv"),
        ("submarine", "underwater_vehicle"),
        ("auv", "underwater_vehicle"),
        ("isr_sensor", "sensor_platform"),
        ("sensor", "sensor_platform"),
        ("camera", "sensor_platform"),
        ("payload", "payload_system"),
        ("gcs", "operator_station"),
        ("operator", "operator_station"),
        ("geofence", "geofence"),
        ("MAV_TYPE_GROUND_ROVER", "ground_vehicle_wheeled"),
        ("MAV_TYPE_GCS", ""),
        ("zeppelin", ""),
        ("", ""),
        ("x" * 10_000, ""),
    ],
)
def test_a_word_stands_for_a_type(word: str, expected: str) -> None:
    """All that edge programs use are known, and MAVLink's names for its types."""
    assert entity_type(word) == expected


def test_every_type_has_words_and_no_word_two_types() -> None:
    """A word in two rows would mean what the later row says."""
    assert set(CALLED) == ENTITY_TYPES
    words = Counter(word for many in CALLED.values() for word in many.split())
    assert [word for word, times in words.items() if times > 1] == []
    assert not set(words) & ENTITY_TYPES - {"geofence", "waypoint"}
