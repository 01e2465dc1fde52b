"""What is read of the stream of commands: liberally of clients, and never so that it raises."""

import msgspec
import pytest
from desk_play import NOON, SECOND
from hypothesis import given
from hypothesis import strategies as st

from connectors.jetstream import Message
from flows.ontology import subjects
from flows.ontology.command_desk import Answered, Asked, Decided, Departed, Echo, Passed
from flows.ontology.commands import MOST_REQUEST_BYTES, STREAM
from flows.ontology.telemetry import moment
from flows.ontology.wire import Rejected
from flows.steps.commands.hear import MOST_ANSWER_BYTES, departed, hear

HEARD = {"command": "hold", "command_id": "c1"}


def said(body: object, part: str = "", entity: str = "v1", **more: object) -> Message:
    data = body if isinstance(body, bytes) else msgspec.json.encode(body)
    subject = more.pop("subject", subjects.command("north", entity, part))
    return Message(STREAM, subject, data, 7, NOON, more.pop("headers", None))


def asked(body: object, **more: object):
    told = hear(said(body, **more), 0)
    assert isinstance(told, Asked), told
    return told.request


SPELLED = [
    {"command": "goto", "params": {"x": 1}},
    {"action": "goto", "parameters": {"x": 1}},
    {"type": "goto", "args": {"x": 1}},
    {"name": "goto", "params": None, "args": {"x": 1}},
]


@pytest.mark.parametrize("body", SPELLED)
def test_a_client_of_nats_may_spell_it_as_it_likes(body):
    """Organisation and entity are those of the subject."""
    request = asked(body)

    assert (request.command, request.params) == ("goto", {"x": 1})
    assert (request.org_id, request.entity_id, request.by.means) == ("north", "v1", "nats")
    assert request.requested_at == moment(NOON)


def test_who_asks_over_nats_is_nobody_in_particular():
    """Whatever it says of itself, and of whose part it is."""
    request = asked({**HEARD, "by": {"id": "admin", "means": "person"}, "parent_id": "p"})

    assert (request.by.id, request.by.means, request.parent_id) == ("nats", "nats", "")


def test_the_web_is_believed_who_asks():
    """It speaks where nobody else may."""
    body = {
        **HEARD, "org_id": "north", "entity_id": "v1", "by": {"id": "ann", "means": "person"},
        "parent_id": "p",
    }  # fmt: skip
    request = asked(body, part=subjects.REQUEST)

    assert (request.by.id, request.by.means, request.parent_id) == ("ann", "person", "")


IDENTIFIED = [
    ({"command_id": "mine"}, {"Nats-Msg-Id": "other"}, "mine"),
    ({}, {"Nats-Msg-Id": "other"}, "other"),
]


@pytest.mark.parametrize(("more", "headers", "expected"), IDENTIFIED)
def test_a_command_is_called_as_its_body_or_its_message_says(more, headers, expected):
    """So that a retry is the same."""
    assert asked({"command": "hold", **more}, headers=headers).command_id == expected


def test_one_that_nobody_named_is_called_by_its_place_in_the_stream():
    """Read again it is the same; a message id that can be no id makes one."""
    nameless = asked({"command": "hold"})
    assert nameless.command_id == asked({"command": "hold"}).command_id
    odd = [asked({"command": "hold"}, headers={"Nats-Msg-Id": text}) for text in ("a b", "c.d")]
    assert len({nameless.command_id, *(each.command_id for each in odd)}) == 3


