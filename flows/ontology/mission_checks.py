"""What is wrong with a mission, as far as it can be told without a vehicle and without terrain.

Where it leads past fences that are entities is judged when it is sent: they, and where the
vehicle is, are others by then.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, islice

import msgspec

from flows.ontology.mission_commands import (
    ANYWHERE,
    CIRCLES,
    ENDS,
    FENCES,
    GLOBAL,
    HOME,
    JUMP,
    NAMES,
    PATH,
    PLACED,
    POLYGONS,
    RALLY,
    SEA,
    TAKEOFF,
    TAKEOFFS,
    TERRAIN,
    called,
)
from flows.ontology.mission_places import metres
from flows.ontology.mission_remarks import MOST_REMARKS, Remark
from flows.ontology.missions import MOST_ITEMS, Item, Plan
from flows.ontology.stored_missions import Home, Mission, polygons

# A command has more in it than the items.
MOST_BYTES = 240_000
# Nobody flies, or dives, further up or down.
LOWEST_M, HIGHEST_M = -12_000.0, 50_000.0
# Between two items: longer ways are flown, but seldom meant.
FAR_M = 50_000.0
_CORNERS = 3


class Bounds(msgspec.Struct, frozen=True):
    """How far missions may lead: metres above home, and from it; 0 for as far as one likes."""

    altitude: float = 0.0
    distance: float = 0.0


def check(mission: Mission, bounds: Bounds, *, flies: bool = True) -> list[Remark]:
    """All that is to be said of a mission, what is grave first.

    Args:
        mission: with plain frames.
        bounds: of the deployment.
        flies: whether it is for an aircraft.
    """
    found = [
        *_whole(mission),
        *islice(_items(mission, bounds), MOST_REMARKS),
        *islice(chain(_fence(mission.fence), _rally(mission.rally, bounds)), MOST_REMARKS),
        *(_course(mission.items) if flies else ()),
    ]
    return sorted(found, key=lambda each: not each.grave)[:MOST_REMARKS]


def _whole(mission: Mission) -> Iterator[Remark]:
    lists: dict[Plan, list[Item]] = {
        "mission": mission.items, "fence": mission.fence, "rally": mission.rally,
    }  # fmt: skip
    if not any(lists.values()):
        yield Remark("it has no items, no fence and no rally points", grave=True)
    for plan, items in lists.items():
        if len(items) > MOST_ITEMS:
            told = f"it has {len(items)} items, and at most {MOST_ITEMS} are sent to a vehicle"
            yield Remark(told, grave=True, mission_type=plan)
        elif len(msgspec.json.encode(items)) > MOST_BYTES:
            told = f"its items are more than {MOST_BYTES} bytes, which no command can carry"
            yield Remark(told, grave=True, mission_type=plan)


def _items(mission: Mission, bounds: Bounds) -> Iterator[Remark]:
    last: Item | None = None
    for number, item in enumerate(mission.items):
        for says, grave in chain(_item(item), _jump(item, number, len(mission.items))):
            yield Remark(says, grave, "mission", number)
        if item.command not in PATH or item.frame not in GLOBAL:
            continue
        here = _is_nowhere(item) and item.command in ANYWHERE
        for says, grave in _heights(item, mission.home, bounds):
            yield Remark(says, grave, "mission", number)
        if here:
            continue
        for says, grave in _ways(item, last, mission.home, bounds):
            yield Remark(says, grave, "mission", number)
        last = item


def _item(item: Item) -> Iterator[tuple[str, bool]]:
    """What is wrong with an item by itself."""
    if item.command not in NAMES:
        yield f"nobody here knows command {item.command}, but the vehicle may", False
    if item.command in FENCES or item.command == RALLY:
        yield f"{called(item.command)} is of no mission, but of a fence or of rally points", True
    elif item.command in PLACED:
        yield from _place(item)


def _place(item: Item) -> Iterator[tuple[str, bool]]:
    if item.frame not in GLOBAL:
        yield (
            f"frame {item.frame} has no places on the Earth, as {called(item.command)} needs",
            True,
        )
        return
    if abs(item.latitude) > 90:
        yield f"latitude {item.latitude:g} is not between -90 and 90 degrees", True
    if abs(item.longitude) > 180:
        yield f"longitude {item.longitude:g} is not between -180 and 180 degrees", True
    if not LOWEST_M <= item.altitude <= HIGHEST_M:
        yield (
            f"an altitude of {item.altitude:g} m is not between {LOWEST_M:g} and {HIGHEST_M:g} m",
            True,
        )
    if _is_nowhere(item) and item.command not in ANYWHERE:
        yield f"{called(item.command)} stands at 0 degrees north and 0 degrees east", False


def _is_nowhere(item: Item) -> bool:
    return item.latitude == 0 and item.longitude == 0


def _jump(item: Item, number: int, count: int) -> Iterator[tuple[str, bool]]:
    if item.command != JUMP:
        return
    to = item.param1
    if to is None or not 0 <= to < count or to != int(to):
        where = "nowhere" if to is None else f"to item {to:g}"
        yield f"it jumps {where}, and there are items 0 to {count - 1}", True
    elif to == number:
        yield "it jumps to itself", True


def _heights(item: Item, home: Home | None, bounds: Bounds) -> Iterator[tuple[str, bool]]:
    above: float | None = item.altitude
    if item.frame == SEA:
        above = None if home is None else item.altitude - home.altitude
    if item.frame == TERRAIN:
        yield "it is above the ground below it, of which nothing is known here", False
    if above is None:
        yield "its altitude is above the sea, and the height of home is not known", False
        return
    if bounds.altitude and above > bounds.altitude:
        yield f"it is {above:.0f} m above home, and at most {bounds.altitude:g} m are allowed", True
    if item.frame == HOME and above < 0:
        yield f"it is {-above:.0f} m below home", False


def _ways(
    item: Item, last: Item | None, home: Home | None, bounds: Bounds
) -> Iterator[tuple[str, bool]]:
    if home is not None and bounds.distance:
        far = metres(home, item)
        if far > bounds.distance:
            yield (
                f"it is {far:.0f} m from home, and at most {bounds.distance:g} m are allowed",
                True,
            )
    before = last or home
    if before is not None:
        far = metres(before, item)
        if far > FAR_M:
            what = "home" if last is None else "the place before it"
            yield f"it is {far / 1000:.0f} km from {what}", False


def _course(items: Sequence[Item]) -> Iterator[Remark]:
    """An aircraft begins by taking off, and ends by coming down."""
    going = [(number, each) for number, each in enumerate(items) if each.command in PATH | ENDS]
    if not going:
        return
    number, first = going[0]
    if first.command not in TAKEOFFS:
        yield Remark(f"it begins with {called(first.command)} and not with a takeoff", item=number)
    for number, each in going:
        if each.command == TAKEOFF and each.frame == HOME and each.altitude <= 0:
            yield Remark("it takes off to no height", item=number)
    number, last = going[-1]
    if last.command not in ENDS:
        yield Remark("it ends in the air: no landing and no return follows", item=number)


def _fence(items: Sequence[Item]) -> Iterator[Remark]:
    for number, each in enumerate(items):
        for says, grave in _boundary(each):
            yield Remark(says, grave, "fence", number)
    at = {id(each): number for number, each in enumerate(items)}
    for corners in polygons(items, POLYGONS):
        count = corners[0].param1 or 0
        if len(corners) < _CORNERS or len(corners) != count:
            told = f"its polygon has {len(corners)} corners of the {count:g} that it should have"
            yield Remark(told, True, "fence", at[id(corners[0])])


def _boundary(item: Item) -> Iterator[tuple[str, bool]]:
    if item.command not in FENCES:
        yield f"{called(item.command)} is no part of a fence", True
        return
    yield from _place(item)
    if item.command in CIRCLES and not (item.param1 or 0) > 0:
        yield "its circle has no radius", True


def _rally(items: Sequence[Item], bounds: Bounds) -> Iterator[Remark]:
    for number, each in enumerate(items):
        said = _place(each)
        if each.command != RALLY:
            said = iter([(f"{called(each.command)} is no rally point", True)])
        elif each.frame == HOME and bounds.altitude and each.altitude > bounds.altitude:
            told = f"it is {each.altitude:.0f} m above home, and at most {bounds.altitude:g} m"
            said = chain(said, [(f"{told} are allowed", True)])
        for says, grave in said:
            yield Remark(says, grave, "rally", number)
