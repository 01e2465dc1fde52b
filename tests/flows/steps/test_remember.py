"""Two memories of an entity become one, whichever comes first."""

import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.ontology.entities import Branch, EntityState, Part
from flows.ontology.entry import Entry
from flows.ontology.link import Link
from flows.ontology.rate import Rate
from flows.ontology.registry import STREAM as ENTITIES
from flows.ontology.subjects import BUCKET_STREAM
from flows.steps.remember import remember

TELEMETRY = "CONSTELLATION_TELEMETRY"
PATHS = ("vfr", "power")


def branch(sequence: int, **values: Any) -> Branch:
    return Branch({"VFR_HUD": Part("VFR_HUD", "udp:1", sequence, None, sequence, 0, values)})


def state(**more: Any) -> EntityState:
    fields: dict[str, Any] = {
        "entity_id": "v1",
        "org_id": "north",
        "name": "Copter 1",
        "entity_type": "aircraft_multirotor",
        "system_id": 1,
        "source": "udp:1",
        "first_us": 100,
        "heard_us": 200,
        "liveness": "stale",
        "since_us": 150,
        "reason": "silent for 5 s",
    }
    return EntityState(**(fields | more))


def test_a_state_that_knows_nothing_takes_all_over() -> None:
    """As when a flow begins without its files."""
    known = state(
        branches={"vfr": branch(5, groundspeed=1.0)},
        foreign={"note": "a"},
        sequences={TELEMETRY: 5, BUCKET_STREAM: 2},
    )
    empty = EntityState("v1")

    assert remember(empty, copy.deepcopy(known)) is True
    assert empty == known


def test_what_has_been_heard_meanwhile_is_newer() -> None:
    """Leaf by leaf; what only one of them knows stays."""
    now = state(
        source="udp:2",
        first_us=150,
        heard_us=300,
        liveness="live",
        branches={"vfr": branch(9, groundspeed=9.0)},
        sequences={TELEMETRY: 9},
    )
    known = state(
        branches={"vfr": branch(5, groundspeed=5.0, heading=90), "power": branch(4, voltage=12.0)},
        sequences={TELEMETRY: 5, BUCKET_STREAM: 2},
    )
    remember(now, known)

    assert now.branches["vfr"].values == {"groundspeed": 9.0, "heading": 90}
    assert now.branches["vfr"].parts["VFR_HUD"].sequence == 9
    assert now.branches["vfr"].behind["heading"].sequence == 5
    assert now.branches["power"].values == {"voltage": 12.0}
    assert (now.first_us, now.heard_us, now.liveness, now.source) == (100, 300, "live", "udp:2")
    assert now.sequences == {TELEMETRY: 9, BUCKET_STREAM: 2}


@pytest.mark.parametrize(("known_at", "note"), [(3, "known"), (1, "mine"), (2, "mine")])
def test_of_what_others_put_the_later_is_right(known_at: int, note: str) -> None:
    """By the sequence of the bucket."""
    mine = state(foreign={"note": "mine", "a": 1}, sequences={BUCKET_STREAM: 2})
    remember(mine, state(foreign={"note": "known", "b": 2}, sequences={BUCKET_STREAM: known_at}))
    assert mine.foreign == {"note": note, "a": 1, "b": 2}


@pytest.mark.parametrize("told", [False, True])
def test_a_vehicle_that_has_said_what_it_is_keeps_its_name(told: bool) -> None:  # noqa: FBT001
    """Else the name that was known is better than one that was made up."""
    values = {"vehicle_type": 2} if told else {"mode": "LOITER"}
    now = state(name="Vehicle 1", branches={"vehicle_status": branch(9, **values)})
    remember(now, state(name="Tern"))
    assert now.name == ("Vehicle 1" if told else "Tern")


def entry(revision: int) -> Entry:
    return Entry(revision, 100, revision, {"name": f"N{revision}"})


@pytest.mark.parametrize(("mine", "known", "revision"), [(3, 5, 5), (5, 3, 5), (0, 3, 3)])
def test_what_was_registered_later_is_right(mine: int, known: int, revision: int) -> None:
    """By the sequence of the event."""
    now = state(entry=entry(mine) if mine else None, sequences={ENTITIES: mine})
    remember(now, state(entry=entry(known), sequences={ENTITIES: known}))
    assert (now.entry, now.sequences) == (entry(revision), {ENTITIES: revision})


