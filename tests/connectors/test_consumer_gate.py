"""What guests ask for is a pull consumer, or refused: whatever else stands in it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.consumer_gate import NotForGuests, pulls

ORDINARY = {
    "stream_name": "S",
    "action": "create",
    "config": {
        "name": "mine",
        "durable_name": "mine",
        "deliver_policy": "by_start_sequence",
        "opt_start_seq": 7,
        "ack_policy": "explicit",
        "ack_wait": 30_000_000_000,
        "filter_subject": "a.>",
        "max_ack_pending": 10,
    },
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner),
    max_leaves=10,
)


def test_what_clients_ask_for_is_passed_on():
    """As it is; what they say that they do not want is left out."""
    asked = {
        **ORDINARY,
        "config": {**ORDINARY["config"], "deliver_subject": "", "flow_control": False},
    }

    assert json.loads(pulls(json.dumps(asked).encode())) == ORDINARY


@pytest.mark.parametrize(
    "config",
    [
        {"deliver_subject": "x"},
        {"Deliver_Subject": "x"},
        {"deliver_group": "x"},
        {"flow_control": True},
        {"idle_heartbeat": 1},
        {"rate_limit_bps": 1},
        {"filter_subjects": ["a", "b"]},
        {"FILTER_SUBJECT": "b"},
        {"priority_groups": ["a"]},
        {"of_tomorrow": 1},
    ],
)
def test_what_no_pull_consumer_has_is_refused(config):
    """In whatever letters: the server reads them all alike."""
    asked = {**ORDINARY, "config": {**ORDINARY["config"], **config}}

    with pytest.raises(NotForGuests, match="a pull consumer has no"):
        pulls(json.dumps(asked).encode())


@given(st.binary(max_size=100) | JSON.map(lambda value: json.dumps(value).encode()))
def test_nonsense_is_refused(body):
    """And nothing is raised but that."""
    try:
        made = json.loads(pulls(body))
    except NotForGuests:
        return
    assert isinstance(made["config"], dict)


@given(st.dictionaries(st.text(max_size=20), JSON, max_size=5))
def test_nothing_is_passed_on_that_is_not_known(config):
    """Whatever somebody thinks of."""
    body = json.dumps({"stream_name": "S", "Config": {"deliver_subject": "x"}, "config": config})
    try:
        made = json.loads(pulls(body.encode()))
    except NotForGuests:
        return
    assert set(made) == {"stream_name", "config"}
    assert set(made["config"]) <= set(config)


def test_what_is_too_long_or_too_deep_is_refused():
    """Before the server is asked."""
    for body in (b'{"config": "' + b"x" * 40_000 + b'"}', b"[" * 20_000):
        with pytest.raises(NotForGuests):
            pulls(body)
