"""What a vehicle says of how it is: modes, battery, landed or not, mission, texts.

Each function makes a message of the row, the state and a clock (microseconds since 1970).
Field meanings, units and the values for "unknown" are those of MAVLink's common.xml.
"""

from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.kinds import AIRBORNE, WINGED
from connectors.simulator.modes import BY_HAND
from connectors.simulator.row import Component, Kind, Row
from connectors.simulator.stages import Phase, Wings
from connectors.simulator.state import State

ABSENT_CELL = 65_535
CELLS, EXTENDED_CELLS = 10, 4  # That BATTERY_STATUS has room for.
MOST_TEXT_BYTES = 50

_BY_HAND = mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED | (
    mavlink.MAV_MODE_FLAG_STABILIZE_ENABLED | mavlink.MAV_MODE_FLAG_MANUAL_INPUT_ENABLED
)
_FLIES_ITSELF = mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED | (
    mavlink.MAV_MODE_FLAG_STABILIZE_ENABLED
    | mavlink.MAV_MODE_FLAG_GUIDED_ENABLED
    | mavlink.MAV_MODE_FLAG_AUTO_ENABLED
)
_SENSORS = (
    mavlink.MAV_SYS_STATUS_SENSOR_3D_GYRO
    | mavlink.MAV_SYS_STATUS_SENSOR_3D_ACCEL
    | mavlink.MAV_SYS_STATUS_SENSOR_3D_MAG
    | mavlink.MAV_SYS_STATUS_SENSOR_ABSOLUTE_PRESSURE
    | mavlink.MAV_SYS_STATUS_SENSOR_GPS
    | mavlink.MAV_SYS_STATUS_SENSOR_BATTERY
)
_LANDED = {
    Phase.PARKED: mavlink.MAV_LANDED_STATE_ON_GROUND,
    Phase.READY: mavlink.MAV_LANDED_STATE_ON_GROUND,
    Phase.TAKEOFF: mavlink.MAV_LANDED_STATE_TAKEOFF,
    Phase.LANDING: mavlink.MAV_LANDED_STATE_LANDING,
}
_VTOL = {
    Wings.ROTORS: mavlink.MAV_VTOL_STATE_MC,
    Wings.TO_WINGS: mavlink.MAV_VTOL_STATE_TRANSITION_TO_FW,
    Wings.WINGS: mavlink.MAV_VTOL_STATE_FW,
    Wings.TO_ROTORS: mavlink.MAV_VTOL_STATE_TRANSITION_TO_MC,
}
_MISSION = {
    Phase.PARKED: mavlink.MISSION_STATE_NOT_STARTED,
    Phase.READY: mavlink.MISSION_STATE_NOT_STARTED,
    Phase.RETURN: mavlink.MISSION_STATE_COMPLETE,
    Phase.LANDING: mavlink.MISSION_STATE_COMPLETE,
}


def heartbeat(row: Row, state: State, _clock: int) -> mavlink.MAVLink_message:
    phase, told = state.stage.phase, state.told
    if told is None:
        at_rest, by_hand, number = phase is Phase.PARKED, phase in BY_HAND, row.modes[phase].number
    else:
        at_rest, by_hand, number = not told.armed, told.by_hand, told.mode
    base_mode = _BY_HAND if by_hand else _FLIES_ITSELF
    if not at_rest:
        base_mode |= mavlink.MAV_MODE_FLAG_SAFETY_ARMED
    status = mavlink.MAV_STATE_STANDBY if at_rest else mavlink.MAV_STATE_ACTIVE
    return mavlink.MAVLink_heartbeat_message(
        row.mav_type, row.autopilot, base_mode, number, status, 3
    )


def component_heartbeat(component: Component) -> mavlink.MAVLink_message:
    """The heartbeat of something aboard that is no autopilot."""
    return mavlink.MAVLink_heartbeat_message(
        component.mav_type, mavlink.MAV_AUTOPILOT_INVALID, 0, 0, mavlink.MAV_STATE_ACTIVE, 3
    )


def sys_status(row: Row, state: State, _clock: int) -> mavlink.MAVLink_message:
    sensors = _SENSORS
    if row.kind in WINGED:
        sensors |= mavlink.MAV_SYS_STATUS_SENSOR_DIFFERENTIAL_PRESSURE
    healthy = sensors
    if row.autopilot == mavlink.MAV_AUTOPILOT_ARDUPILOTMEGA:
        # So long as no fence is broken, whether there is one or not: else it is a breach.
        healthy |= mavlink.MAV_SYS_STATUS_GEOFENCE
    battery = state.charge
    return mavlink.MAVLink_sys_status_message(
        sensors,
        sensors,
        healthy,
        round(1000 * state.load),
        round(1000 * battery.cell_volts * row.power.cells),
        round(100 * battery.amps),
        round(battery.remaining),
        *(0, 0, 0, 0, 0, 0),
    )


def battery_status(row: Row, state: State, _clock: int) -> mavlink.MAVLink_message:
    battery, cells = state.charge, row.power.cells
    volts = round(1000 * battery.cell_volts)
    shown = min(cells, CELLS)
    further = cells - shown
    joules = battery.used * 3600 * battery.cell_volts * cells
    charge_state = mavlink.MAV_BATTERY_CHARGE_STATE_OK
    if battery.charging:
        charge_state = mavlink.MAV_BATTERY_CHARGE_STATE_CHARGING
    elif battery.low:
        charge_state = mavlink.MAV_BATTERY_CHARGE_STATE_LOW
    return mavlink.MAVLink_battery_status_message(
        0,
        mavlink.MAV_BATTERY_FUNCTION_ALL,
        mavlink.MAV_BATTERY_TYPE_LIPO,
        round(100 * (22 + 15 * battery.amps / max(row.power.lift, row.power.cruise))),
        [volts] * shown + [ABSENT_CELL] * (CELLS - shown),
        round(100 * battery.amps),
        round(1000 * battery.used),
        round(joules / 100),
        round(battery.remaining),
        0,
        charge_state,
        [volts] * further + [0] * (EXTENDED_CELLS - further),
    )


def extended_sys_state(row: Row, state: State, _clock: int) -> mavlink.MAVLink_message:
    landed = mavlink.MAV_LANDED_STATE_ON_GROUND
    if state.told is not None:
        landed = state.told.landed
    elif row.kind in AIRBORNE:
        landed = _LANDED.get(state.stage.phase, mavlink.MAV_LANDED_STATE_IN_AIR)
    vtol = mavlink.MAV_VTOL_STATE_UNDEFINED
    if row.kind is Kind.VTOL:
        vtol = _VTOL[state.stage.wings]
    return mavlink.MAVLink_extended_sys_state_message(vtol, landed)


def mission_current(row: Row, state: State, _clock: int) -> mavlink.MAVLink_message:
    if state.told is not None:
        return mavlink.MAVLink_mission_current_message(*state.told.mission)
    stage = state.stage
    going = _MISSION.get(stage.phase, mavlink.MISSION_STATE_ACTIVE)
    return mavlink.MAVLink_mission_current_message(stage.waypoint, len(row.route), going)


def status_text(severity: int, text: str) -> mavlink.MAVLink_message:
    """A sentence for people; what does not fit into one message is cut off."""
    return mavlink.MAVLink_statustext_message(severity, text.encode()[:MOST_TEXT_BYTES])


def mission_item_reached(waypoint: int) -> mavlink.MAVLink_message:
    return mavlink.MAVLink_mission_item_reached_message(waypoint)
