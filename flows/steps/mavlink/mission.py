"""What it is to do: missions, fences and rally points."""

from collections.abc import Mapping
from typing import Any

from flows.ontology.signals import Value
from flows.steps.mavlink.message import NOT_SENT, U16, Derived, Message, Reading, Word, whole
from flows.steps.mavlink.words import instead

# MAV_MISSION_TYPE: what is counted.
_COUNTED = {
    0: "mission.total_waypoints",
    1: "mission.fence_points",
    2: "mission.rally_points",
}


def _count(data: Mapping[str, Any], values: dict[str, Value], _: str) -> None:
    """How many items there are of a kind; a message without a kind is of the mission."""
    count, kind = whole(data, "count"), whole(data, "mission_type") or 0
    if count is not None and kind in _COUNTED:
        values[_COUNTED[kind]] = count


MESSAGES: dict[str, Message] = {
    "MISSION_CURRENT": Message(
        (
            Reading("seq", "mission.current_waypoint"),
            Reading("mission_state", "mission.state", 1, NOT_SENT),
            Reading("mission_mode", "mission.mode", 1, NOT_SENT),
        ),
        # The largest number says that there is no mission: of that, too, people want to know.
        (Word("total", "mission.total_waypoints", instead(U16, 0, NOT_SENT)),),
    ),
    "MISSION_ITEM_REACHED": Message((Reading("seq", "mission.reached_waypoint"),)),
    "MISSION_COUNT": Message(
        derived=Derived(("count", "mission_type"), tuple(_COUNTED.values()), _count)
    ),
}