def test_what_was_deleted_is_not_remembered() -> None:
    """Whichever of the two knows of it; what was heard since stays."""
    old = state(branches={"vfr": branch(5, a=1)}, entry=entry(3), sequences={ENTITIES: 3})
    old.heard_us = 250
    since = state(
        branches={"power": branch(290, voltage=12.0)},
        first_us=290,
        heard_us=290,
        buried_us=280,
        sequences={TELEMETRY: 9, ENTITIES: 4},
    )
    for now, known in ((old, since), (since, old)):
        mine = copy.deepcopy(now)
        remember(mine, copy.deepcopy(known))
        assert mine.branches.keys() == {"power"}
        assert (mine.entry, mine.buried_us, mine.first_us) == (None, 280, 290)
        assert mine.sequences == {TELEMETRY: 9, ENTITIES: 4}


STATES = st.builds(
    state,
    heard_us=st.integers(100, 300),
    # A message has one content: the sequence tells what a leaf holds.
    branches=st.dictionaries(
        st.sampled_from(PATHS),
        st.builds(
            lambda sequence, leaf: branch(sequence, **{leaf: sequence}),
            st.integers(1, 20),
            st.sampled_from(("a", "b")),
        ),
    ),
    sequences=st.dictionaries(st.sampled_from((TELEMETRY, BUCKET_STREAM)), st.integers(1, 20)),
)


@given(STATES, STATES)
def test_remembering_the_same_again_changes_nothing(mine: EntityState, known: EntityState) -> None:
    """And no sequence and no time ever goes back."""
    before = copy.deepcopy(mine)
    remember(mine, copy.deepcopy(known))
    once = msgspec.msgpack.encode(mine)

    assert remember(mine, copy.deepcopy(known)) is False
    assert msgspec.msgpack.encode(mine) == once
    for each in (before, known):
        assert mine.heard_us >= each.heard_us
        assert mine.first_us <= each.first_us
        for stream, last in each.sequences.items():
            assert mine.sequences[stream] >= last
        for path, old in each.branches.items():
            for message, part in old.parts.items():
                assert mine.branches[path].parts[message].sequence >= part.sequence
            assert old.values.keys() <= mine.branches[path].values.keys()


def test_what_was_learned_is_not_forgotten() -> None:
    """Rates, losses and the clock: of whoever knows them, and of the links the longer count."""
    minute, fresh = 60_000_000, Rate(300)
    known = state(
        rate=Rate(200, minute, minute),
        skew_us=5,
        links={"udp:1": {1: Link(received=50, missed=5)}, "udp:2": {1: Link(received=9)}},
        branches={"vfr": branch(5, groundspeed=5.0)},
    )
    known.branches["vfr"].parts["VFR_HUD"].rate = Rate(200, minute, minute)
    now = state(
        rate=fresh,
        links={"udp:1": {1: Link(7, 1, 1, 2, 0)}},
        branches={"vfr": branch(9, groundspeed=9.0)},
    )
    remember(now, known)

    assert now.rate == Rate(300, 0, minute)
    assert now.branches["vfr"].parts["VFR_HUD"].rate.period_us == minute
    assert now.skew_us == 5
    assert now.links["udp:1"][1] == Link(7, 1, 1, 50, 5)
    assert now.links["udp:2"][1].received == 9


@given(STATES, STATES)
def test_the_order_of_two_memories_does_not_matter_to_what_is_known(
    mine: EntityState, known: EntityState
) -> None:
    """Each leaf is that which was heard later, and in one place only."""
    one, other = copy.deepcopy(mine), copy.deepcopy(known)
    remember(one, copy.deepcopy(known))
    remember(other, copy.deepcopy(mine))

    for path in one.branches.keys() | other.branches.keys():
        parts = one.branches[path].all
        leaves = [leaf for part in parts for leaf in part.values]
        assert len(leaves) == len(set(leaves))
        assert one.branches[path].values == other.branches[path].values
        sources = [{leaf: part.sequence for part in each.branches[path].all for leaf in part.values}
                   for each in (one, other)]  # fmt: skip
        assert sources[0] == sources[1]
