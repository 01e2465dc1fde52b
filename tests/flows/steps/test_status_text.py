"""Status texts: whole, in parts, and with parts missing."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import NOON, SECOND
from pymavlink.dialects.v20 import all as dialect

from flows.ontology.entities import EntityState, Reported, Silenced, StatusText
from flows.ontology.severities import SEVERITIES
from flows.ontology.telemetry import Report
from flows.steps.reduce import Stored, reduce
from flows.steps.silence import Patience

PATIENCE = Patience(5 * SECOND, 30 * SECOND)
LONG = "PreArm: Compass 1 not healthy and the second one is not either, so it stays here"
FULL = "x" * 50


def said(
    sequence: int, at: float = 0, component: int = 1, role: str = "autopilot", **data
) -> Report:
    """A report of a status text, so many seconds after noon; what translation makes of it."""
    us = NOON + int(at * SECOND)
    whole = role == "autopilot" and not data.get("id")
    values = {"vehicle_status.message": data["text"]} if whole and data.get("text") else {}
    who = {"component_id": component, "role": role}
    return Report("v1", "north", "STATUSTEXT", sequence, us, us, values, data, **who)


def other(sequence: int, at: float) -> Report:
    us = NOON + int(at * SECOND)
    return Report("v1", "north", "VFR_HUD", sequence, us, us, {"vfr.heading": 1}, {})


def parts(text: str, identity: int, first: int, size: int = 50, **more) -> list[Report]:
    """A long text as autopilots cut it."""
    cut = [text[at : at + size] for at in range(0, len(text), size)]
    return [
        said(first + n, 0.01 * n, text=each, id=identity, chunk_seq=n, severity=4, **more)
        for n, each in enumerate(cut)
    ]


def told(reports: list[Report], batch: int = 1) -> tuple[list[StatusText], EntityState, dict]:
    """What is published of reports that come in batches, the state at the end, its document."""
    state = EntityState("v1")
    outcomes: list = []
    for at in range(0, len(reports), batch):
        some = reports[at : at + batch]
        outcomes.extend(reduce(state, [Reported(some)], some[-1].stored_us, PATIENCE))
    events = [each for each in outcomes if isinstance(each, StatusText)]
    documents = [
        msgspec.json.decode(each.document) for each in outcomes if isinstance(each, Stored)
    ]
    return events, state, documents[-1] if documents else {}


def test_the_severities_are_those_of_mavlink() -> None:
    """In their order, by their names."""
    theirs = {number: each.name for number, each in dialect.enums["MAV_SEVERITY"].items()}
    assert {n: f"MAV_SEVERITY_{word}" for n, word in enumerate(SEVERITIES)} == {
        number: name for number, name in theirs.items() if not name.endswith("ENUM_END")
    }


def test_a_whole_text_is_an_event_at_once() -> None:
    """With its severity as a number and as a word, and when it was said."""
    events, state, _ = told([said(7, 1.5, component=1, text="Crash: Disarming", severity=2)])

    assert events == [
        StatusText(
            "statustext", "statustext-v1-7", "v1", "north", 1, 2, "CRITICAL", "Crash: Disarming",
            complete=True, timestamp="2026-09-21T14:13:21.500000Z", recorded=False,
        )
    ]  # fmt: skip
    assert state.texts == {}


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_the_parts_of_a_text_become_one(batch: int) -> None:
    """However they are cut into batches; the state says it, too."""
    events, _, document = told([*parts(LONG, 9, 3), other(5, 1)], batch)

    assert [(each.text, each.complete, each.event_id) for each in events] == [
        (LONG, True, "statustext-v1-3")
    ]
    assert document["vehicle_status"]["message"] == LONG


def test_a_text_that_fills_its_parts_ends_with_an_empty_one() -> None:
    """Only what is not full is the last part."""
    whole = FULL + FULL
    events, *_ = told([*parts(whole, 9, 3), said(5, text="", id=9, chunk_seq=2, severity=4)])
    assert [each.text for each in events] == [whole]


LOST = [
    ("the first", [1, 2], f"\N{HORIZONTAL ELLIPSIS}{FULL}end"),
    ("the middle", [0, 2], f"{FULL}\N{HORIZONTAL ELLIPSIS}end"),
    ("the last", [0, 1], f"{FULL}{FULL}\N{HORIZONTAL ELLIPSIS}"),
]


@pytest.mark.parametrize(("which", "came", "text"), LOST, ids=[each[0] for each in LOST])
def test_what_is_missing_is_marked(which: str, came: list[int], text: str) -> None:
    """The rest is told all the same, once no more can come."""
    sent = parts(f"{FULL}{FULL}end", 9, 3)
    events, state, document = told([*(sent[n] for n in came), other(8, 5.2)])

    assert [(each.text, each.complete) for each in events] == [(text, False)]
    assert document["vehicle_status"]["message"] == text
    assert state.texts == {}


def test_another_text_ends_the_one_before() -> None:
    """Of the same component; another's does not."""
    begun = said(3, text=FULL, id=9, chunk_seq=0, severity=4)
    theirs = said(4, component=100, role="peripheral", text="mine", severity=6)
    next_one = said(5, text=FULL, id=10, chunk_seq=0, severity=3)
    whole = said(6, text="all of it", severity=3)
    events, _, document = told([begun, theirs, next_one, whole])

    assert [(each.component_id, each.text, each.event_id[-1]) for each in events] == [
        (100, "mine", "4"),
        (1, FULL + "\N{HORIZONTAL ELLIPSIS}", "3"),
        (1, FULL + "\N{HORIZONTAL ELLIPSIS}", "5"),
        (1, "all of it", "6"),
    ]
    assert document["vehicle_status"]["message"] == "all of it"


