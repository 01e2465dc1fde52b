"""Who an entity is, as far as what it says tells."""

from sys import intern

from flows.ontology.entities import ENTITY_TYPES, EntityState
from flows.ontology.telemetry import Report
from flows.ontology.vehicles import VEHICLES

TYPE = "vehicle_status.vehicle_type"


def introduce(state: EntityState, report: Report) -> None:
    """Take over name, type and source; what MAVLink says of a vehicle's type is right."""
    if not state.first_us:
        state.first_us = report.stored_us
        state.org_id = intern(report.org_id)
        state.name = report.entity_name or _name("Vehicle", report.system_id, state.entity_id)
    if report.system_id and report.role == "autopilot":  # A radio has a system id of its own.
        state.system_id = report.system_id
    if report.source and report.source != state.source:
        state.source = intern(report.source)
    state.recorded = report.recorded
    mav_type = report.values.get(TYPE)
    if mav_type is not None:
        _vehicle(state, report, mav_type)
    elif report.entity_type or report.entity_name:
        _itself(state, report)


def _vehicle(state: EntityState, report: Report, mav_type: object) -> None:
    if isinstance(mav_type, int) and mav_type in VEHICLES:
        vehicle = VEHICLES[mav_type]
        state.entity_type = vehicle.entity_type
        state.name = report.entity_name or _name(vehicle.word, report.system_id, state.entity_id)


def _itself(state: EntityState, report: Report) -> None:
    """What is no MAVLink vehicle says its own name and type."""
    if report.entity_name:
        state.name = report.entity_name
    if report.entity_type in ENTITY_TYPES and not _has_told_mavlink(state):
        state.entity_type = report.entity_type


def _has_told_mavlink(state: EntityState) -> bool:
    branch = state.branches.get("vehicle_status")
    return branch is not None and any(
        "vehicle_type" in part.values for part in branch.parts.values()
    )


def _name(word: str, system_id: int, entity_id: str) -> str:
    return f"{word} {system_id}" if system_id else entity_id
