"""What is taken over from the document before means what is made anew."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from flows.ontology.entities import Change, Documented, EntityState, Reported, Silenced
from flows.ontology.rate import Patience
from flows.ontology.telemetry import Report
from flows.steps.made import forget_all, made
from flows.steps.reduce import Stored, reduce

SECOND = 1_000_000
NOON = 1_790_000_000 * SECOND
PATIENCE = Patience(5 * SECOND, 30 * SECOND)
PATHS = (
    "vfr.groundspeed", "vfr.airspeed", "position.global.altitude_msl", "position.gps.hdop",
    "position.home.altitude_msl", "mission.current", "soil.moisture",
)  # fmt: skip
# How long after the one before, what is said by whom, and how late it is read.
SAID = st.tuples(
    st.sampled_from([0, 1, 3, 7, 40]),
    st.one_of(
        st.tuples(
            st.sampled_from(["VFR_HUD", "GPS_RAW_INT", "MISSION_CURRENT"]),
            st.lists(st.sampled_from(PATHS), min_size=1, max_size=4, unique=True),
            st.sampled_from(["udp:1", "udp:2"]),
        ),
        st.dictionaries(
            st.sampled_from(["vfr", "position", "soil", "detections"]),
            st.dictionaries(st.sampled_from(["global", "label"]), st.integers(0, 3), min_size=1),
            min_size=1,
        ),
        st.none(),
    ),
    st.sampled_from([0, 0, 8, 50]),
)


def changes(said: list[tuple]) -> list[tuple[Change, int]]:
    """Of each what it changes, and when that is read."""
    at, found = NOON, []
    for number, (after, what, late) in enumerate(said, 1):
        at += after * SECOND
        change: Change
        match what:
            case (str(message), paths, source):
                values = dict.fromkeys(paths, float(number))
                change = Reported(
                    [Report("v1", "north", message, number, at, at, values, {}, source=source)]
                )
            case dict():
                change = Documented("v1", "north", "", "", what, number, at, keeper="north")
            case _:
                change = Silenced("v1", at)
        found.append((change, at + late * SECOND))
    return found


def documents(state: EntityState, change: Change, now: int) -> list[dict]:
    outcomes = reduce(state, [change], now, PATIENCE)
    return [msgspec.json.decode(each.document) for each in outcomes if isinstance(each, Stored)]


@given(st.lists(SAID, max_size=20))
def test_a_document_is_the_same_whatever_was_written_before(said: list[tuple]):
    """Live, stale or lost; whatever is heard, put, or not heard any more."""
    joined, anew = EntityState("v1"), EntityState("v1")
    for change, now in changes(said):
        forget_all(anew)

        assert documents(joined, change, now) == documents(anew, change, now)
    assert joined == anew


def test_who_has_fallen_silent_keeps_nothing_that_was_written():
    """Thousands may be silent for days; whoever is behind, and still heard, keeps it."""
    state = EntityState("v1")
    said = [(0, ("VFR_HUD", ["vfr.groundspeed"], "udp:1"), late) for late in (0, 8)]
    for change, now in changes(said):
        assert documents(state, change, now)
        assert made(state).records.keys() == {"vfr"}
    assert documents(state, Silenced("v1", NOON), NOON + 31 * SECOND)
    assert made(state).records == {}
