"""Batches of messages become reports and refusals, and nothing is lost between."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from messages import NOON, SECOND, stored

from flows.ontology.entities import Reported
from flows.ontology.telemetry import Report
from flows.ontology.wire import Rejected
from flows.steps.understand import gather, understand


def body(entity: str = "v1", **data: Any) -> dict[str, Any]:
    return {"entity_id": entity, "message_type": "VFR_HUD", "data": data}


def heard(*bodies: object) -> list[Report | Rejected]:
    many = [
        stored(each, "constellation.telemetry.north.x", sequence=number)
        for number, each in enumerate(bodies, 1)
    ]
    return understand(many, "north", 2 * SECOND)


def test_each_message_is_a_report_or_refused_in_their_order() -> None:
    """What cannot be believed of one is refused beside it, and the rest of it stands."""
    said = heard(body(groundspeed=1.0), b"{", body(groundspeed=2.0, heading=9999), body())

    assert [(type(each).__name__, each.sequence) for each in said] == [
        ("Report", 1),
        ("Rejected", 2),
        ("Report", 3),
        ("Rejected", 3),
        ("Report", 4),
    ]
    assert [each.step for each in said if isinstance(each, Rejected)] == ["decode", "translate"]
    assert said[2].values == {"vfr.groundspeed": 2.0}
    assert said[0].stored_us == NOON


MESSAGES = st.lists(st.sampled_from([body("a"), body("b"), body("c"), b"{", body(heading=9999)]))


@given(MESSAGES)
def test_what_an_entity_says_is_gathered_in_its_order(bodies: list) -> None:
    """Every report and every refusal once."""
    said = heard(*bodies)
    gathered = gather(said)
    together = {each.entity_id: each.reports for each in gathered if isinstance(each, Reported)}
    reports = [each for each in said if isinstance(each, Report)]

    assert sum(isinstance(each, Reported) for each in gathered) == len(together)
    assert together == {
        name: [each for each in reports if each.entity_id == name]
        for name in {each.entity_id for each in reports}
    }
    assert [each for each in gathered if isinstance(each, Rejected)] == [
        each for each in said if isinstance(each, Rejected)
    ]
