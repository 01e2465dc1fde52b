"""What is told of a state: its row of the registry, its events, and who may not change it."""

from datetime import UTC

from flows.ontology.entities import Documented, EntityState, LivenessEvent, Registration
from flows.ontology.telemetry import Report, moment
from flows.ontology.wire import Rejected

STEP = "reduce"
TELEMETRY = "CONSTELLATION_TELEMETRY"


def foreigner(
    state: EntityState, organization: str, stream: str, said: Report | Documented
) -> Rejected:
    """The refusal of what another organisation says of an entity."""
    reason = f"{state.entity_id} belongs to another organisation than {organization}"
    return Rejected(STEP, reason, "", stream, said.sequence, said.stored_us)


def event(state: EntityState, previous: str) -> LivenessEvent:
    """That an entity is another than ``previous``; the same event has the same identity."""
    return LivenessEvent(
        "liveness",
        f"{state.entity_id}-{state.liveness}-{state.since_us}",
        state.entity_id,
        state.org_id,
        state.liveness,
        previous,  # type: ignore[arg-type]  # It was a state's liveness a moment ago.
        state.reason,
        _text(state.since_us),
    )


def registration(state: EntityState) -> Registration:
    """The entity's row of the registry."""
    return Registration(
        state.entity_id,
        state.org_id,
        state.name,
        state.entity_type,
        "active",
        "normal",
        state.liveness == "live",
        created_at=_text(state.first_us),
        updated_at=_text(max(state.heard_us, state.since_us)),
        first_seen=_text(state.first_us),
        last_seen=_text(state.heard_us),
        sequence=state.sequences.get(TELEMETRY, 0),
    )


def _text(microseconds_utc: int) -> str:
    return moment(microseconds_utc).astimezone(UTC).isoformat().replace("+00:00", "Z")
