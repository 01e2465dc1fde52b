"""A vehicle of MAVSDK's: its server plugins say and answer, and what they are asked is kept."""

import time
from typing import Self

from mavsdk import ComponentType, Configuration, Mavsdk
from mavsdk.plugins.action_server import ActionServer, AllowableFlightModes
from mavsdk.plugins.mission_raw_server import MissionRawServer
from mavsdk.plugins.param_server import ParamServer
from mavsdk.plugins.telemetry_server import Heading, Position, TelemetryServer, VelocityNed

HOST = "127.0.0.1"
# What the vehicle has: INT32, all but one not to be mistaken by their bytes, and REAL32.
NUMBERS = {"CAL_ACC0_ID": 1_310_988, "COM_OBS_AVOID": 0, "NAV_RCL_ACT": 2, "TRIM_YAW": -7}
REALS = {"MIS_TAKEOFF_ALT": 2.5}
HERE = Position(47.397742, 8.545594, 488.0, 0.0)


class MavsdkVehicle:
    """An autopilot that is told what it may do, for as long as the block lasts."""

    def __init__(self, port: int) -> None:
        self.asked: list[tuple[str, object]] = []
        self._mavsdk = Mavsdk(Configuration.create_with_component_type(ComponentType.AUTOPILOT))
        self._port = port
        component = self._mavsdk.server_component()
        self.telemetry = TelemetryServer(component)
        self.action = ActionServer(component)
        self.parameters = ParamServer(component)
        self.missions = MissionRawServer(component)

    def __enter__(self) -> Self:
        for name, number in NUMBERS.items():
            self.parameters.provide_param_int(name, number)
        for name, real in REALS.items():
            self.parameters.provide_param_float(name, real)
        self.parameters.provide_param_custom("CALLED", "by no number")  # Only PARAM_EXT has it.
        self.action.subscribe_arm_disarm(lambda _, told, __: self.asked.append(("arm", told.arm)))
        self.action.subscribe_takeoff(lambda *_: self.asked.append(("takeoff", None)))
        self.action.subscribe_flight_mode_change(
            lambda _, told, __: self.asked.append(("mode", told.name))
        )
        self.parameters.subscribe_changed_param_int(
            lambda told, _: self.asked.append((told.name, told.value))
        )
        self.missions.subscribe_incoming_mission(
            lambda _, told, __: self.asked.append(("mission", told.mission_items))
        )
        self.missions.subscribe_clear_all(lambda *_: self.asked.append(("clear", None)))
        self.may(everything=True)
        self._mavsdk.add_any_connection(f"udpout://{HOST}:{self._port}")
        return self

    def __exit__(self, *_: object) -> None:
        self._mavsdk.destroy()

    def may(self, *, everything: bool) -> None:
        """Whether it may be armed, disarmed, take off and return."""
        self.action.set_armable(everything, everything)
        self.action.set_disarmable(everything, everything)
        self.action.set_allow_takeoff(everything)
        self.action.set_allowable_flight_modes(
            AllowableFlightModes(can_auto_mode=everything, can_auto_rtl_mode=everything)
        )

    def sees(self, station: int) -> bool:
        """Whether MAVSDK has found the ground station."""
        # It says where it is only once there is somebody.
        self.telemetry.publish_position(HERE, VelocityNed(0.0, 0.0, 0.0), Heading(90.0))
        time.sleep(0.05)
        return any(each.get_system_id() == station for each in self._mavsdk.get_systems())

    def told(self, what: str) -> list[object]:
        """What it was asked of that kind, in order."""
        return [value for name, value in [*self.asked] if name == what]
