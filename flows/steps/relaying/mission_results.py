"""What vehicles answer to lists of mission items (``MAV_MISSION_RESULT``), in words."""

ACCEPTED, NO_SPACE, INVALID_SEQUENCE, CANCELLED = 0, 4, 13, 15
_PARAMETERS = ("param1", "param2", "param3", "param4", "x, the latitude", "y, the longitude",
               "z, the altitude")  # fmt: skip
_RESULTS: dict[int, str] = {
    1: "the vehicle has not managed to do it",
    2: "the vehicle does not know its frame",
    3: "the vehicle does not know its command, or no such list",
    4: "the vehicle has no room for so many items",
    5: "the vehicle takes it for invalid",
    **{6 + n: f"the vehicle does not take its {name}" for n, name in enumerate(_PARAMETERS)},
    13: "the vehicle has been given an item that it had not asked for",
    14: "the vehicle does not take it from this station, or not now",
    15: "the vehicle has given it up",
}


def refusal(number: int) -> str:
    """A sentence; what nobody knows is a refusal as well."""
    return _RESULTS.get(number, f"the vehicle answers {number}, which nobody knows")
