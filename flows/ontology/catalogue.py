"""The catalogue of signals: what has a name, a unit and a range of its own.

A row of ``SIGNALS`` is also a column of the lake. A row of ``FAMILIES`` stands for as many
signals as there are batteries, sensors or gimbals: its ``{n}`` is a number.
"""

from collections.abc import Iterable

from flows.ontology.signal import Signal

TURN = 6.2832  # Radians of a full turn, with room for a float's last digit.


def _number(path: str, unit: str, low: float, high: float, description: str) -> Signal:
    return Signal(path, unit, "number", low, high, description)


def _integer(path: str, low: float, high: float, description: str, unit: str = "1") -> Signal:
    return Signal(path, unit, "integer", low, high, description)


def _flag(path: str, description: str) -> Signal:
    return Signal(path, "1", "flag", 0, 1, description)


def _text(path: str, description: str) -> Signal:
    return Signal(path, "1", "text", 0, 0, description)


def _numbers(path: str, unit: str, low: float, high: float, description: str) -> Signal:
    return Signal(path, unit, "numbers", low, high, description)


def _axes(
    branch: str, axes: Iterable[str], unit: str, reach: float, description: str
) -> tuple[Signal, ...]:
    """One signal for each axis, of the same unit and reach to either side."""
    return tuple(
        _number(f"{branch}.{axis}", unit, -reach, reach, f"{description}, {axis}") for axis in axes
    )


