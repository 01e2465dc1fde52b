"""A state becomes a document that others can read, and comes back out of it."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from messages import NOON, SECOND

from flows.ontology.depth import depth
from flows.ontology.entities import ENTITY_TYPES, Branch, EntityState, Part
from flows.ontology.held import holds
from flows.ontology.link import Link
from flows.ontology.rate import Patience, Rate
from flows.ontology.signals import SIGNALS, Signal
from flows.steps import document as writing
from flows.steps.document import RESERVED, foreign, merged, recall

VALUES = {
    "number": lambda signal: st.floats(signal.low, signal.high).map(lambda value: value + 0.0),
    "integer": lambda signal: st.integers(int(signal.low), int(signal.high)),
    "code": lambda signal: st.integers(int(signal.low), int(signal.high)),
    "flag": lambda _: st.booleans(),
    "text": lambda _: st.text(),
    "numbers": lambda signal: st.lists(st.floats(signal.low, signal.high), max_size=4),
}
BY_BRANCH: dict[str, list[Signal]] = {}
for each in SIGNALS:
    BY_BRANCH.setdefault(each.branch, []).append(each)
PATIENCE = Patience(5 * SECOND, 30 * SECOND)
MOMENTS = st.integers(0, 4_000_000_000 * SECOND)
TOKENS = st.from_regex(r"[A-Za-z0-9_=-]{1,20}", fullmatch=True)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
JSON = st.recursive(
    LEAVES | st.lists(LEAVES, max_size=3),
    lambda inner: st.dictionaries(st.text(), inner, min_size=1, max_size=3),
    max_leaves=6,
)
# Words of the tree itself, so that others and ourselves meet there.
WORDS = st.sampled_from(sorted({part for signal in SIGNALS for part in signal.path.split(".")}))
FOREIGN = st.dictionaries(
    (st.text() | WORDS).filter(lambda name: name not in RESERVED),
    st.recursive(
        JSON, lambda inner: st.dictionaries(WORDS | st.text(), inner, min_size=1), max_leaves=4
    ),
    max_size=4,
)


OWN = [
    Signal(f"soil.{leaf}", "1", kind, -100, 100, "")  # type: ignore[arg-type]
    for leaf, kind in (("moisture", "number"), ("label", "text"), ("layers", "numbers"))
]
PERIODS = st.sampled_from([0, 0, 500_000, 60 * SECOND, 12_345_678])


def document(state: EntityState) -> bytes:
    return writing.document(state, PATIENCE)


@st.composite
def part(draw: st.DrawFn, path: str, message: str, signals: list[Signal]) -> Part:
    seen_us, period_us = draw(MOMENTS), draw(PERIODS)
    liveness = draw(st.sampled_from(["live", "stale", "lost"]))
    return Part(
        message,
        draw(st.text(max_size=20)),
        seen_us,
        draw(st.none() | MOMENTS),
        draw(st.integers(0, 2**63 - 1)),
        draw(MOMENTS) if liveness == "live" else seen_us,
        {signal.leaf: draw(VALUES[signal.kind](signal)) for signal in signals},
        Rate(seen_us, period_us, period_us),
        liveness,
        liveness,
        all(holds(path, signal.leaf) for signal in signals),
    )


@st.composite
def branches(draw: st.DrawFn) -> dict[str, Branch]:
    """Each leaf in one part: of one message, of another, or left out since."""
    found = {}
    for path in draw(st.sets(st.sampled_from([*sorted(BY_BRANCH), "soil"]), max_size=4)):
        signals = BY_BRANCH.get(path, OWN)
        chosen = draw(st.lists(st.sampled_from(signals), min_size=1, unique_by=lambda s: s.path))
        shares: dict[str, list[Signal]] = {}
        for signal in chosen:
            message = draw(st.sampled_from(["VFR_HUD", "VFR_HUD", "$KV", "b", ""]))
            shares.setdefault(message, []).append(signal)
        branch = found[path] = Branch()
        for message, those in shares.items():
            if message:
                branch.parts[message] = draw(part(path, message, those))
            else:
                for signal in those:
                    branch.behind[signal.leaf] = draw(part(path, "VFR_HUD", [signal]))
    return found


LINKS = st.dictionaries(
    st.text(),
    st.dictionaries(
        st.integers(0, 255),
        st.builds(
            lambda received, missed: Link(
                received=received, missed=missed, recent_received=received, recent_missed=missed
            ),
            st.integers(2, 2**40),
            st.integers(0, 2**40),
        ),
        min_size=1,
        max_size=2,
    ),
    max_size=2,
)


@st.composite
def states(draw: st.DrawFn) -> EntityState:
    """Alive, so that its branches are judged by themselves; rates are as they are remembered."""
    state = draw(STATES)
    state.rate = Rate(state.heard_us, period := draw(PERIODS), period)
    state.live_us = state.since_us if state.liveness == "live" else 0
    return state


STATES = st.builds(
    EntityState,
    TOKENS,
    TOKENS,
    name=st.text(),
    entity_type=st.sampled_from(sorted(ENTITY_TYPES)),
    system_id=st.integers(0, 255),
    source=st.text(),
    recorded=st.booleans(),
    first_us=MOMENTS,
    heard_us=MOMENTS,
    liveness=st.just("live"),
    since_us=MOMENTS,
    reason=st.text(),
    branches=branches(),
    sequences=st.dictionaries(TOKENS, st.integers(0, 2**63 - 1), max_size=3),
    links=LINKS,
    skew_us=st.none() | st.integers(-(2**40), 2**40),
)


@settings(max_examples=40)
@given(states())
def test_a_state_comes_back_whole(state: EntityState) -> None:
    """All that telemetry said, and where and when; however it is spelled."""
    assert recall(state.entity_id, document(state)) == state


@settings(max_examples=40)
@given(states(), FOREIGN)
def test_what_others_put_stays_in_the_document(state: EntityState, theirs: dict[str, Any]) -> None:
    """A document made from what was recalled is the same, however often that is done."""
    state.foreign = theirs
    first = document(state)
    again = recall(state.entity_id, first)
    assert again is not None
    second = recall(state.entity_id, document(again))

    assert second == again
    assert pruned(msgspec.json.decode(document(again))) == pruned(msgspec.json.decode(first))


def pruned(tree: Any) -> Any:
    """Without branches that hold nothing."""
    if not isinstance(tree, dict):
        return tree
    kept = {name: pruned(value) for name, value in tree.items()}
    return {name: value for name, value in kept.items() if value != {}}


@settings(max_examples=40)
@given(states(), FOREIGN)
def test_telemetry_is_right_where_both_know_a_leaf(
    state: EntityState, theirs: dict[str, Any]
) -> None:
    """Whatever shape others have put in the place of a branch."""
    state.foreign = theirs
    read = msgspec.json.decode(document(state))

    for path, branch in state.branches.items():
        place = read
        for name in path.split("."):
            place = place[name]
        assert {leaf: place[leaf] for leaf in branch.values} == branch.values
    assert state.foreign == theirs


def state_with(theirs: dict[str, Any], **values: Any) -> EntityState:
    message = "GLOBAL_POSITION_INT"
    place = Branch({message: Part(message, "udp:14550", NOON, None, 7, NOON, values)})
    found = {"position.global": place} if values else {}
    return EntityState("v1", "north", branches=found, foreign=theirs, first_us=NOON, heard_us=NOON)


@pytest.mark.parametrize(
    "theirs",
    [
        {"position": "here"},
        {"position": None},
        {"position": [1, 2]},
        {"position": {"global": "there"}},
        {"position": {"global": {"latitude": {"degrees": 1}}}},
        {"position": {"global": {"latitude": "north"}}},
    ],
)
def test_a_shape_that_cannot_be_a_branch_gives_way(theirs: dict[str, Any]) -> None:
    """Only where telemetry has something to say; else it stays as it was put."""
    said = msgspec.json.decode(document(state_with(theirs, latitude=47.5)))
    silent = msgspec.json.decode(document(state_with(theirs)))

    assert said["position"]["global"]["latitude"] == 47.5
    assert silent["position"] == theirs["position"]


def test_what_another_program_adds_to_a_branch_of_ours_stays_its_own() -> None:
    """When it is put again, the newer is shown, also by a flow that began from the bucket."""
    ours = state_with(
        {"position": {"global": {"note": "old", "longitude": [{"a": 1}]}}}, latitude=1.5
    )
    known = recall("v1", document(ours))
    assert known is not None
    assert known.branches["position.global"].values == {"latitude": 1.5}
    known.foreign = merged(known.foreign, {"position": {"global": {"note": "new"}}})

    read = msgspec.json.decode(document(known))["position"]["global"]
    assert read == {"latitude": 1.5, "note": "new", "longitude": [{"a": 1}]}


def test_nobody_else_says_who_an_entity_is_or_how_it_is_alive() -> None:
    """What is ours to say is not taken over from others."""
    theirs = dict.fromkeys(RESERVED, "theirs") | {"mission": {"mode": "search"}}

    assert foreign(theirs) == {"mission": {"mode": "search"}}
    read = msgspec.json.decode(document(state_with(foreign(theirs))))
    assert "theirs" not in read.values()


def test_a_document_says_all_that_is_promised() -> None:
    """Its words are what dashboards and edge programs read."""
    hud = Part("VFR_HUD", "udp:14550", NOON, NOON - SECOND, 7, NOON - SECOND, {"heading": 90})
    state = EntityState(
        "v1", "north", "Tern", "aircraft_multirotor", 11, "udp:14550", False, NOON, NOON + SECOND,
        "live", NOON, "heard by udp:14550", {"vfr": Branch({"VFR_HUD": hud})},
        {"video_config": {"port": 1}}, {"CONSTELLATION_TELEMETRY": 7},
        rate=Rate(NOON, SECOND, SECOND), skew_us=-20_000,
        links={"udp:14550": {1: Link(9, 0, 1, 300, 4, 90, 10)}},
    )  # fmt: skip
    assert msgspec.json.decode(document(state)) == {
        "entity_id": "v1",
        "org_id": "north",
        "name": "Tern",
        "entity_type": "aircraft_multirotor",
        "status": "active",
        "priority": "normal",
        "is_live": True,
        "liveness": {
            "state": "live",
            "since": "2026-09-21T14:13:20Z",
            "reason": "heard by udp:14550",
            "period": 1.0,
        },
        "source": "udp:14550",
        "recorded": False,
        "system_id": 11,
        "first_seen": "2026-09-21T14:13:20Z",
        "last_seen": "2026-09-21T14:13:21Z",
        "video_config": {"port": 1},
        "vfr": {"heading": 90},
        "link": {
            "loss": 10.0,
            "clock_skew": -0.02,
            "sources": {
                "udp:14550": {
                    "1": {
                        "received": 300, "missed": 4, "recent_received": 90, "recent_missed": 10,
                    },
                },
            },
        },
        "provenance": {
            "vfr": {
                "state": "live",
                "since": "2026-09-21T14:13:19Z",
                "reason": "heard",
                "source": "udp:14550",
                "message": "VFR_HUD",
                "sequence": 7,
                "stream_time": "2026-09-21T14:13:20Z",
                "device_time": "2026-09-21T14:13:19Z",
            }
        },
        "sequences": {"CONSTELLATION_TELEMETRY": 7},
    }  # fmt: skip


def test_a_branch_has_the_record_of_what_is_least_fresh_in_it() -> None:
    """With whatever else feeds it beside that, and whose each signal is."""
    place = Part("GLOBAL_POSITION_INT", "udp:1", NOON, None, 7, NOON, {"latitude": 47.5})
    place.liveness = "stale"
    raw = Part("GPS_RAW_INT", "udp:1", NOON + 9 * SECOND, None, 9, NOON, {"satellites_visible": 9})
    once = Part("GPS_RAW_INT", "udp:1", NOON, None, 3, NOON, {"accuracy_h": 0.5})
    branch = Branch({"GPS_RAW_INT": raw, "GLOBAL_POSITION_INT": place}, {"accuracy_h": once})
    state = EntityState("v1", "north", branches={"position.global": branch}, liveness="live")
    read = msgspec.json.decode(document(state))

    assert read["position"]["global"] == {
        "latitude": 47.5, "satellites_visible": 9, "accuracy_h": 0.5,
    }  # fmt: skip
    record = read["provenance"]["position.global"]
    assert (record["state"], record["message"]) == ("stale", "GLOBAL_POSITION_INT")
    assert (record["leaves"], record["since"]) == (["latitude"], "2026-09-21T14:13:25Z")
    assert record["reason"] == "silent for 5 s"
    others = [(each["message"], each["state"], each["leaves"]) for each in record["messages"]]
    assert others == [
        ("GPS_RAW_INT", "live", ["satellites_visible"]),
        ("GPS_RAW_INT", "live", ["accuracy_h"]),
    ]
    assert [each.get("left_out") for each in record["messages"]] == [None, True]


@pytest.mark.parametrize(
    ("whole", "own", "told"),
    [
        ("live", "live", "live"),
        ("live", "lost", "lost"),
        ("stale", "live", "stale"),
        ("stale", "lost", "lost"),
        ("lost", "stale", "lost"),
    ],
)
def test_no_branch_is_fresher_than_its_entity(whole: Any, own: Any, told: str) -> None:
    """Its reason is that of whichever is less alive."""
    hud = Part("VFR_HUD", "udp:1", NOON, None, 7, NOON, {"heading": 90}, liveness=own)
    state = EntityState("v1", "north", branches={"vfr": Branch({"VFR_HUD": hud})})
    state.liveness, state.reason = whole, "its own"
    record = msgspec.json.decode(document(state))["provenance"]["vfr"]

    assert record["state"] == told
    assert (record["reason"] == "its own") == (told != own)


def test_a_record_that_was_made_once_follows_what_changes() -> None:
    """Whatever of it is kept, the document says what the state is."""
    hud = Part("VFR_HUD", "udp:1", NOON, None, 7, NOON, {"heading": 90})
    state = EntityState("v1", "north", branches={"vfr": Branch({"VFR_HUD": hud})})
    for liveness in ("live", "stale", "live", "lost", "live"):
        state.liveness = liveness
        record = msgspec.json.decode(document(state))["provenance"]["vfr"]
        assert record["state"] == liveness


OURS = msgspec.json.decode(document(state_with({}, latitude=47.5)))


@pytest.mark.parametrize(
    "damage",
    [
        *(dict.fromkeys([name]) for name in ("liveness", "sequences", "provenance")),
        {"entity_id": "v2"},
        {"first_seen": "yesterday"},
        {"provenance": {"position.global": {}}},
        {"provenance": {"vfr": OURS["provenance"]["position.global"]}},
        {"provenance": {"position.global.latitude": OURS["provenance"]["position.global"]}},
        {"liveness": "live"},
        {"position": "nowhere"},
    ],
)
def test_what_is_no_document_of_ours_is_not_recalled(damage: dict[str, Any]) -> None:
    """A field of another shape, or of another entity."""
    assert recall("v1", msgspec.json.encode(OURS)) is not None
    assert recall("v1", msgspec.json.encode(OURS | damage)) is None


@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"{}", b"\xff", b'"v1"', b"{" * 10_000])
def test_bytes_that_are_no_document_are_not_recalled(data: bytes) -> None:
    """Whatever they are."""
    assert recall("v1", data) is None


@settings(max_examples=40)
@given(FOREIGN, FOREIGN)
def test_merging_takes_the_newer_leaf_and_changes_neither_tree(
    known: dict[str, Any], newer: dict[str, Any]
) -> None:
    """Said again it changes nothing; whatever is newer is in the result."""
    copies = msgspec.json.encode([known, newer])
    both = merged(known, newer)

    assert merged(both, newer) == both
    assert merged({}, newer) == newer
    assert msgspec.json.encode([known, newer]) == copies
    assert set(both) == {*known, *newer}


@pytest.mark.parametrize(
    ("tree", "levels"),
    [(1, 1), ("[[", 1), ([], 1), ({}, 1), ([1], 2), ({"a": {"b": []}}, 3), ({"a": [{"b": 1}]}, 4)],
)
def test_levels_are_counted(tree: object, levels: int) -> None:
    """Of lists and of objects."""
    assert depth(tree) == levels


def test_levels_are_counted_however_many() -> None:
    """Without running out of stack."""
    tree: list[Any] = []
    for _ in range(100_000):
        tree = [tree]
    assert depth(tree) == 100_001
    while tree:  # Taken apart from the outside, since its end would recur as deep.
        tree = tree.pop()
