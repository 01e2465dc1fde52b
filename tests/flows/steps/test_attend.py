"""What of a batch is a sign of life, and when its entities are to be looked at again."""

from flows.ontology.entities import Documented, Erased, Recalled, Reported, Silenced
from flows.ontology.entry import REMEMBERED_US, Registered, Unearthed
from flows.ontology.telemetry import Report
from flows.steps.attend import attention
from flows.steps.silence import Alarm, Heard, shard

UNTIL, UNTIL_US = "2027-01-01T00:00:00Z", 1_798_761_600_000_000


def reported(entity: str, *stored_us: int) -> Reported:
    return Reported([Report(entity, "north", "VFR_HUD", at, at, at, {}, {}) for at in stored_us])


def registered(entity: str, event, **fields) -> Registered:
    return Registered(entity, "north", event, fields, 3, 100)


def test_what_an_entity_says_is_a_sign_of_life_as_often_as_it_says_it() -> None:
    """Telemetry, documents of others and what our own remembers, together for each."""
    batch = [
        reported("a", 5, 6),
        Documented("b", "north", "", "", {}, 4, 7),
        reported("a", 9),
        Recalled("c", b"{}", 4, 2, period_us=30),
    ]

    assert attention(batch) == [
        (shard("a"), Heard("a", 9, [5, 6])),
        (shard("b"), Heard("b", 7)),
        (shard("c"), Heard("c", 2, period_us=30)),
    ]


def test_what_is_registered_is_no_sign_of_life_but_may_have_an_end() -> None:
    """As may what our own document remembers, though the entity was never heard."""
    batch = [
        registered("a", "created", name="Gate"),
        registered("b", "updated", expires_at=UNTIL),
        registered("c", "updated", expires_at=None),
        Recalled("d", b"{}", 4, 0, expires_us=UNTIL_US),
        Silenced("e", 5),
        Erased("f", 5, 5),
    ]

    assert attention(batch) == [
        (shard("b"), Alarm("b", UNTIL_US)),
        (shard("d"), Alarm("d", UNTIL_US)),
    ]


def test_what_was_deleted_is_looked_at_when_it_may_be_forgotten() -> None:
    """Whether an event says so or the bucket."""
    batch = [registered("a", "deleted"), Unearthed("b", {}, 200)]

    assert attention(batch) == [
        (shard("a"), Alarm("a", 100 + REMEMBERED_US)),
        (shard("b"), Alarm("b", 200 + REMEMBERED_US)),
    ]
