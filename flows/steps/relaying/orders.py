"""What an autopilot is told for each kind of command: a row a kind."""

from collections.abc import Callable, Mapping

from flows.ontology.command_catalogue import CATALOGUE
from flows.ontology.command_parameters import checked
from flows.ontology.commands import Delivery
from flows.ontology.radio import Station
from flows.ontology.relayed import Vehicle
from flows.steps.relaying import errands, flight
from flows.steps.relaying.flight import Orders
from flows.steps.relaying.order import Asked

ORDERS: Mapping[str, Callable[[Asked], Orders]] = {
    "arm": flight.arm,
    "disarm": flight.disarm,
    "takeoff": flight.takeoff,
    "land": flight.land,
    "return": flight.come_home,
    "hold": flight.hold,
    "goto": flight.goto,
    "set_mode": flight.set_mode,
    "set_speed": flight.set_speed,
    "change_altitude": flight.change_altitude,
    "orbit": flight.orbit,
    "set_mission_item": errands.set_mission_item,
    "start_mission": errands.start_mission,
    "pause_mission": errands.pause_mission,
    "resume_mission": errands.resume_mission,
    "abort_mission": flight.hold,
    "set_home": errands.set_home,
    "reboot": errands.reboot,
    "camera_trigger": errands.camera_trigger,
    "camera_record": errands.camera_record,
    "camera_zoom": errands.camera_zoom,
    "gimbal_point": errands.gimbal_point,
    "raw": errands.raw,
}


def orders(delivery: Delivery, vehicle: Vehicle, station: Station) -> Orders:
    """The messages of a command, or in a sentence why this vehicle cannot be told."""
    make = ORDERS.get(delivery.command)
    if make is None:
        return f"nobody can say {delivery.command[:64]!r} by MAVLink"
    params, faults = checked(CATALOGUE[delivery.command], delivery.params)
    if faults:
        name, expected = faults[0]
        return f"{name}: {expected}"
    return make(Asked(params, vehicle, station))
