"""Recordings of real traffic to states, field by field against what pymavlink alone finds."""

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import recorded
from mavlink_oracle import Flown, vehicles
from messages import NOON

from connectors.jetstream import Message
from connectors.mavlink import Decoder
from flows.ontology.air import Air
from flows.ontology.entities import EntityState, Reported
from flows.ontology.signals import find
from flows.ontology.telemetry import Envelope
from flows.ontology.wire import Rejected
from flows.steps.identify import Names, identify
from flows.steps.reduce import Stored, reduce
from flows.steps.silence import Patience
from flows.steps.understand import gather, understand

PATIENCE = Patience(5_000_000, 30_000_000)
COMMITTED = (recorded.COPTER, recorded.FLEET, recorded.INAV)
PATHS = [
    *COMMITTED,
    *(path for path, _ in recorded.others("S*")),
    *sorted((recorded.SHARED / "sitl").glob("*.raw")),
]
BATCH = 100
# What these vehicles themselves send in units of their own; it is refused by name.
WRONG = {
    "si": {"NAV_CONTROLLER_OUTPUT: target_bearing"},
    "in": {"VFR_HUD: throttle"},
    "S1": {"SYS_STATUS: load"},
    "S2": {"NAV_CONTROLLER_OUTPUT: target_bearing"},
}


@cache
def flown(path: Path) -> dict[int, Flown]:
    return vehicles(path, believed)


def believed(path: str, value: Any) -> bool:
    """Whether a value lies within the range that the catalogue gives."""
    signal = find(path)
    assert signal is not None
    return signal.holds(value)


def states(path: Path) -> tuple[dict[int, dict[str, Any]], list[Rejected]]:
    """What our own steps make of the same frames: documents by system id, and refusals."""
    decoder, airs, sequence = Decoder(), {}, 0
    known: dict[str, EntityState] = {}
    stored: dict[str, bytes] = {}
    refused: list[Rejected] = []
    for system, vehicle in flown(path).items():
        airs[system] = Air()
        for at in range(0, len(vehicle.frames), BATCH):
            packets = [
                decoder.decode(frame, "log:test", f"{system}:{at + n}", NOON + at + n)
                for n, (_, frame) in enumerate(vehicle.frames[at : at + BATCH])
            ]
            assert None not in packets
            batch = []
            for each in identify(airs[system], packets, Names("north", recording="r")):
                if isinstance(each, Envelope):
                    sequence += 1
                    body = msgspec.json.encode(each)
                    subject = f"constellation.telemetry.north.{each.entity_id}"
                    batch.append(Message("CONSTELLATION_TELEMETRY", subject, body, sequence, NOON))
            for change in gather(understand(batch, "north", 10**12)):
                if isinstance(change, Reported):
                    state = known.setdefault(change.entity_id, EntityState(change.entity_id))
                    for outcome in reduce(state, [change], NOON, PATIENCE):
                        if isinstance(outcome, Stored):
                            stored[outcome.entity_id] = outcome.document
                else:
                    refused.append(change)
    documents = [msgspec.json.decode(each) for each in stored.values()]
    return {each["system_id"]: each for each in documents}, refused


def leaves(tree: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(tree, dict):
        return {path: tree}
    return {
        below: value
        for name, each in tree.items()
        for below, value in leaves(each, f"{path}.{name}" if path else name).items()
    }


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name[:28])
def test_the_state_of_a_recording_is_what_was_said_last(path: Path) -> None:
    """Every signal of every vehicle, and none that nobody said."""
    expected, (got, refused) = flown(path), states(path)

    assert {each.reason.partition(" is ")[0] for each in refused} <= WRONG.get(path.name[:2], set())
    assert got.keys() == expected.keys()
    for system, vehicle in expected.items():
        signals = {each: value for each, value in leaves(got[system]).items() if find(each)}
        unnamed = {"vehicle_status.mode"} - vehicle.said.keys()
        assert signals.keys() - unnamed == vehicle.said.keys()
        for each, value in vehicle.said.items():
            wanted = value if isinstance(value, str | bool) else pytest.approx(value, rel=1e-9)
            assert (each, signals[each]) == (each, wanted)


def test_the_recordings_say_most_of_what_there_is() -> None:
    """So that this file proves something: signals of all themes, and more than a hundred."""
    said = {each for path in COMMITTED for vehicle in flown(path).values() for each in vehicle.said}
    assert len(said) > 100
    assert {each.partition(".")[0] for each in said} >= {
        "position", "attitude", "vehicle_status", "power", "vfr", "mission", "navigation",
        "actuators", "radio", "environment", "vibration", "ekf", "imu", "distance", "clock",
    }  # fmt: skip
