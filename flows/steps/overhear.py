"""One message of two entities: who tells, and of whom.

Who tells has been heard, and its packets are counted; nothing more is known of it. Of
whom it tells was heard as long ago as the message says.
"""

from typing import Any

from msgspec.structs import replace

from flows.ontology.telemetry import MICROSECONDS, Report

MOST_AGE = 65_535  # Seconds; no field of MAVLink says more.


def apart(report: Report) -> tuple[Report, Report]:
    """What a message is to each of the two, who tells first."""
    teller = replace(
        report,
        entity_id=report.heard_by,
        values={},
        extra={},
        entity_name="",
        entity_type="",
        heard_by="",
    )
    told = replace(
        report,
        stored_us=max(report.stored_us - _age_us(report.extra.get("tslc")), 0),
        link_sequence=0,
        system_id=0,
        component_id=0,
        role="autopilot",
        heard_by="",
    )
    return teller, told


def _age_us(seconds: Any) -> int:
    """How long ago it was heard by who tells of it, in microseconds."""
    return seconds * MICROSECONDS if type(seconds) is int and 0 < seconds <= MOST_AGE else 0
