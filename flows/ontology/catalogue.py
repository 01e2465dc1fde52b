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


def _code(path: str, low: float, high: float, description: str) -> Signal:
    return Signal(path, "1", "code", low, high, description)


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


def _ratios(branch: str, what: str) -> tuple[Signal, ...]:
    """How well a filter's estimates agree with its sensors: far above 1 it trusts neither."""
    sources = (
        "velocity", "position_horizontal", "position_vertical", "compass", "terrain", "airspeed",
    )  # fmt: skip
    return (
        _code(f"{branch}.flags", 0, 65_535, "what it can tell, as a mask"),
        *(_number(f"{branch}.{each}", "1", 0, 1e9, f"{what}, {each}") for each in sources),
    )


def _place(branch: str, whose: str) -> tuple[Signal, ...]:
    return (
        _number(f"{branch}.latitude", "deg", -90, 90, f"latitude of {whose}, WGS 84"),
        _number(f"{branch}.longitude", "deg", -180, 180, f"longitude of {whose}, WGS 84"),
        _number(f"{branch}.altitude_msl", "m", -1000, 100_000, f"height of {whose}"),
    )


def _like(branch: str, family: str, whose: str) -> tuple[Signal, ...]:
    """The signals of a branch again, for each of many of its kind."""
    return tuple(
        Signal(
            f"{family}.{each.leaf}", each.unit, each.kind, each.low, each.high,
            f"{each.description.partition(' of the first')[0]}, {whose}",
        )
        for each in SIGNALS
        if each.branch == branch
    )  # fmt: skip


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
    _code("position.global.fix_type", 0, 8, "GPS_FIX_TYPE"),
    _integer("position.global.satellites_visible", 0, 254, "satellites in view"),
    _number("position.gps.latitude", "deg", -90, 90, "latitude as the receiver says"),
    _number("position.gps.longitude", "deg", -180, 180, "longitude as the receiver says"),
    _number("position.gps.altitude_msl", "m", -1000, 100_000, "height as the receiver says"),
    _number("position.gps.hdop", "1", 0, 655, "horizontal dilution of precision"),
    _number("position.gps.vdop", "1", 0, 655, "vertical dilution of precision"),
    _number("position.gps.groundspeed", "m/s", 0, 1000, "speed as the receiver says"),
    _number("position.gps.course", "deg", 0, 360, "course over ground"),
    _number("position.gps.yaw", "deg", 0, 360, "where the nose points as the receiver says"),
    _number("position.gps.altitude_ellipsoid", "m", -1000, 100_000, "height above the ellipsoid"),
    _number("position.gps.accuracy_speed", "m/s", 0, 100_000, "uncertainty of the speed"),
    _number("position.gps.accuracy_course", "deg", 0, 43_000, "uncertainty of the course"),
    _number("position.altitude.monotonic", "m", -10_000, 100_000, "height that is never reset"),
    _number("position.altitude.local", "m", -10_000, 100_000, "height in the local frame"),
    _number("position.altitude.clearance", "m", 0, 100_000, "clear space below"),
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
    *_axes(
        "attitude.quaternion",
        ("rollspeed", "pitchspeed", "yawspeed"),
        "rad/s",
        1000,
        "angular rate",
    ),
    _flag("vehicle_status.armed", "whether the motors may turn"),
    _text("vehicle_status.mode", "flight mode, by autopilot and vehicle type"),
    _code("vehicle_status.custom_mode", 0, 2**32 - 1, "flight mode as the autopilot codes it"),
    _code("vehicle_status.base_mode", 0, 255, "MAV_MODE_FLAG"),
    _code("vehicle_status.autopilot", 0, 255, "MAV_AUTOPILOT"),
    _code("vehicle_status.system_status", 0, 255, "MAV_STATE"),
    _code("vehicle_status.vehicle_type", 0, 255, "MAV_TYPE"),
    _code("vehicle_status.landed_state", 0, 255, "MAV_LANDED_STATE"),
    _code("vehicle_status.vtol_state", 0, 255, "MAV_VTOL_STATE"),
    _number("vehicle_status.load", "%", 0, 100, "load of the autopilot's processor"),
    _code("vehicle_status.sensors_present", 0, 2**32 - 1, "MAV_SYS_STATUS_SENSOR mask"),
    _code("vehicle_status.sensors_enabled", 0, 2**32 - 1, "MAV_SYS_STATUS_SENSOR mask"),
    _code("vehicle_status.sensors_health", 0, 2**32 - 1, "MAV_SYS_STATUS_SENSOR mask"),
    _text("vehicle_status.message", "the last status text"),
    _code("vehicle_status.message_severity", 0, 7, "MAV_SEVERITY of the last status text"),
    _code("vehicle_status.failure_flags", 0, 65_535, "HL_FAILURE_FLAG mask"),
    _number("vehicle_status.drop_rate", "%", 0, 656, "packets that were dropped on all links"),
    _integer("vehicle_status.errors_comm", 0, 65_535, "packets that came broken on all links"),
    _text("firmware.flight", "version of the autopilot"),
    _text("firmware.middleware", "version of its middleware"),
    _text("firmware.os", "version of its operating system"),
    _text("firmware.git", "the commit that the autopilot was built from"),
    _code("firmware.board", 0, 2**32 - 1, "kind of board"),
    _code("firmware.vendor", 0, 65_535, "who made the board"),
    _code("firmware.product", 0, 65_535, "what the vendor calls the board"),
    _text("firmware.capabilities", "MAV_PROTOCOL_CAPABILITY mask, as a decimal number"),
    _text("firmware.uid", "the one of a kind number of the board"),
    _number("clock.utc", "s", 0, 1e13, "what the vehicle's clock says, since 1970"),
    _number("clock.uptime", "s", 0, 4_294_968, "how long the vehicle has been on"),
    _number("power.voltage", "V", 0, 1000, "voltage of the first battery"),
    _number("power.current", "A", -1000, 1000, "current drawn from the first battery"),
    _number("power.battery_remaining", "%", 0, 100, "charge of the first battery"),
    _number("power.consumed", "mA.h", 0, 1e9, "charge drawn since start"),
    _number("power.energy_consumed", "J", 0, 1e12, "energy drawn since start"),
    _number("power.temperature", "Cel", -273.15, 327, "temperature of the first battery"),
    _numbers("power.cells", "V", 0, 66, "voltage of each cell"),
    _number("power.time_remaining", "s", 0, 2**31, "how long the first battery will last"),
    _code("power.charge_state", 0, 255, "MAV_BATTERY_CHARGE_STATE of the first battery"),
    _code("power.faults", 0, 2**32 - 1, "MAV_BATTERY_FAULT mask of the first battery"),
    _code("power.function", 0, 255, "MAV_BATTERY_FUNCTION of the first battery"),
    _code("power.chemistry", 0, 255, "MAV_BATTERY_TYPE of the first battery"),
    _number("vfr.airspeed", "m/s", -1000, 1000, "speed through the air"),
    _number("vfr.groundspeed", "m/s", -1000, 1000, "speed over ground"),
    _number("vfr.heading", "deg", 0, 360, "heading on the head-up display"),
    _number("vfr.climb_rate", "m/s", -1000, 1000, "rate of climb"),
    _number("vfr.throttle", "%", -100, 100, "throttle"),
    _number("vfr.altitude", "m", -10_000, 100_000, "altitude on the head-up display"),
    _integer("mission.current_waypoint", 0, 65_534, "number of the current waypoint"),
    _integer("mission.total_waypoints", 0, 65_534, "number of waypoints"),
    _integer("mission.reached_waypoint", 0, 65_534, "number of the last waypoint reached"),
    _code("mission.state", 0, 255, "MISSION_STATE"),
    _code("mission.mode", 0, 255, "1 while the mode can fly a mission, 2 while it is suspended"),
    _integer("mission.fence_points", 0, 65_534, "number of points of the fence"),
    _integer("mission.rally_points", 0, 65_534, "number of rally points"),
    _number("navigation.roll", "deg", -180, 180, "roll that is wanted"),
    _number("navigation.pitch", "deg", -180, 180, "pitch that is wanted"),
    _number("navigation.bearing", "deg", -360, 360, "heading that is wanted"),
    _number("navigation.target_bearing", "deg", -360, 360, "bearing of the waypoint"),
    _number("navigation.distance", "m", 0, 1e6, "distance to the waypoint"),
    _number("navigation.altitude_error", "m", -100_000, 100_000, "height that is missing"),
    _number("navigation.crosstrack_error", "m", -1e7, 1e7, "how far it is beside its track"),
    _number("navigation.target_altitude", "m", -10_000, 100_000, "height that is wanted"),
    _number("navigation.target_airspeed", "m/s", 0, 1000, "airspeed that is wanted"),
    _numbers("actuators.servos", "us", 0, 65_534, "pulse width of each output"),
    _numbers("radio.channels", "us", 0, 65_534, "pulse width of each received channel"),
    _number("radio.rssi", "%", 0, 100, "strength of the received signal"),
    _integer("radio.link.rssi", 0, 254, "strength of the link's signal here, in its own units"),
    _integer("radio.link.remote_rssi", 0, 254, "strength of the link's signal at the other end"),
    _integer("radio.link.noise", 0, 254, "noise here, in the radio's own units"),
    _integer("radio.link.remote_noise", 0, 254, "noise at the other end"),
    _number("radio.link.buffer", "%", 0, 100, "free space to send from"),
    _integer("radio.link.errors", 0, 65_535, "packets that came broken"),
    _integer("radio.link.corrected", 0, 65_535, "packets that were mended"),
    _number("environment.pressure_abs", "hPa", 0, 2000, "absolute pressure"),
    _number("environment.pressure_diff", "hPa", -2000, 2000, "differential pressure"),
    _number("environment.temperature", "Cel", -273.15, 327, "temperature"),
    _number("environment.humidity", "%", 0, 100, "relative humidity"),
    _number("environment.wind_direction", "deg", -360, 360, "where the wind comes from"),
    _number("environment.wind_speed", "m/s", 0, 200, "speed of the wind"),
    *_axes("vibration", "xyz", "m/s2", 10_000, "vibration"),
    _number("environment.wind_vertical", "m/s", -200, 200, "speed of the wind downwards"),
    _number("environment.wind_accuracy", "m/s", 0, 200, "uncertainty of the wind's speed"),
    _number("environment.temperature_diff", "Cel", -273.15, 327, "at the differential sensor"),
    _number("environment.temperature_air", "Cel", -127, 127, "temperature outside"),
    *(
        _integer(f"vibration.clipping_{n}", 0, 2**32 - 1, f"clipped by sensor {n}")
        for n in range(3)
    ),
    *_ratios("ekf", "variance"),
    *_ratios("estimator", "innovation test ratio"),
    _number("estimator.accuracy_h", "m", 0, 1e6, "horizontal uncertainty in the local frame"),
    _number("estimator.accuracy_v", "m", 0, 1e6, "vertical uncertainty in the local frame"),
    _text("ais.mmsi", "Maritime Mobile Service Identity, nine digits"),
    _text("ais.navigation_status", "what a ship does, by its own account"),
    _number("ais.rate_of_turn", "deg/min", -720, 720, "rate of turn, to starboard"),
    _flag("ais.position_accurate", "whether the position is good to 10 m"),
    _flag("ais.off_position", "whether an aid to navigation is not where it belongs"),
    _text("ais.safety_text", "the last safety-related text"),
    _text("ais.vessel.callsign", "radio call sign"),
    _code("ais.vessel.imo", 1, 999_999_999, "IMO ship number"),
    _code("ais.vessel.ship_type", 1, 255, "type of ship and cargo (ITU-R M.1371)"),
    _code("ais.vessel.aid_type", 1, 127, "type of aid to navigation (ITU-R M.1371)"),
    _number("ais.vessel.length", "m", 0, 1022, "length"),
    _number("ais.vessel.beam", "m", 0, 126, "breadth"),
    _number("ais.voyage.draught", "m", 0, 25.5, "greatest present draught"),
    _text("ais.voyage.destination", "where a ship goes, as its crew wrote it"),
    _text("ais.voyage.eta", "when it arrives there: month-day hour:minute, UTC"),
    _text("adsb.icao", "24-bit address, six hexadecimal digits"),
    _text("adsb.callsign", "call sign of the flight"),
    _text("adsb.category", "emitter category, A0 to D7"),
    _text("adsb.squawk", "transponder code, four octal digits"),
    _text("adsb.emergency", "what is declared: an emergency by its name, or no emergency"),
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
    *_like("position.gps", "position.receivers.{n}", "receiver n"),
    _code("position.receivers.{n}.fix_type", 0, 8, "GPS_FIX_TYPE of receiver n"),
    _integer("position.receivers.{n}.satellites_visible", 0, 254, "satellites in view"),
    _number("position.receivers.{n}.accuracy_h", "m", 0, 100_000, "horizontal uncertainty"),
    _number("position.receivers.{n}.accuracy_v", "m", 0, 100_000, "vertical uncertainty"),
    *_like("power", "power.batteries.{n}", "battery n"),
    _numbers("actuators.ports.{n}.servos", "us", 0, 65_534, "pulse width of each output of port n"),
    _number("environment.barometers.{n}.pressure_abs", "hPa", 0, 2000, "absolute pressure"),
    _number(
        "environment.barometers.{n}.pressure_diff", "hPa", -2000, 2000, "differential pressure"
    ),
    _number("environment.barometers.{n}.temperature", "Cel", -273.15, 327, "temperature"),
    _number("environment.barometers.{n}.temperature_diff", "Cel", -273.15, 327, "temperature"),
    *_axes("imu.{n}", ("xacc", "yacc", "zacc"), "m/s2", 10_000, "acceleration"),
    *_axes("imu.{n}", ("xgyro", "ygyro", "zgyro"), "rad/s", 1000, "angular rate"),
    *_axes("imu.{n}", ("xmag", "ymag", "zmag"), "G", 1000, "magnetic field"),
    _number("imu.{n}.temperature", "Cel", -273.15, 327, "temperature of sensor n"),
    _number("imu.{n}.pressure_abs", "hPa", 0, 2000, "absolute pressure"),
    _number("imu.{n}.pressure_diff", "hPa", -2000, 2000, "differential pressure"),
    _number("imu.{n}.pressure_altitude", "m", -10_000, 100_000, "height by pressure"),
    _number("distance.{n}.distance", "m", 0, 656, "what sensor n measures"),
    _number("distance.{n}.least", "m", 0, 656, "the least that it can measure"),
    _number("distance.{n}.most", "m", 0, 656, "the most that it can measure"),
    _code("distance.{n}.type", 0, 255, "MAV_DISTANCE_SENSOR"),
    _code("distance.{n}.orientation", 0, 255, "MAV_SENSOR_ORIENTATION"),
    _number("distance.{n}.variance", "cm2", 0, 254, "variance of what it measures"),
    _number("distance.{n}.quality", "%", 0, 100, "quality of the signal"),
    _number("distance.{n}.fov_horizontal", "rad", 0, TURN, "how wide it sees"),
    _number("distance.{n}.fov_vertical", "rad", 0, TURN, "how high it sees"),
    *_axes("gimbals.{n}", ("roll", "pitch", "yaw"), "rad", 100, "angle, in the frame of its flags"),
    _number("gimbals.{n}.yaw_absolute", "rad", -100, 100, "yaw from the north"),
    _numbers("gimbals.{n}.quaternion", "1", -1.01, 1.01, "quaternion (w, x, y, z)"),
    *_axes("gimbals.{n}", ("rollspeed", "pitchspeed", "yawspeed"), "rad/s", 1000, "angular rate"),
    _number(
        "gimbals.{n}.vehicle_yaw", "rad", -TURN, TURN, "from the vehicle's frame to the earth's"
    ),
    _number("gimbals.{n}.vehicle_yawspeed", "rad/s", -1000, 1000, "its rate"),
    _code("gimbals.{n}.flags", 0, 65_535, "GIMBAL_DEVICE_FLAGS mask"),
    _code("gimbals.{n}.failures", 0, 2**32 - 1, "GIMBAL_DEVICE_ERROR_FLAGS mask"),
    _code("gimbals.{n}.manager_flags", 0, 2**32 - 1, "GIMBAL_MANAGER_FLAGS mask"),
    _code("gimbals.{n}.primary_system", 0, 255, "the system that has control, 0 for none"),
    _code("gimbals.{n}.primary_component", 0, 255, "the component that has control"),
    _code("gimbals.{n}.secondary_system", 0, 255, "the system that controls beside it"),
    _code("gimbals.{n}.secondary_component", 0, 255, "the component that controls beside it"),
    _text("cameras.{n}.vendor", "who made camera n"),
    _text("cameras.{n}.model", "what camera n is called"),
    _text("cameras.{n}.firmware", "version of its firmware"),
    _text("cameras.{n}.definition", "where its settings are described"),
    _number("cameras.{n}.focal_length", "mm", 0, 100_000, "focal length"),
    _number("cameras.{n}.sensor_width", "mm", 0, 10_000, "width of the sensor"),
    _number("cameras.{n}.sensor_height", "mm", 0, 10_000, "height of the sensor"),
    _integer("cameras.{n}.resolution_width", 0, 65_535, "pixels in a row"),
    _integer("cameras.{n}.resolution_height", 0, 65_535, "rows of pixels"),
    _code("cameras.{n}.lens", 0, 255, "number of the lens"),
    _code("cameras.{n}.capabilities", 0, 2**32 - 1, "CAMERA_CAP_FLAGS mask"),
    _code("cameras.{n}.gimbal", 0, 255, "the gimbal that it hangs in"),
    _code("cameras.{n}.mode", 0, 255, "CAMERA_MODE"),
    _number("cameras.{n}.zoom", "%", 0, 100, "zoom"),
    _number("cameras.{n}.focus", "%", 0, 100, "focus"),
    _code("cameras.{n}.image_status", 0, 255, "1 while an image is taken, 2, 3 in intervals"),
    _code("cameras.{n}.video_status", 0, 255, "1 while video is taken"),
    _number("cameras.{n}.image_interval", "s", 0, 1e7, "time between images"),
    _number("cameras.{n}.recording_time", "s", 0, 1e7, "since recording began"),
    _number("cameras.{n}.capacity", "MiBy", 0, 1e12, "free space"),
    _integer("cameras.{n}.images", 0, 2**31 - 1, "images taken"),
    *_place("cameras.{n}.image", "the last image"),
    _number(
        "cameras.{n}.image.altitude_relative", "m", -10_000, 100_000, "its height above ground"
    ),
    _integer("cameras.{n}.image.index", -1, 2**31 - 1, "number of the last image"),
    _code("cameras.{n}.image.captured", 0, 1, "whether it could be taken"),
    _number("cameras.{n}.image.utc", "s", 0, 4_102_444_800, "when it was taken, since 1970"),
    _text("cameras.{n}.image.url", "where it can be had"),
    *_place("cameras.{n}.place", "the camera"),
    *_place("cameras.{n}.target", "the middle of what it sees"),
    _number("cameras.{n}.fov_horizontal", "deg", 0, 360, "how wide it sees"),
    _number("cameras.{n}.fov_vertical", "deg", 0, 360, "how high it sees"),
)
