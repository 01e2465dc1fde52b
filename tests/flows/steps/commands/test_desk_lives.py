"""Whatever is said, in whatever order and however often, and whenever the desk crashes."""

from contextlib import suppress
from typing import get_args

from desk_play import Play, at
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.ontology.commands import AnswerState, DecisionKind

IDS = ("c1", "c2", "c3", "c4")
ENTITIES = ("v1", "v2", "broadcast", "nobody")
KINDS = (
    ("hold", {}),
    ("land", {}),
    ("goto", {"latitude": 47.0, "longitude": 8.0}),
    ("goto", {"latitude": 48.0, "longitude": 8.0}),
    ("takeoff", {"altitude": 20}),
    ("arm", {}),
    ("reboot", {}),
    ("camera_zoom", {"zoom": 10}),
    ("camera_zoom", {}),
    ("dance", {}),
)
PEOPLE = ("ann", "bob", "cat")

asked = st.tuples(
    st.just("ask"),
    st.sampled_from(ENTITIES),
    st.sampled_from(IDS),
    st.sampled_from(KINDS),
    st.sampled_from(("low", "normal", "high", "emergency")),
    st.sampled_from(PEOPLE),
    st.booleans(),
)
decided = st.tuples(
    st.just("decide"),
    st.sampled_from(get_args(DecisionKind)),
    st.sampled_from(ENTITIES),
    st.sampled_from(IDS),
    st.sampled_from(PEOPLE),
)
answered = st.tuples(
    st.just("answer"), st.integers(0, 20), st.sampled_from(get_args(AnswerState)), st.booleans()
)
moments = st.one_of(
    st.tuples(st.just("document"), st.sampled_from(("v1", "v2")), st.floats(0, 30)),
    st.tuples(st.just("gone"), st.sampled_from(("v1", "v2"))),
    st.tuples(st.just("turn")),
    st.tuples(st.just("step"), st.integers(1, 5)),
    st.tuples(st.just("flush")),
    st.tuples(st.just("snapshot")),
    st.tuples(st.just("wait"), st.floats(0, 90)),
    st.tuples(st.just("crash"), st.integers(0, 12)),
    st.tuples(st.just("forget")),
)
acts = st.lists(st.one_of(asked, decided, answered, moments), max_size=40)


def play(acts: list) -> Play:
    played = Play()
    for entity in ("v1", "v2"):
        high(played, entity, 0.0)
    for act in acts:
        ACTS[act[0]](played, *act[1:])
    return played


def ask(played, entity, command_id, kind, priority, by, confirmed):  # noqa: PLR0917
    command, params = kind
    played.ask(
        entity, command, params=params, command_id=command_id, priority=priority,
        by={"id": by, "means": "person"}, confirmed=confirmed,
    )  # fmt: skip


def decide(played, kind, entity, command_id, by):
    named = {} if "control" in kind else {"command_id": command_id}
    played.decide(kind, entity, by={"id": by, "means": "person"}, **named)


def answer(played, n, state, twice):
    """An answer to any of what was delivered, or to what was not."""
    delivered = played.deliveries()
    for _ in range(2 if twice else 1):
        with suppress(IndexError):
            played.answer(delivered[n].command_id, state, delivered[n].entity_id)
            continue
        played.answer("c1", state)


def high(played, entity, height):
    said = {"stream_time": at(played.now).isoformat()}
    played.document(
        entity,
        position={"global": {"latitude": 47, "longitude": 8, "altitude_relative": height}},
        provenance={"position.global": said},
    )


ACTS = {
    "ask": ask,
    "decide": decide,
    "answer": answer,
    "document": high,
    "gone": Play.gone,
    "turn": Play.turn,
    "step": Play.step,
    "flush": Play.flush,
    "snapshot": Play.snapshot,
    "wait": Play.wait,
    "crash": Play.crash,
    "forget": lambda played: played.forget(),
}


@settings(deadline=None, max_examples=250, suppress_health_check=list(HealthCheck))
@given(acts)
def test_each_command_comes_to_one_end_and_is_delivered_once_at_most(acts):
    """By transitions of the table, whatever was lost, doubled, late, or said by the wrong one."""
    played = play(acts)
    played.turn()
    played.check()
    played.wait(10_000)
    played.check_end()