TIMES = [
    ("2026-09-21T15:00:00Z", NOON + 2800 * SECOND),
    (NOON // SECOND + 60, NOON + 60 * SECOND),
    (NOON / SECOND + 0.5, NOON + SECOND // 2),
    (1e300, NOON + 3600 * SECOND),
    (-5, 0),
    ("9999-12-31T23:59:59-12:00", NOON + 3600 * SECOND),
]


@pytest.mark.parametrize(("expires_at", "expected"), TIMES)
def test_until_when_may_be_a_time_or_a_number(expires_at, expected):
    """Within an hour."""
    assert asked({**HEARD, "expires_at": expires_at}).expires_at == moment(expected)


REFUSED = [
    ("request", said(b"{")),
    ("request", said(b"[]")),
    ("request", said({})),
    ("request", said({"command": ""})),
    ("request", said({"command": 5})),
    ("request", said({"command": "x" * 65})),
    ("request", said({"command": "a\nb"})),
    ("request", said({**HEARD, "command_id": "a.b"})),
    ("request", said({**HEARD, "command_id": 5})),
    ("request", said({**HEARD, "org_id": "south"})),
    ("request", said({**HEARD, "entity_id": "v2"})),
    ("request", said({**HEARD, "params": [1]})),
    ("request", said(b'{"command": "hold", "params": {"x": 1%s}}' % (b"0" * 400))),
    ("request", said(b'{"command": "hold", "params": {"x": ' + b"[" * 50 + b"]" * 50 + b"}}")),
    ("request", said(b'{"command": ' * 5000)),
    ("request", said({**HEARD, "priority": "urgent"})),
    ("request", said({**HEARD, "expires_at": True})),
    ("request", said({**HEARD, "expires_at": "soon"})),
    ("request", said({**HEARD, "entities": "v1"})),
    ("request", said({**HEARD, "entities": [5]})),
    ("request", said({**HEARD, "entities": ["a b"]})),
    ("request", said({**HEARD, "entities": [f"v{n}" for n in range(1001)]})),
    ("request", said(b" " * (MOST_REQUEST_BYTES + 1))),
    ("request", said(HEARD, subject="constellation.commands.north")),
    ("request", said(HEARD, subject="constellation.commands.north.v1.status.x")),
    ("request", said(HEARD, subject="constellation.commands.north.v1.other")),
    ("request", said(HEARD, subject="constellation.other.north.v1")),
    ("request", said(HEARD, part=subjects.REQUEST)),
    ("decision", said({"decision_id": "d", "kind": "explode"}, part=subjects.DECISION)),
    (
        "decision",
        said(
            {"decision_id": "d", "kind": "cancel", "org_id": "south", "entity_id": "v1"},
            part=subjects.DECISION,
        ),
    ),
    ("answer", said({"command_id": "c1", "state": "maybe"}, part=subjects.ACK)),
    ("answer", said({"command_id": "c1"}, part=subjects.ACK)),
    ("answer", said(b" " * (MOST_ANSWER_BYTES + 1), part=subjects.ACK)),
    (
        "answer",
        said(
            b'{"command_id": "c1", "state": "failed", "result": {"x": 1%s}}' % (b"0" * 40),
            part=subjects.ACK,
        ),
    ),
]


@pytest.mark.parametrize(("step", "message"), REFUSED)
def test_what_cannot_be_read_is_refused(step, message):
    """By which step, and with its place."""
    told = hear(message, 0)

    assert isinstance(told, Rejected)
    assert (told.step, told.sequence, told.subject) == (step, 7, message.subject)


def test_answers_are_within_bounds():
    """Percent, one line, and no more of it than is told."""
    body = {"command_id": "c1", "state": "progress", "progress": 5e9, "reason": "a\nb" * 200}
    told = hear(said(body, part=subjects.ACK), 0)

    assert isinstance(told, Answered)
    assert (told.entity_id, told.answer.progress, told.answer.reason[:3]) == ("v1", 100.0, "a b")
    assert len(told.answer.reason) <= 255


def test_what_was_said_here_is_heard_until_it_began_and_passed_over_then():
    """It knows it."""
    status = {
        "command_id": "c1", "org_id": "north", "entity_id": "v1", "command": "hold", "number": 1,
        "state": "requested", "previous": None, "at": "2026-09-21T15:00:00Z",
        "requested_at": "2026-09-21T15:00:00Z", "expires_at": "2026-09-21T15:00:00Z",
    }  # fmt: skip
    for part in (subjects.STATUS, subjects.DELIVER):
        assert hear(said(b"whatever", part=part), 6) == Passed(7)
    assert isinstance(hear(said(status, part=subjects.STATUS), 7), Echo)
    control = {
        "org_id": "north", "entity_id": "v1", "number": 1, "at": "2026-09-21T15:00:00Z",
    }  # fmt: skip
    assert isinstance(hear(said(control, part=subjects.STATUS), 7), Echo)
    assert isinstance(hear(said(control, part=subjects.STATUS, entity="v2"), 7), Rejected)


def test_of_organisations_only_that_they_go_is_heard():
    """And nothing that is no event."""
    gone = said({"id": "north"}, subject="constellation.organizations.deleted")
    assert departed(gone) == Departed("north", NOON)
    for subject, body in (("deleted", b"{"), ("deleted", b"[]"), ("updated", b'{"id": "x"}')):
        assert departed(said(body, subject=f"constellation.organizations.{subject}")) is None


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
KEYS = (
    "command", "action", "params", "args", "command_id", "org_id", "entity_id", "expires_at",
    "priority", "reason", "confirmed", "forced", "entities", "by", "kind", "decision_id", "state",
    "progress", "result", "number", "at", "previous", "requested_at",
)  # fmt: skip
bodies = st.one_of(
    st.binary(max_size=60),
    values.map(msgspec.json.encode),
    st.dictionaries(st.sampled_from(KEYS), values).map(msgspec.json.encode),
)
tokens = st.sampled_from(("north", "v1", "broadcast", "", "*", ">", "a b", "é", "x" * 200))
parts = st.sampled_from(("", *subjects.COMMAND_PARTS, "other", "status.x"))


@given(bodies, tokens, tokens, parts, st.sampled_from((0, 7)))
def test_no_message_raises(data, organization, entity, part, began):
    """Whatever is said, wherever."""
    told = hear(said(data, subject=subjects.command(organization, entity, part)), began)

    assert isinstance(told, Asked | Decided | Answered | Echo | Passed | Rejected)
    # What is remembered can be written down.
    if not isinstance(told, Rejected):
        msgspec.msgpack.encode(told)
        msgspec.json.encode(told)
