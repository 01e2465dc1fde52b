"""Each signal is as fresh as the message that set it last, whatever else is said beside it."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from messages import NOON, SECOND

from flows.ontology.entities import EntityState, LivenessEvent, Reported, Silenced
from flows.ontology.rate import Patience
from flows.ontology.telemetry import Report
from flows.steps.document import document, recall
from flows.steps.hear import MOST_MESSAGES, MOST_SIGNALS
from flows.steps.reduce import Stored, reduce

PATIENCE = Patience(5 * SECOND, 30 * SECOND)
PLACE = {"position.global.latitude": 47.5, "position.global.longitude": 8.5}
SATELLITES = {"position.global.satellites_visible": 9}
SPEED = {"vfr.groundspeed": 3.5}
HOME = {"position.home.latitude": 47.4}


def said(second: float, message: str, values: dict[str, Any], **more: Any) -> Report:
    """What was said so many seconds after noon; its sequence is the time in milliseconds."""
    at = NOON + round(second * SECOND)
    return Report("v1", "north", message, round(second * 1000) + 1, at, at, values, {}, **more)


class Flight:
    """A state to which things are said, as time goes by."""

    def __init__(self) -> None:
        self.state = EntityState("v1")
        self.events: list[LivenessEvent] = []
        self.document: dict[str, Any] = {}

    def at(self, second: float, *reports: Report) -> "Flight":
        """Take in reports at a time, or only let that time come."""
        change = Reported(list(reports)) if reports else Silenced("v1", 0)
        for each in reduce(self.state, [change], NOON + round(second * SECOND), PATIENCE):
            if isinstance(each, LivenessEvent):
                self.events.append(each)
            if isinstance(each, Stored):
                self.document = msgspec.json.decode(each.document)
        return self

    def freshness(self, path: str) -> dict[str, str]:
        """The state of every signal of a branch, as the document tells it."""
        record = self.document["provenance"][path]
        records = [record, *record.get("messages", ())]
        leaves = self.document
        for name in path.split("."):
            leaves = leaves[name]
        return {
            leaf: each["state"] for each in records for leaf in each.get("leaves", list(leaves))
        }

    def branch_events(self) -> list[tuple[str, str, str, str]]:
        return [
            (each.branch, each.message, each.previous, each.state)
            for each in self.events
            if each.branch
        ]


def test_a_place_is_not_live_because_the_satellites_are() -> None:
    """Two messages feed one branch; one of them has stopped."""
    flight = Flight().at(0, said(0, "GLOBAL_POSITION_INT", PLACE))
    for second in range(1, 9):
        flight.at(second, said(second, "GPS_RAW_INT", SATELLITES))

    assert flight.document["is_live"] is True
    assert flight.freshness("position.global") == {
        "latitude": "stale", "longitude": "stale", "satellites_visible": "live",
    }  # fmt: skip
    record = flight.document["provenance"]["position.global"]
    assert (record["state"], record["message"]) == ("stale", "GLOBAL_POSITION_INT")
    assert (record["since"], record["reason"]) == ("2026-09-21T14:13:25Z", "silent for 5 s")


def test_a_place_is_not_live_because_its_message_is() -> None:
    """The receiver has lost its fix, so the message comes without the place."""
    height = {"position.global.altitude_relative": 12.0}
    flight = Flight().at(0, said(0, "GLOBAL_POSITION_INT", PLACE | height))
    for second in range(1, 40):
        flight.at(second, said(second, "GLOBAL_POSITION_INT", height))

    assert flight.freshness("position.global") == {
        "latitude": "lost", "longitude": "lost", "altitude_relative": "live",
    }  # fmt: skip
    flight.at(40, said(40, "GLOBAL_POSITION_INT", PLACE | height))
    assert set(flight.freshness("position.global").values()) == {"live"}


def test_what_holds_until_said_otherwise_is_as_fresh_as_its_entity() -> None:
    """A home is told once, at the start."""
    flight = Flight().at(0, said(0, "HOME_POSITION", HOME))
    for second in range(1, 40):
        flight.at(second, said(second, "VFR_HUD", SPEED))
    assert flight.freshness("position.home") == {"latitude": "live"}

    flight.at(46)
    assert flight.freshness("position.home") == {"latitude": "stale"}


def test_a_sensor_that_speaks_each_minute_lives_between_its_words() -> None:
    """Once it has shown that this is its way; and its silence is told when it is one."""
    flight = Flight()
    for minute in range(6):
        flight.at(60 * minute, said(60 * minute, "SOIL", {"soil.moisture": 30.0}))
        flight.at(60 * minute + 55)
    assert flight.document["is_live"] is True
    assert flight.document["liveness"]["period"] == 60.0
    assert flight.freshness("soil") == {"moisture": "live"}

    flight.at(300 + 179)
    assert flight.state.liveness == "live"
    flight.at(300 + 180)
    assert (flight.state.liveness, flight.state.reason) == ("stale", "silent for 180 s")
    flight.at(300 + 600)
    assert (flight.state.liveness, flight.state.reason) == ("lost", "silent for 600 s")


def test_a_slow_branch_of_a_fast_entity_has_a_rate_of_its_own() -> None:
    """Ten seconds without it are nothing new."""
    flight = Flight()
    for second in range(61):
        reports = [said(second, "VFR_HUD", SPEED)]
        if second % 10 == 0:
            reports.append(said(second + 0.001, "GPS_RAW_INT", SATELLITES))
        flight.at(second + 0.01, *reports)
        if second > 40:
            assert flight.freshness("position.global") == {"satellites_visible": "live"}
    for second in range(61, 92):
        flight.at(second, said(second, "VFR_HUD", SPEED))
    assert flight.freshness("position.global") == {"satellites_visible": "stale"}


def test_a_branch_that_goes_while_its_entity_lives_is_an_event_once() -> None:
    """Stale, lost, and back again; since when it was, not when it was noticed."""
    flight = Flight()
    for second in range(50):
        reports = [said(second, "VFR_HUD", SPEED)]
        if second <= 10 or second >= 48:
            reports.append(said(second + 0.001, "GPS_RAW_INT", SATELLITES))
        flight.at(second + 0.5, *reports)

    assert flight.branch_events() == [
        ("position.global", "GPS_RAW_INT", "live", "stale"),
        ("position.global", "GPS_RAW_INT", "stale", "lost"),
        ("position.global", "GPS_RAW_INT", "lost", "live"),
    ]
    stale, lost, _ = (each for each in flight.events if each.branch)
    assert (stale.timestamp, lost.timestamp) == (
        "2026-09-21T14:13:35.001000Z", "2026-09-21T14:14:00.001000Z",
    )  # fmt: skip
    assert stale.signals == ["satellites_visible"]
    assert len({each.event_id for each in flight.events}) == len(flight.events)


def test_the_branches_of_an_entity_that_goes_and_comes_back_are_no_events() -> None:
    """It takes them with it, and brings them back one by one; which one stays away is told."""
    flight = Flight()
    for second in range(10):
        flight.at(
            second, said(second, "VFR_HUD", SPEED), said(second + 0.1, "GPS_RAW_INT", SATELLITES)
        )
    for second in (15, 20, 40, 60):
        flight.at(second)
    flight.at(100, said(100, "VFR_HUD", SPEED))
    assert flight.branch_events() == []
    for second in range(101, 110):
        flight.at(second, said(second, "VFR_HUD", SPEED))
    assert flight.branch_events() == [("position.global", "GPS_RAW_INT", "live", "lost")]


def test_a_branch_that_grows_old_in_silence_is_put_again() -> None:
    """The bucket takes a state only if it is newer, and nothing has been heard meanwhile."""
    flight = Flight()
    for minute in range(4):
        flight.at(60 * minute, said(60 * minute, "SOIL", {"soil.moisture": 30.0}))
    flight.at(181, said(181, "GPS_RAW_INT", SATELLITES))
    told = [
        each.rank
        for second in (185, 190, 200, 215)
        for each in reduce(flight.state, [Silenced("v1", 0)], NOON + second * SECOND, PATIENCE)
        if isinstance(each, Stored)
    ]

    assert told == [1, 2]
    assert flight.state.liveness == "live"


def test_no_device_can_make_a_state_grow_without_end() -> None:
    """Signals that there is no room for are refused, and those that are known go on."""
    flight = Flight()
    for number in range(12):
        many = {f"soil.s{number}_{each}": 1.0 for each in range(100)}
        outcomes = reduce(flight.state, [Reported([said(number, "SOIL", many)])], NOON, PATIENCE)
        assert [type(each).__name__ for each in outcomes].count("Rejected") == (number > 9)
    known = flight.state.branches["soil"]
    assert sum(len(part.values) for part in known.all) == MOST_SIGNALS
    flight.at(13, said(13, "SOIL", {"soil.s0_0": 2.0}))
    assert flight.document["soil"]["s0_0"] == 2.0


def test_no_device_can_have_messages_without_end() -> None:
    """Each says the same signal: those that say nothing any more are forgotten."""
    flight = Flight()
    for number in range(100):
        flight.at(number, said(number, f"M{number}", {"soil.moisture": float(number)}))
    assert len(flight.state.branches["soil"].parts) <= MOST_MESSAGES
    assert flight.document["soil"] == {"moisture": 99.0}


def test_a_vehicle_whose_clock_is_known_tells_how_far_it_is_off() -> None:
    """As seconds that it is ahead; recordings and clocks that are not believed tell nothing."""
    flight = Flight()
    for second in range(50):
        at = NOON + second * SECOND
        flight.at(second, said(second, "VFR_HUD", SPEED, device_us=at + 2 * SECOND))
    assert flight.document["link"]["clock_skew"] == 2.0

    silent = Flight()
    silent.at(0, said(0, "VFR_HUD", SPEED, device_us=NOON, recorded=True))
    silent.at(1, said(1, "VFR_HUD", SPEED, device_us=NOON + 3600 * SECOND, clamped=True))
    assert "link" not in silent.document


def test_losses_are_told_by_source_and_component() -> None:
    """Each counts by itself; what has no numbers of its own has no figures."""
    flight = Flight()
    reports = []
    for number in range(100):
        more = {"system_id": 1, "component_id": 1 + number % 2, "source": f"udp:{number % 2}"}
        if number % 10:
            more["link_sequence"] = number // 2
            reports.append(said(number / 10, "VFR_HUD", SPEED, **more))
        reports.append(said(number / 10 + 0.01, "SOIL", {"soil.a": 1.0}, source="nats"))
    flight.at(10, *reports)
    link = flight.document["link"]

    # Every tenth is lost, and all of them on the first link: its first before any was heard.
    assert link["sources"] == {
        "udp:0": {"1": {"received": 40, "missed": 9, "recent_received": 40, "recent_missed": 9}},
        "udp:1": {"2": {"received": 50, "missed": 0, "recent_received": 50, "recent_missed": 0}},
    }
    assert link["loss"] == pytest.approx(100 * 9 / 99, abs=0.01)


def document_of(state: EntityState) -> dict[str, Any]:
    return msgspec.json.decode(document(state, PATIENCE))


PATHS = (
    "vfr.groundspeed", "vfr.airspeed", "position.global.latitude", "position.home.latitude",
    "soil.moisture", "soil.deep.moisture",
)  # fmt: skip
REPORTS = st.lists(
    st.tuples(
        st.sampled_from([0.001, 0.2, 0.7, 4.0, 6.0, 60.0, 400.0]),
        st.sampled_from(["VFR_HUD", "SOIL", "$KV", "HEARTBEAT"]),
        st.sets(st.sampled_from(PATHS)),
        st.sampled_from(["udp:1", "udp:1", "tcp:2"]),
        st.integers(0, 255),
    ),
    max_size=30,
)


def flown(many: list[tuple]) -> list[Report]:
    reports, second = [], 0.0
    for number, (pause, message, paths, source, link) in enumerate(many, 1):
        second += pause
        at = NOON + round(second * SECOND)
        values: dict[str, Any] = dict.fromkeys(sorted(paths), float(number))
        reports.append(
            Report(
                "v1", "north", message, number, at, at, values, {}, at + SECOND,
                link_sequence=link, system_id=1, component_id=1, source=source,
            )
        )  # fmt: skip
    return reports


@settings(max_examples=150)
@given(REPORTS, st.lists(st.integers(1, 30)))
def test_batches_mean_what_their_messages_mean_one_by_one(
    many: list[tuple], cuts: list[int]
) -> None:
    """Values, times, rates, losses: the state does not know how it was cut."""
    reports = flown(many)
    now = reports[-1].stored_us if reports else NOON
    apart, together = EntityState("v1"), EntityState("v1")
    for each in reports:
        reduce(apart, [Reported([each])], now, PATIENCE)
    left = list(reports)
    for size in [*cuts, len(reports)]:
        some, left = left[:size], left[size:]
        if some:
            reduce(together, [Reported(some)], now, PATIENCE)

    # What was told, and of whom first, depends on when it was looked at.
    for state in (apart, together):
        for branch in state.branches.values():
            for part in branch.all:
                part.told = "live"
        state.put_us, state.reason = 0, ""
    assert together == apart


@settings(max_examples=100)
@given(REPORTS, st.floats(0, 700))
def test_no_signal_is_told_live_that_was_not_heard_in_time(many: list[tuple], later: float) -> None:
    """Against a table of when each was said last: held or not, slow or not, left out or not."""
    reports = flown(many)
    if not reports:
        return
    state = EntityState("v1")
    reduce(state, [Reported(reports)], reports[-1].stored_us, PATIENCE)
    now = reports[-1].stored_us + round(later * SECOND)
    reduce(state, [Silenced("v1", 0)], now, PATIENCE)
    last = {path: each.stored_us for each in reports for path in each.values}

    for path, branch in state.branches.items():
        for part in branch.all:
            for leaf in part.values:
                assert part.seen_us == last[f"{path}.{leaf}"]
                if not part.held and part.liveness == "live":
                    longest = max(5 * SECOND, 3 * part.rate.period_us)
                    assert now - last[f"{path}.{leaf}"] < longest
    told = {leaf for branch in state.branches.values() for leaf in branch.values}
    assert told == {path.rpartition(".")[2] for path in last}


@settings(max_examples=60)
@given(REPORTS, st.integers(0, 30), st.floats(0, 100))
def test_whatever_was_made_before_a_document_is_the_same(
    many: list[tuple], stop: int, later: float
) -> None:
    """What is kept from one document to the next never shows: a copy without it says the same."""
    reports = flown(many)
    flight = Flight()
    for number, each in enumerate(reports):
        flight.at((each.stored_us - NOON) / SECOND, each)
        if number == stop:
            flight.at((each.stored_us - NOON) / SECOND + later)
        fresh = msgspec.msgpack.decode(msgspec.msgpack.encode(flight.state), type=EntityState)
        assert document_of(flight.state) == document_of(fresh)


@settings(max_examples=60)
@given(REPORTS)
def test_a_state_is_known_again_from_its_document(many: list[tuple]) -> None:
    """Values, times, sequences and periods; the flow goes on from there as it would have."""
    reports = flown(many)
    if not reports:
        return
    state = EntityState("v1")
    reduce(state, [Reported(reports)], reports[-1].stored_us, PATIENCE)
    document = document_of(state)
    known = recall("v1", msgspec.json.encode(document))
    assert known is not None

    assert document_of(known) == document
    for path, branch in state.branches.items():
        if branch.values:
            assert known.branches[path].values == branch.values
