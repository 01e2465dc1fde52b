"""What a key has brought is its organisation's in the flows as well, whatever an item says."""

from types import SimpleNamespace

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flows.ontology.wire import Rejected
from flows.steps.decode import envelope
from web.ingest import _publication
from web.items import Refusal, judge

NAMES = st.sampled_from(
    (
        "entity_id", "entityId", "ENTITY-ID", "drone_id", "droneId", "device_id", "deviceId",
        "agent_id", "org_id", "orgId", "ORG_ID", "organization_id", "organizationId",
        "organization", "org", "message_type", "msg_name", "type", "mavpackettype",
        "system_id", "subject",
    )
)  # fmt: skip
VALUES = st.sampled_from(
    ("south", "north", "uav", "HEARTBEAT", "attitude", "VFR_HUD", "", None, 0, 7, True, ["south"])
)
TREES = st.sampled_from(({}, {"roll": 1}, {"x": 3}, {"org_id": "north"}))
BODIES = st.dictionaries(NAMES, VALUES, max_size=6).flatmap(
    lambda said: st.fixed_dictionaries({}, optional={"data": TREES, "fields": TREES}).map(
        lambda more: {**said, **more}
    )
)


@settings(max_examples=1000, deadline=None)
@example({"entity_id": "HEARTBEAT", "msg_name": "HEARTBEAT", "data": {}})
@example({"entity_id": "uav", "drone_id": "south", "message_type": "ATTITUDE", "data": {"roll": 1}})
@example({"droneId": "HEARTBEAT", "entity_id": "south", "msg_name": "ATTITUDE", "fields": {}})
@given(BODIES)
def test_no_item_is_understood_as_another_organisations(body):
    """The flow's own organisation is north; a key of south brings nothing there."""
    data = msgspec.json.encode(body)
    try:
        said = _publication("south", judge(data, "south"), "")
    except Refusal:
        return
    message = SimpleNamespace(
        stream="T",
        subject=said.subject,
        data=said.data,
        sequence=1,
        stored_us=1_700_000_000_000_000,
        headers=dict(said.headers),
    )
    understood = envelope(message, "north")
    assert isinstance(understood, Rejected) or understood.org_id == "south"
