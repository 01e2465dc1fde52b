"""Messages of MAVLink as edge programs write them: fields by other names, numbers as texts.

What our own relay has read needs none of it.
"""

from typing import Any

from flows.steps.mavlink import MESSAGES
from flows.steps.plain import numbered

# What MAVLink itself calls now one way and now the other, and programs as they please.
SYNONYMS = (
    ("lat", "latitude"),
    ("lon", "longitude", "lng"),
    ("alt", "altitude"),
    ("relative_alt", "relative_altitude", "altitude_relative"),
    ("hdg", "heading"),
    ("groundspeed", "ground_speed"),
    ("airspeed", "air_speed"),
    ("climb", "climb_rate"),
    ("rollspeed", "roll_speed"),
    ("pitchspeed", "pitch_speed"),
    ("yawspeed", "yaw_speed"),
)


def _aliases(fields: frozenset[str]) -> dict[str, str]:
    """Other names of fields: synonyms that are no fields themselves, and Go's and JavaScript's."""
    found = {field: field for field in fields}
    for names in SYNONYMS:
        for field in fields.intersection(names):
            found |= {other: field for other in names if other not in fields}
    for name, field in tuple(found.items()):
        first, *words = name.split("_")
        rest = "".join(word.capitalize() for word in words)
        found |= {first + rest: field, first.capitalize() + rest: field}
    return {other: field for other, field in found.items() if other not in fields}


ALIASES: dict[str, dict[str, str]] = {
    name: _aliases(message.fields) for name, message in MESSAGES.items()
}


def respelled(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """The fields of a message by MAVLink's names, and numbers where texts stand for them.

    Of a message that means nothing to us they stay as they came. Where a field is said by its
    own name as well, that counts.
    """
    aliases = ALIASES.get(name)
    if aliases is None:
        return data
    if not aliases.keys().isdisjoint(data.keys()):
        data = {
            field if aliases.get(field, field) in data else aliases[field]: value
            for field, value in data.items()
        }
    return numbered(data) if str in map(type, data.values()) else data