def test_a_part_that_comes_twice_is_one_part() -> None:
    """As over two links."""
    first, second = parts(LONG, 9, 3)
    again = said(4, text=LONG[:50], id=9, chunk_seq=0, severity=4)
    second.sequence = 5
    events, *_ = told([first, again, second])
    assert [each.text for each in events] == [LONG]


def test_silence_ends_a_text() -> None:
    """The vehicle may have been switched off in the middle of it."""
    _, state, _ = told([said(3, text=FULL, id=9, chunk_seq=0, severity=4)])
    outcomes = reduce(state, [Silenced("v1", NOON)], NOON + 6 * SECOND, PATIENCE)

    said_then = [each for each in outcomes if isinstance(each, StatusText)]
    assert [(each.text, each.complete) for each in said_then] == [
        (FULL + "\N{HORIZONTAL ELLIPSIS}", False)
    ]


def test_what_a_companion_says_is_not_what_the_vehicle_says() -> None:
    """It is an event of its component, and no more."""
    events, _, document = told(
        [said(3, component=191, role="peripheral", text="ready", severity=6)]
    )

    assert [(each.component_id, each.text) for each in events] == [(191, "ready")]
    assert "vehicle_status" not in document


def test_a_log_that_is_read_again_says_the_same_under_the_same_name() -> None:
    """So that the stream takes it once."""
    reports = [*parts(LONG, 9, 3), said(5, text="whole", severity=1)]
    assert told(reports)[0] == told(reports, 3)[0]
    state = told(reports)[1]
    assert not any(
        isinstance(each, StatusText) for each in reduce(state, [Reported(reports)], NOON, PATIENCE)
    )


ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=80)
    | st.floats()
    | st.lists(st.integers())
)
TEXTS = st.fixed_dictionaries(
    {},
    optional={
        "text": st.text(max_size=80) | ANYTHING,
        "severity": st.integers(-1, 9) | ANYTHING,
        "id": st.integers(0, 2) | ANYTHING,
        "chunk_seq": st.integers(0, 3) | ANYTHING,
    },
)


@given(
    st.lists(st.tuples(TEXTS, st.integers(-(2**31), 2**31 - 1) | st.integers(0, 1)), max_size=12)
)
def test_whatever_is_said_is_bounded_and_told_once(many) -> None:
    """No two events have one name, and what waits is no more than a text of each component."""
    reports = [
        Report("v1", "north", "STATUSTEXT", n + 1, NOON + n, NOON + n, {}, data, component_id=whose)
        for n, (data, whose) in enumerate(many)
    ]
    events, state, _ = told(reports)

    assert len({each.event_id for each in events}) == len(events)
    assert all(0 < len(each.text) <= 1025 for each in events)
    assert len(state.texts) <= len({whose for _, whose in many})
    msgspec.json.encode(events)
