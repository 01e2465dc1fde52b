"""Where an aircraft is: halves of places put together, and only where it can have come.

Two halves that were said together tell a place. From then on each is enough with the
place before, if the aircraft can have reached it; after some that it cannot, the one
before was wrong.
"""

from collections.abc import Mapping
from typing import Any

from flows.ontology.traffic import Craft, Fix, Frame
from flows.steps.cpr import Place, local, metres, paired
from flows.steps.craft import number

# Two halves tell one place only if they were said together.
LONGEST_APART_US = 10_000_000
# By then an aircraft may be half a zone away, 333 km in the air, 83 km on the ground.
LONGEST_FIX_US = 300_000_000
FASTEST_M_S, FASTEST_ON_GROUND_M_S = 700.0, 100.0
ROOM_M = 3000.0
# So many places in a row that cannot be reached are right, and the one before was wrong.
MOST_DOUBTS = 3


def placed(
    craft: Craft, fields: Mapping[str, Any], heard_us: int, receiver: Place | None
) -> Place | None:
    """Where an aircraft is, in degrees, if this half of a place is enough to tell.

    Args:
        craft: the aircraft; it is changed.
        fields: of the message.
        heard_us: when it was heard.
        receiver: where that was, if it is known: on the ground, aircraft are near it.
    """
    latitude, longitude = (number(fields.get(half)) for half in ("lat_cpr", "lon_cpr"))
    if latitude is None or longitude is None or fields.get("bds") not in ("05", "06"):
        return None
    surface = fields["bds"] == "06"
    odd = fields.get("parity") == "odd"
    frame = Frame(odd, surface, int(latitude), int(longitude), heard_us)
    if odd:
        craft.odd = frame
    else:
        craft.even = frame
    place = _reached(craft, frame) if craft.fix else _met(craft, frame, receiver)
    if place is not None:
        craft.fix, craft.doubts = Fix(*place, heard_us), 0
    return place


def _reached(craft: Craft, frame: Frame) -> Place | None:
    """The place by the one before, if it can be reached from there."""
    fix = craft.fix
    if fix is None:
        return None
    near = (fix.latitude, fix.longitude)
    apart_us = frame.at_us - fix.at_us
    if not 0 <= apart_us <= LONGEST_FIX_US:
        # An airport does not move: from the ground, an old place still tells the region.
        return _met(craft, frame, near if frame.surface else None)
    place = local(frame, near)
    fastest = FASTEST_ON_GROUND_M_S if frame.surface else FASTEST_M_S
    if place is not None and metres(near, place) <= ROOM_M + fastest * apart_us / 1e6:
        return place
    craft.doubts += 1
    if craft.doubts >= MOST_DOUBTS:
        craft.fix, craft.doubts = None, 0
        craft.even, craft.odd = (None, frame) if frame.odd else (frame, None)
    return None


def _met(craft: Craft, newest: Frame, near: Place | None) -> Place | None:
    """The place by two halves that were said together."""
    even, odd = craft.even, craft.odd
    if even is None or odd is None or even.surface != odd.surface:
        return None
    if abs(even.at_us - odd.at_us) > LONGEST_APART_US:
        return None
    return paired(even, odd, newest, near)