SIGNALS: tuple[Signal, ...] = (
    _number("position.global.latitude", "deg", -90, 90, "latitude, WGS 84"),
    _number("position.global.longitude", "deg", -180, 180, "longitude, WGS 84"),
    _number("position.global.altitude_msl", "m", -1000, 100_000, "height above mean sea level"),
    _number("position.global.altitude_relative", "m", -10_000, 100_000, "height above home"),
    _number("position.global.altitude_terrain", "m", -10_000, 100_000, "height above terrain"),
    _number("position.global.heading", "deg", 0, 360, "where the nose points"),
    _number("position.global.vx", "m/s", -1000, 1000, "velocity to the north"),
    _number("position.global.vy", "m/s", -1000, 1000, "velocity to the east"),
    _number("position.global.vz", "m/s", -1000, 1000, "velocity downwards"),
    _number("position.global.accuracy_h", "m", 0, 100_000, "horizontal uncertainty"),
    _number("position.global.accuracy_v", "m", 0, 100_000, "vertical uncertainty"),
    _integer("position.global.fix_type", 0, 8, "GPS_FIX_TYPE"),
    _integer("position.global.satellites_visible", 0, 254, "satellites in view"),
    _number("position.gps.latitude", "deg", -90, 90, "latitude as the receiver says"),
    _number("position.gps.longitude", "deg", -180, 180, "longitude as the receiver says"),
    _number("position.gps.altitude_msl", "m", -1000, 100_000, "height as the receiver says"),
    _number("position.gps.hdop", "1", 0, 655, "horizontal dilution of precision"),
    _number("position.gps.vdop", "1", 0, 655, "vertical dilution of precision"),
    _number("position.gps.groundspeed", "m/s", 0, 1000, "speed as the receiver says"),
    _number("position.gps.course", "deg", 0, 360, "course over ground"),
    *_axes("position.local", "xyz", "m", 1e7, "place in the local frame (north, east, down)"),
    *_axes("position.local", ("vx", "vy", "vz"), "m/s", 1000, "velocity in the local frame"),
    _number("position.home.latitude", "deg", -90, 90, "latitude of home"),
    _number("position.home.longitude", "deg", -180, 180, "longitude of home"),
    _number("position.home.altitude_msl", "m", -1000, 100_000, "height of home"),
    *_axes("attitude.euler", ("roll", "pitch", "yaw"), "rad", TURN, "angle"),
    *_axes(
        "attitude.euler", ("rollspeed", "pitchspeed", "yawspeed"), "rad/s", 1000, "angular rate"
    ),
    *_axes("attitude.quaternion", ("q1", "q2", "q3", "q4"), "1", 1.01, "quaternion (w, x, y, z)"),
    _flag("vehicle_status.armed", "whether the motors may turn"),
    _text("vehicle_status.mode", "flight mode, by autopilot and vehicle type"),
    _integer("vehicle_status.custom_mode", 0, 2**32 - 1, "flight mode as the autopilot codes it"),
    _integer("vehicle_status.base_mode", 0, 255, "MAV_MODE_FLAG"),
    _integer("vehicle_status.autopilot", 0, 255, "MAV_AUTOPILOT"),
    _integer("vehicle_status.system_status", 0, 255, "MAV_STATE"),
    _integer("vehicle_status.vehicle_type", 0, 255, "MAV_TYPE"),
    _integer("vehicle_status.landed_state", 0, 255, "MAV_LANDED_STATE"),
    _integer("vehicle_status.vtol_state", 0, 255, "MAV_VTOL_STATE"),
    _number("vehicle_status.load", "%", 0, 100, "load of the autopilot's processor"),
    _integer("vehicle_status.sensors_present", 0, 2**32 - 1, "MAV_SYS_STATUS_SENSOR mask"),
    _integer("vehicle_status.sensors_enabled", 0, 2**32 - 1, "MAV_SYS_STATUS_SENSOR mask"),
    _integer("vehicle_status.sensors_health", 0, 2**32 - 1, "MAV_SYS_STATUS_SENSOR mask"),
    _text("vehicle_status.message", "the last status text"),
    _integer("vehicle_status.message_severity", 0, 7, "MAV_SEVERITY of the last status text"),
    _number("power.voltage", "V", 0, 1000, "voltage of the first battery"),
    _number("power.current", "A", -1000, 1000, "current drawn from the first battery"),
    _number("power.battery_remaining", "%", 0, 100, "charge of the first battery"),
    _number("power.consumed", "mA.h", 0, 1e9, "charge drawn since start"),
    _number("power.energy_consumed", "J", 0, 1e12, "energy drawn since start"),
    _number("power.temperature", "Cel", -273.15, 327, "temperature of the first battery"),
    _numbers("power.cells", "V", 0, 66, "voltage of each cell"),
    _number("vfr.airspeed", "m/s", -1000, 1000, "speed through the air"),
    _number("vfr.groundspeed", "m/s", -1000, 1000, "speed over ground"),
    _number("vfr.heading", "deg", 0, 360, "heading on the head-up display"),
    _number("vfr.climb_rate", "m/s", -1000, 1000, "rate of climb"),
    _number("vfr.throttle", "%", -100, 100, "throttle"),
    _number("vfr.altitude", "m", -10_000, 100_000, "altitude on the head-up display"),
    _integer("mission.current_waypoint", 0, 65_534, "number of the current waypoint"),
    _integer("mission.total_waypoints", 0, 65_534, "number of waypoints"),
    _integer("mission.reached_waypoint", 0, 65_534, "number of the last waypoint reached"),
    _numbers("actuators.servos", "us", 0, 65_534, "pulse width of each output"),
    _numbers("radio.channels", "us", 0, 65_534, "pulse width of each received channel"),
    _number("radio.rssi", "%", 0, 100, "strength of the received signal"),
    _number("environment.pressure_abs", "hPa", 0, 2000, "absolute pressure"),
    _number("environment.pressure_diff", "hPa", -2000, 2000, "differential pressure"),
    _number("environment.temperature", "Cel", -273.15, 327, "temperature"),
    _number("environment.wind_direction", "deg", -360, 360, "where the wind comes from"),
    _number("environment.wind_speed", "m/s", 0, 200, "speed of the wind"),
    *_axes("vibration", "xyz", "m/s2", 10_000, "vibration"),
    _text("ais.mmsi", "Maritime Mobile Service Identity, nine digits"),
    _text("ais.navigation_status", "what a ship does, by its own account"),
    _number("ais.rate_of_turn", "deg/min", -720, 720, "rate of turn, to starboard"),
    _flag("ais.position_accurate", "whether the position is good to 10 m"),
    _flag("ais.off_position", "whether an aid to navigation is not where it belongs"),
    _text("ais.safety_text", "the last safety-related text"),
    _text("ais.vessel.callsign", "radio call sign"),
    _integer("ais.vessel.imo", 1, 999_999_999, "IMO ship number"),
    _integer("ais.vessel.ship_type", 1, 255, "type of ship and cargo (ITU-R M.1371)"),
    _integer("ais.vessel.aid_type", 1, 127, "type of aid to navigation (ITU-R M.1371)"),
    _number("ais.vessel.length", "m", 0, 1022, "length"),
    _number("ais.vessel.beam", "m", 0, 126, "breadth"),
    _number("ais.voyage.draught", "m", 0, 25.5, "greatest present draught"),
    _text("ais.voyage.destination", "where a ship goes, as its crew wrote it"),
    _text("ais.voyage.eta", "when it arrives there: month-day hour:minute, UTC"),
    _text("adsb.icao", "24-bit address, six hexadecimal digits"),
    _text("adsb.callsign", "call sign of the flight"),
    _text("adsb.category", "emitter category, A0 to D7"),
    _text("adsb.squawk", "transponder code, four octal digits"),
    _text("adsb.emergency", "the emergency that is declared, or none"),
    _flag("adsb.ident", "whether the pilot has pressed ident"),
    _flag("adsb.on_ground", "whether the aircraft is on the ground"),
    _number("adsb.altitude.pressure", "m", -1000, 40_000, "height by 1013.25 hPa"),
    _number("adsb.altitude.geometric", "m", -1500, 50_000, "height above the WGS 84 ellipsoid"),
    _number("adsb.air.airspeed_true", "m/s", 0, 2200, "true airspeed"),
    _number("adsb.air.airspeed_indicated", "m/s", 0, 2200, "indicated airspeed"),
    _number("adsb.air.heading_magnetic", "deg", 0, 360, "where the nose points, magnetic"),
    _number("adsb.selected.altitude", "m", -1000, 40_000, "altitude that the crew has selected"),
    _number("adsb.selected.heading", "deg", 0, 360, "heading that the crew has selected"),
    _number("adsb.selected.barometric_setting", "hPa", 700, 1300, "altimeter setting"),
    _number("adsb.accuracy.horizontal", "m", 0, 20_000, "horizontal uncertainty, 95 %"),
)

FAMILIES: tuple[Signal, ...] = (
    _number("power.batteries.{n}.voltage", "V", 0, 1000, "voltage of battery n"),
    _number("power.batteries.{n}.current", "A", -1000, 1000, "current drawn from battery n"),
    _number("power.batteries.{n}.battery_remaining", "%", 0, 100, "charge of battery n"),
)
