"""How well an entity is heard, in words, as far as its document can be believed."""

from collections.abc import Iterator

import msgspec

from flows.ontology.entities import Json
from flows.ontology.link import loss
from web import reading

MOST_ROWS = 64
LONGEST_S = 3_200_000_000  # A century: no clock is further off.


class Figures(msgspec.Struct, frozen=True):
    """Facts by their names, and a row of cells for each component of each source."""

    facts: list[tuple[str, str]]
    rows: list[tuple[str, ...]]


def figures(link: Json) -> Figures:
    """What the branch ``link`` says."""
    facts: list[tuple[str, str]] = []
    lost, skew = _number(link.get("loss"), 100), _number(link.get("clock_skew"), LONGEST_S)
    trip = _number(link.get("round_trip"), LONGEST_S)
    if lost is not None and lost >= 0:
        facts.append(("Lost of late", f"{lost:.1f} %"))
    if skew is not None:
        facts.append(("Its clock", f"{abs(skew):.3g} s {'ahead' if skew >= 0 else 'behind'}"))
    if trip is not None and trip >= 0:
        facts.append(("Round trip", f"{1000 * trip:.0f} ms"))
    return Figures(facts, list(_rows(link))[:MOST_ROWS])


def _rows(link: Json) -> Iterator[tuple[str, ...]]:
    for source, components in reading.branch(link, "sources").items():
        for component, each in components.items() if isinstance(components, dict) else ():
            if not isinstance(each, dict):
                continue
            counts = [each.get(name) for name in _COUNTS]
            received, missed, late, gone = (_count(count) for count in counts)
            share = loss(late, gone)
            yield (
                reading.text(source),
                reading.text(component),
                str(received),
                str(missed),
                "" if share is None else f"{share:.1f} %",
            )


_COUNTS = ("received", "missed", "recent_received", "recent_missed")


def _count(value: object) -> int:
    return value if type(value) is int and 0 <= value < 2**63 else 0


def _number(value: object, most: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -most <= value <= most else None
