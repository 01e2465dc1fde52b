"""What was discarded unread is told, once, whoever reads on."""

import msgspec

from connectors.jetstream import Message
from connectors.publish import Publication
from flows.losses import publications

NOON = 1_790_000_000_000_000


def message(sequence: int, lost: int = 0) -> Message:
    return Message("TELEMETRY", "t.a", b"", sequence, NOON, None, lost)


def said(batch: list[Message], name: str = "history") -> list[Publication]:
    return [publication for _, publication in publications(name, "north", batch)]


def test_a_gap_is_an_event_that_says_what_is_missing() -> None:
    """First, last and how many, of which stream, and when it was noticed."""
    (event,) = said([message(1), message(9, lost=7), message(10)])

    assert event.subject == "constellation.events.loss.north.history"
    assert msgspec.json.decode(event.data) == {
        "event_type": "loss",
        "event_id": "loss:history:TELEMETRY:2-8",
        "flow": "history",
        "stream": "TELEMETRY",
        "first_sequence": 2,
        "last_sequence": 8,
        "messages": 7,
        "timestamp": "2026-09-21T14:13:20Z",
    }


def test_the_same_gap_has_the_same_identity() -> None:
    """So that a replay tells it once; another gap, or another flow's, has another."""
    gap, again, other = said([message(9, lost=7), message(9, lost=7), message(9, lost=6)])
    (others,) = said([message(9, lost=7)], "entities")

    assert gap == again
    assert len({gap.message_id, other.message_id, others.message_id}) == 3


def test_without_a_gap_there_is_nothing_to_tell() -> None:
    """And of several each is told."""
    assert said([message(1), message(2)]) == []
    assert len(said([message(5, lost=2), message(9, lost=3)])) == 2
