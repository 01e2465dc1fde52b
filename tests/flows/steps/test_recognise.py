"""Documents in the bucket: those of other programs, in every form, and our own."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import NOON, SECOND, stored

from connectors.jetstream import Message
from flows.ontology.entities import Documented, EntityState, Erased, Recalled
from flows.ontology.rate import Patience, Rate
from flows.ontology.wire import Rejected
from flows.steps.document import document
from flows.steps.recognise import MOST_BYTES, MOST_LEVELS, read_document, recall_document

PREFIX = "$KV.CONSTELLATION_GLOBAL_STATE."
PULSAR = {
    "entity_id": "v1",
    "org_id": "north",
    "name": "Tern",
    "entity_type": "aircraft_multirotor",
    "status": "active",
    "is_live": True,
    "position": {"global": {"latitude": 47.5, "heading": 90}},
    "detections": {"objects": {"t1": {"label": "boat", "confidence": 0.9}}},
}
FLAT = {"entity_id": "v1", "latitude": 473_977_418, "vehicle_type": "MAV_TYPE_QUADROTOR"}


def put(
    body: object, key: str = "v1", headers: dict[str, str] | None = None
) -> Documented | Erased | Rejected | None:
    return read_document(stored(body, PREFIX + key, headers), "north")


@pytest.mark.parametrize(
    ("key", "body", "kept"),
    [
        ("v1", {}, {}),
        ("v1", {"entity_id": None, "org_id": "", "note": 1}, {"note": 1}),
        ("v1", PULSAR, {"detections": PULSAR["detections"]}),
        ("entity:v1", {"note": 1}, {"note": 1}),
        ("v1.mavlink", FLAT, {"mavlink": FLAT}),
        ("v1.detections.objects", {"t1": {}}, {"detections": {"objects": {"t1": {}}}}),
        (
            "v1.detections.objects",
            [{"class": "boat"}],
            {"detections": {"objects": [{"class": "boat"}]}},
        ),
        ("v1.analytics.summary", {"total": 1}, {"analytics": {"summary": {"total": 1}}}),
        (
            "v1.c4isr.threat_intelligence",
            {"alert_level": "low"},
            {"c4isr": {"threat_intelligence": {"alert_level": "low"}}},
        ),
    ],
)
def test_every_key_and_document_is_read(key: str, body: object, kept: dict[str, object]) -> None:
    """The branch of a longer key is a place in the document."""
    found = put(body, key)

    assert isinstance(found, Documented)
    assert (found.entity_id, found.keeper, found.document) == ("v1", "north", kept)
    assert (found.sequence, found.stored_us) == (7, NOON)


@pytest.mark.parametrize("spelling", ["org_id", "organization_id"])
def test_a_document_says_whose_it_is_or_not(spelling: str) -> None:
    """Whether that is right is known where the entity is."""
    said, unsaid = put({spelling: "south"}), put({})

    assert isinstance(said, Documented)
    assert isinstance(unsaid, Documented)
    assert (said.org_id, unsaid.org_id) == ("south", "")


def test_signals_of_the_tree_are_told_from_the_rest() -> None:
    """Each by its path, and in its unit, whatever the key."""
    whole, flat = put(PULSAR), put(FLAT, "v1.mavlink")
    assert isinstance(whole, Documented)
    assert isinstance(flat, Documented)

    assert whole.values == {"position.global.latitude": 47.5, "position.global.heading": 90.0}
    assert flat.values == {
        "position.global.latitude": 47.3977418,
        "vehicle_status.vehicle_type": 2,
    }


def test_a_document_that_was_made_from_one_of_ours_says_from_which() -> None:
    """By the sequences of its branches; whatever else stands there."""
    copied = put({"provenance": {"vfr": {"sequence": 5}, "power": {"sequence": "5"}, "a": 1}})
    odd = put({"provenance": [1]})
    assert isinstance(copied, Documented)
    assert isinstance(odd, Documented)

    assert (copied.copied, odd.copied) == ({"vfr": 5}, {})


def test_names_and_types_are_taken_where_they_are_texts() -> None:
    """And cut where they are too long for one."""
    named = put(PULSAR)
    odd = put({"name": 5, "entity_type": ["a"]})
    long = put({"name": "x" * 1000})
    assert isinstance(named, Documented)
    assert isinstance(odd, Documented)
    assert isinstance(long, Documented)
    assert (named.name, named.entity_type) == ("Tern", "aircraft_multirotor")
    assert (odd.name, odd.entity_type) == ("", "")
    assert len(long.name) == 128


@pytest.mark.parametrize(
    "headers",
    [{"KV-Operation": "DEL"}, {"KV-Operation": "PURGE"}, {"Nats-Marker-Reason": "MaxAge"}],
)
def test_a_deleted_document_is_told_and_a_deleted_branch_says_nothing(
    headers: dict[str, str],
) -> None:
    """An entity goes by its registration, not by its document."""
    assert put(b"", headers=headers) == Erased("v1", 7, NOON)
    assert put(b"", "v1.mavlink", headers) is None
    assert put(b"", "a b", headers) is None


HOSTILE: list[tuple[str, object, str]] = [
    ("v1.unheard.of", {}, "no entity has the key 'v1.unheard.of'"),
    ("a b", {}, "no entity has the key"),
    ("", {}, "no entity has the key"),
    ("x" * 129, {}, "no entity has the key"),
    ("v1", b"", "not a document"),
    ("v1", b"\xff", "not a document"),
    ("v1", b'{"a": NaN}', "not a document"),
    ("v1", b'{"a": ' + b"9" * 30 + b"}", "not a document"),
    ("v1", b"[" * 50_000 + b"]" * 50_000, "not a document"),
    ("v1", b"[" * 100 + b"]" * 100, f"a document of more than {MOST_LEVELS} levels"),
    ("v1", b'{"a": "' + b"x" * MOST_BYTES + b'"}', "a document of 262153 bytes is too large"),
    ("v1", [], "a document must be an object"),
    ("v1", None, "a document must be an object"),
    ("v1", "text", "a document must be an object"),
    ("v1", {"entity_id": "v2"}, "put for v1, but of 'v2'"),
    ("v1", {"entity_id": 1}, "put for v1, but of '1'"),
    ("v1", {"org_id": "a.b"}, "put for north, but of 'a.b'"),
    ("v1", {"org_id": ["north"]}, "put for north, but of"),
]


@pytest.mark.parametrize(("key", "body", "reason"), HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_document_is_refused(key: str, body: object, reason: str) -> None:
    """With its reason and its place."""
    found = put(body, key)

    assert isinstance(found, Rejected)
    assert found.reason.startswith(reason)
    assert (found.step, found.sequence, found.subject) == ("recognise", 7, PREFIX + key)


@given(st.binary() | st.dictionaries(st.text(), st.integers() | st.text()).map(msgspec.json.encode))
def test_whatever_is_put_is_read_or_refused_and_can_be_kept(data: bytes) -> None:
    """What is read fits into the form in which states are remembered."""
    found = put(data)
    assert found is not None
    if isinstance(found, Documented):
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(found.document)) == found.document


def test_our_own_document_is_recalled_with_when_it_was_heard() -> None:
    """It is not read until it is known to be wanted."""
    patience = Patience(5 * SECOND, 30 * SECOND)
    rate = Rate(NOON, 60 * SECOND, 60 * SECOND)
    state = EntityState("v1", "north", first_us=NOON, heard_us=NOON + 5, rate=rate)
    own = document(state, patience)
    message = stored(own, PREFIX + "v1")

    assert recall_document(message) == Recalled("v1", own, 7, NOON + 5, 60 * SECOND)


@pytest.mark.parametrize("data", [b"", b"\xff", b"{}", b'{"last_seen": 1}', b"[" * 100_000])
def test_a_damaged_document_of_ours_is_refused(data: bytes) -> None:
    """With its beginning."""
    message: Message = stored(data, PREFIX + "v1")
    found = recall_document(message)
    assert isinstance(found, Rejected)
    assert found.reason.startswith("not a document of ours")
    assert found.data == data[:4096]
