"""What it lives on: batteries, each under its number."""

from collections.abc import Mapping
from typing import Any

from flows.ontology.signals import Value
from flows.steps.mavlink.message import (
    I16,
    NOT_SENT,
    U16,
    Derived,
    Instance,
    Message,
    Reading,
    whole,
    wholes,
)

CELLS, EXTENDED_CELLS = 10, 4
BATTERY = "power.batteries.{n}"


def _battery(data: Mapping[str, Any], values: dict[str, Value], branch: str) -> None:
    """Its cells, whose sum is its voltage, and its faults if it tells of any state at all."""
    cells = [cell / 1000 for cell in wholes(data.get("voltages"), CELLS) if cell != U16]
    cells += [cell / 1000 for cell in wholes(data.get("voltages_ext"), EXTENDED_CELLS) if cell]
    if cells:
        values[f"{branch}.cells"] = cells
        values[f"{branch}.voltage"] = round(sum(cells), 3)
    faults = whole(data, "fault_bitmask")
    if faults is not None and whole(data, "charge_state"):
        values[f"{branch}.faults"] = faults


MESSAGES: dict[str, Message] = {
    "BATTERY_STATUS": Message(
        (
            Reading("current_battery", f"{BATTERY}.current", 100, -1),
            Reading("battery_remaining", f"{BATTERY}.battery_remaining", 1, -1),
            Reading("current_consumed", f"{BATTERY}.consumed", 1, -1),
            Reading("energy_consumed", f"{BATTERY}.energy_consumed", 0.01, -1),
            Reading("temperature", f"{BATTERY}.temperature", 100, I16),
            Reading("time_remaining", f"{BATTERY}.time_remaining", 1, NOT_SENT),
            Reading("charge_state", f"{BATTERY}.charge_state", 1, NOT_SENT),
            Reading("battery_function", f"{BATTERY}.function", 1, 0),
            Reading("type", f"{BATTERY}.chemistry", 1, 0),
        ),
        derived=Derived(
            ("voltages", "voltages_ext", "fault_bitmask"),
            (f"{BATTERY}.cells", f"{BATTERY}.voltage", f"{BATTERY}.faults"),
            _battery,
        ),
        instance=Instance(BATTERY, "id", "power"),
        peripheral=True,
    ),
    "BATTERY2": Message(
        (
            Reading("voltage", f"{BATTERY}.voltage", 1000, U16),
            Reading("current_battery", f"{BATTERY}.current", 100, -1),
        ),
        instance=Instance(BATTERY, always=1),
    ),
}
