"""What the parameters of mission items are, with their units: MAVLink's ``common.xml`` in words.

https://mavlink.io/en/messages/common.html#mav_commands
"""

from collections.abc import Iterator, Mapping

from flows.ontology.mission_commands import HOME, NAMES, SEA, TERRAIN
from flows.ontology.missions import Item, Plan

# Of each command the parameters in their turn, as ``what unit``; "" for one that says nothing.
# A parameter that is not here is shown by its number, so that nothing is kept back.
_YAW, _RADIUS, _CORNERS = "heading °", "radius m", "corners"
PARAMETERS: Mapping[int, tuple[str, ...]] = {
    16: ("hold s", "within m", "pass at m", _YAW),
    17: ("", "", _RADIUS, _YAW),
    18: ("turns", "", _RADIUS, "leave"),
    19: ("time s", "", _RADIUS, "leave"),
    20: (),
    21: ("abort height m", "precision", "", _YAW),
    22: ("pitch °", "", "", _YAW),
    31: ("", _RADIUS, "", "leave"),
    82: ("hold s",),
    84: ("", "transition", "", _YAW),
    85: ("", "", "approach height m", _YAW),
    93: ("delay s", "hour", "minute", "second"),
    112: ("delay s",),
    114: ("distance m",),
    115: ("heading °", "turn °/s", "direction", "relative"),
    177: ("to item", "repeats"),
    178: ("kind of speed", "speed m/s", "throttle %"),
    183: ("servo", "pulse µs"),
    201: ("kind",),
    205: ("pitch °", "roll °", "yaw °"),
    206: ("every m", "shutter ms", "at once"),
    2000: ("", "every s", "pictures"),
    2001: (),
    2500: ("", "status Hz"),
    2501: (),
    5001: (_CORNERS,),
    5002: (_CORNERS,),
    5003: (_RADIUS,),
    5004: (_RADIUS,),
}
ABOVE: Mapping[int, str] = {HOME: "above home", SEA: "above the sea", TERRAIN: "above the ground"}
# What no pilot calls by MAVLink's name.
_TITLES: Mapping[int, str] = {
    5000: "Return point",
    5001: "Corner to stay within",
    5002: "Corner to stay out of",
    5003: "Circle to stay within",
    5004: "Circle to stay out of",
    5100: "Rally point",
}
LISTS: Mapping[Plan, str] = {"mission": "mission", "fence": "fence", "rally": "rally points"}


def command(item: Item) -> str:
    """What an item's command is called, for people."""
    if item.command in _TITLES:
        return _TITLES[item.command]
    name = NAMES.get(item.command)
    if name is None:
        return f"Command {item.command}"
    words = name.removeprefix("NAV_").removeprefix("DO_").replace("_", " ").lower()
    return words[:1].upper() + words[1:]


def parameters(item: Item) -> Iterator[tuple[str, str]]:
    """The parameters that say something: what each is, and its value with its unit.

    One that is left to the vehicle says so where it has a meaning; a zero without one is silent.
    """
    known = PARAMETERS.get(item.command)
    for n, value in enumerate((item.param1, item.param2, item.param3, item.param4)):
        meaning = known[n] if known is not None and n < len(known) else ""
        if not value and not (meaning and value == 0 and item.command == _JUMP):
            continue
        word, _, unit = meaning.rpartition(" ")
        if not word or unit not in _UNITS:
            word, unit = meaning or f"parameter {n + 1}", ""
        yield word, f"{value:.7g}{unit if unit in _CLOSE else f' {unit}' if unit else ''}"


_JUMP = 177  # To item 0 is somewhere.
_CLOSE = frozenset(("°", "%"))
_UNITS = frozenset(("s", "m", "m/s", "°", "°/s", "%", "µs", "ms", "Hz"))


def distance(metres: float) -> str:
    """A length, in the unit in which it is read best."""
    return f"{metres / 1000:.1f} km" if metres >= 1000 else f"{metres:.0f} m"


def altitude(item: Item) -> str:
    """How high, and above what."""
    above = ABOVE.get(item.frame, f"in frame {item.frame}")
    return f"{item.altitude:.7g} m {above}"
