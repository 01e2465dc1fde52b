"""What is told of a state: its row of the registry, its events, and who may not change it."""

from datetime import UTC

import msgspec

from flows.ontology.entities import Documented, EntityState, LivenessEvent, Part, Registration
from flows.ontology.rate import Patience
from flows.ontology.telemetry import Report, moment
from flows.ontology.wire import Rejected
from flows.steps.entered import called

STEP = "reduce"
TELEMETRY = "CONSTELLATION_TELEMETRY"
# Why something is live.
HEARD, HOLDS = "heard", "holds until said otherwise"


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


def branch_event(state: EntityState, path: str, part: Part, patience: Patience) -> LivenessEvent:
    """That signals of a branch are another than was told of them, while their entity lives."""
    since_us, reason = since(part, patience)
    signals = sorted(part.values)
    return LivenessEvent(
        "liveness",
        f"{state.entity_id}-{path}.{signals[0]}-{part.message}-{part.liveness}-{since_us}",
        state.entity_id,
        state.org_id,
        part.liveness,
        part.told,
        reason,
        _text(since_us),
        path,
        part.message,
        signals,
    )


def since(part: Part, patience: Patience) -> tuple[int, str]:
    """Since when a part is as alive as it is, and why. It was known to be so only later."""
    if part.liveness == "live":
        return part.live_us, HOLDS if part.held else HEARD
    waited_us = patience.of(part.liveness, part.rate.period_us)
    return part.seen_us + waited_us, silent(waited_us)


def silent(waited_us: int) -> str:
    """Why something is no longer live."""
    return f"silent for {waited_us / 1e6:g} s"


def registration(state: EntityState) -> Registration:
    """The entity's row of the registry."""
    entry, who = state.entry, called(state)
    fields = entry.fields if entry else {}
    place = fields.get("position", {})
    created_us = entry.created_us if entry else state.first_us
    updated_us = entry.updated_us if entry else max(state.heard_us, state.since_us)
    return Registration(
        state.entity_id,
        state.org_id,
        *who,
        state.liveness == "live",
        created_at=_text(created_us),
        updated_at=_text(updated_us),
        first_seen=_text(state.first_us) if state.first_us else "",
        last_seen=_text(state.heard_us) if state.heard_us else "",
        sequence=state.sequences.get(TELEMETRY, 0),
        revision=entry.revision if entry else 0,
        expires_at=fields.get("expires_at"),
        latitude=place.get("latitude"),
        longitude=place.get("longitude"),
        altitude=place.get("altitude"),
        heading=fields.get("heading"),
        velocity=fields.get("velocity"),
        components=_json(fields.get("components")),
        tags=_json(fields.get("tags")),
        metadata=_json(fields.get("metadata")),
        video_config=_json(fields.get("video_config")),
        relationships=_json(fields.get("relationships")),
        sequences=dict(state.sequences),
    )


def _text(microseconds_utc: int) -> str:
    return moment(microseconds_utc).astimezone(UTC).isoformat().replace("+00:00", "Z")


def _json(tree: object) -> str | None:
    return None if tree is None else msgspec.json.encode(tree).decode()
