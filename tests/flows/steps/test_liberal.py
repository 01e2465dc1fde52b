"""What is read at once could as well be read with patience: both ways come to the same."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import NOON, stored

from connectors.jetstream import Message
from flows.ontology.telemetry import Envelope
from flows.ontology.wire import Rejected
from flows.steps import decode, liberal

PREFIX = "constellation.telemetry."
VARIANTS = [
    each
    for file in sorted((Path(__file__).parents[2] / "golden" / "variants").glob("*.json"))
    for each in json.loads(file.read_bytes())
]
MEMBERS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(
        ("entity_id", "drone_id", "device_id", "agent_id"), st.sampled_from(["v1", "v2", "", None])
    ),
    **dict.fromkeys(("org_id", "organization_id"), st.sampled_from(["north", "south", "", None])),
    **dict.fromkeys(
        ("message_type", "msg_name"),
        st.sampled_from(["HEARTBEAT", "Heartbeat", "vfr_hud", "ParamValue", "Report", "", None]),
    ),
    **dict.fromkeys(
        ("message_id", "msg_id", "system_id", "component_id", "sequence"),
        st.none() | st.integers(-(2**31), 2**31 - 1),
    ),
    **dict.fromkeys(
        ("data", "fields"),
        st.none()
        | st.dictionaries(
            st.sampled_from(["type", "heading", "altitude", "x"]), st.none() | st.integers()
        ),
    ),
    **dict.fromkeys(
        ("timestamp", "timestamp_relay", "timestamp_device"),
        st.sampled_from([None, 0, 1_790_000_000, "2026-09-21T14:13:19Z", 12.5]),
    ),
    "role": st.sampled_from(["autopilot", "peripheral"]),
    "source": st.sampled_from([None, "", "Tern"]),
    "entity_name": st.sampled_from([None, "", "Tern"]),
    "entity_type": st.sampled_from(["", "drone", "nothing known"]),
    "recorded": st.booleans(),
}
envelopes = st.fixed_dictionaries({}, optional=MEMBERS)
subjects = st.sampled_from(["north.v1", "v1", "v1.heartbeat", "north", "air.north.v1", "a.b.c.d"])
headers = st.sampled_from([None, {}, {"entity_id": "v2"}, {"X-Org-Id": "south"}])


def same(message: Message) -> None:
    at_once, with_patience = (each.envelope(message, "default") for each in (decode, liberal))
    if isinstance(at_once, Envelope):
        # Where our own relay read it is for nobody but the step that asks whether it is ours.
        at_once = msgspec.structs.replace(at_once, origin="")
    assert at_once == with_patience


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda each: each["about"])
def test_every_variant_is_read_the_same_way_twice(variant: dict[str, Any]) -> None:
    """Those that are read at once, and trivially the others."""
    body = variant["text"].encode() if "text" in variant else variant["body"]
    same(stored(body, variant["subject"], variant.get("headers")))


@given(envelopes, subjects, headers)
def test_any_envelope_is_read_the_same_way_twice(body, tokens, sent) -> None:
    """Whichever members it has, and whatever of their kind they are."""
    same(
        Message(
            "CONSTELLATION_TELEMETRY", PREFIX + tokens, json.dumps(body).encode(), 7, NOON, sent
        )
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"sequence": 1.5}, "not an envelope: sequence is '1.5'"),
        ({"system_id": "seven"}, "not an envelope: system_id is 'seven'"),
        ({"component_id": 2**31}, "not an envelope: component_id is '2147483648'"),
        ({"timestamp": "noon"}, "not an envelope: timestamp is 'noon'"),
        ({"timestamp_device": []}, "not an envelope: timestamp_device is '[]'"),
        ({"role": "captain"}, "not an envelope: role is 'captain'"),
        ({"recorded": "yes"}, "not an envelope: recorded is 'yes'"),
        ({"data": "text"}, "not an envelope: the fields of a message are an object"),
    ],
)
def test_an_envelope_of_mavlink_is_refused_with_what_is_wrong_in_it(body, reason) -> None:
    """By its name and value."""
    whole = {"message_type": "VFR_HUD", "system_id": 1, "data": {"heading": 1}, **body}
    found = decode.envelope(stored(whole), "default")
    assert isinstance(found, Rejected)
    assert found.reason == reason


def test_of_a_devices_own_json_what_is_no_envelope_stays() -> None:
    """The same words are refused in an envelope of MAVLink, and here they are the device's."""
    body = {"role": "captain", "recorded": "yes", "timestamp": "noon", "system_id": "seven"}
    found = decode.envelope(stored(body), "default")
    assert isinstance(found, Envelope)
    assert (found.data, found.tree, found.role) == (body, True, "autopilot")
