"""What the page of a mission shows: its facts, its remarks, its lists as tables, its versions."""

from collections.abc import Iterable, Mapping, Sequence

import htpy as h

from flows.ontology.mission_commands import CIRCLES, PLACED, POLYGONS
from flows.ontology.mission_remarks import Remark
from flows.ontology.missions import Item, Plan
from flows.ontology.stored_missions import PLANS, Mission
from web import mission_words as words
from web.database import Row
from web.panels import panel, table, when

# Fences are as high as the sky.
_LEVEL = POLYGONS | CIRCLES
_COUNTS: Mapping[Plan, str] = {
    "mission": "item_count", "fence": "fence_count", "rally": "rally_count",
}  # fmt: skip
_NONE = h.p(".checked")["Nothing is wrong with it, as far as that can be told from here."]


def facts(row: Row, mission: Mission) -> h.Element:
    """What a version is, in few lines."""
    home = mission.home
    said: list[tuple[str, h.Node]] = [
        ("For", kind(row["vehicle_type"])),
        ("Items", counted(row)),
        ("Length", words.distance(row["length"])),
        ("Home", f"{place(home.latitude, home.longitude)}, {home.altitude:.7g} m above the sea")
        if home
        else ("Home", "not said"),
    ]
    for name, speed in (("Cruise", mission.cruise_speed), ("Hover", mission.hover_speed)):
        if speed:
            said.append((name, f"{speed:.7g} m/s"))
    said.append(("Checksum", h.code(".sum", title=row["checksum"])[row["checksum"][:16]]))
    return h.dl(".facts")[(h.fragment[h.dt[name], h.dd[value]] for name, value in said)]


def kind(vehicle_type: str) -> str:
    """A type of vehicle, for people."""
    return "any vehicle" if vehicle_type == "any" else vehicle_type.replace("_", " ")


def counted(row: Row) -> str:
    """How much is in the lists that are not empty."""
    counts = (
        (row["item_count"], "item", "items"),
        (row["fence_count"], "fence item", "fence items"),
        (row["rally_count"], "rally point", "rally points"),
    )
    return ", ".join(f"{n} {one if n == 1 else many}" for n, one, many in counts if n)


def remarked(remarks: Sequence[Remark]) -> h.Element:
    """What the checks say of it."""
    if not remarks:
        return _NONE
    return h.ul(".remarks")[(h.li[each.sentence] for each in remarks)]


def lists(mission: Mission) -> h.Fragment:
    """A table for each list that has something in it."""
    return h.fragment[
        _panel("Items", "mission", mission.items),
        _panel("Fence", "fence", mission.fence),
        _panel("Rally points", "rally", mission.rally),
    ]


def _panel(title: str, plan: Plan, items: Sequence[Item]) -> h.Node:
    if not items:
        return None
    rows = [_row(number, each) for number, each in enumerate(items)]
    heads = ("No", "What", "Where", "Altitude", "With")
    return h.div({"data-list": plan})[panel(f"{title}: {len(items)}", table(heads, rows))]


def _row(number: int, item: Item) -> tuple[h.Node, ...]:
    placed = item.command in PLACED
    nowhere = item.latitude == 0 and item.longitude == 0
    where = "where it is then" if nowhere else place(item.latitude, item.longitude)
    return (
        h.b(".number")[str(number)],
        h.fragment[words.command(item), h.span(".command-number")[str(item.command)]],
        where if placed else "",
        words.altitude(item) if placed and item.command not in _LEVEL else "",
        _with(item),
    )


def _with(item: Item) -> h.Node:
    said = [*words.parameters(item)]
    if item.command not in PLACED:  # Three more parameters, of which only some make use.
        further = ((5, item.latitude), (6, item.longitude), (7, item.altitude))
        said += [(f"parameter {n}", f"{value:.10g}") for n, value in further if value]
    if not item.autocontinue:
        said.append(("then", "waits"))
    if not said:
        return ""
    return h.div(".chips")[(h.span(".chip")[f"{word} {value}"] for word, value in said)]


def place(latitude: float, longitude: float) -> str:
    """Degrees to seven places, as vehicles know them, without what is nought."""
    return f"{_degrees(latitude, 'N', 'S')} {_degrees(longitude, 'E', 'W')}"


def _degrees(value: float, more: str, less: str) -> str:
    shown = f"{abs(value):.7f}".rstrip("0").rstrip(".")
    return f"{shown}° {more if value >= 0 else less}"


def versions(path: str, rows: Iterable[Row], shown: int) -> h.Element:
    """All versions, the newest first; which of them is shown."""
    return table(
        ("Version", "Holds", "Length", "Stored", ""),
        [
            (
                h.a(
                    href=f"{path}?version={each['version']}",
                    aria_current="true" if each["version"] == shown else None,
                )[f"version {each['version']}"],
                counted(each),
                words.distance(each["length"]),
                when(each["created_at"]),
                downloads(each),
            )
            for each in rows
        ],
    )


def downloads(row: Row) -> h.Element:
    """Links to a version as the files that ground stations read."""
    base = (
        f"/api/v1/organizations/{row['org_id']}/missions/{row['mission_id']}"
        f"?version={row['version']}&format="
    )
    plans = [plan for plan in PLANS if row[_COUNTS[plan]]]
    return h.div(".acts.files")[
        h.a(".button", download=True, href=f"{base}plan", title="QGroundControl's plan")[".plan"],
        (
            h.a(
                ".button", download=True, href=f"{base}waypoints&mission_type={plan}",
                title=f"QGC WPL 110: its {words.LISTS[plan]}",
            )[".waypoints" if plan == "mission" else f"{plan} .waypoints"]
            for plan in plans
        ),
    ]  # fmt: skip
