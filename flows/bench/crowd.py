"""What many entities say in turn, at an even pace: one message a turn of each."""

import time
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from connectors.publish import Publication
from flows.ontology import subjects
from flows.ontology.telemetry import Envelope, moment

# In turn, so that every entity's state is whole after as many turns.
SAYINGS: tuple[tuple[str, dict[str, int | float]], ...] = (
    ("HEARTBEAT", {"type": 2, "autopilot": 3, "base_mode": 217, "custom_mode": 4,
                   "system_status": 4, "mavlink_version": 3}),
    ("GLOBAL_POSITION_INT", {"time_boot_ms": 81_250, "lat": 473_977_418, "lon": 85_455_938,
                             "alt": 488_120, "relative_alt": 20_030, "vx": 112, "vy": -41,
                             "vz": 3, "hdg": 33_920}),
    ("ATTITUDE", {"time_boot_ms": 81_250, "roll": 0.0131, "pitch": -0.0421, "yaw": 1.913,
                  "rollspeed": 0.0021, "pitchspeed": -0.0007, "yawspeed": 0.0312}),
    ("VFR_HUD", {"airspeed": 5.21, "groundspeed": 5.04, "heading": 339, "throttle": 41,
                 "alt": 488.12, "climb": 0.03}),
    ("SYS_STATUS", {"onboard_control_sensors_present": 1_467_087_919,
                    "onboard_control_sensors_enabled": 1_382_128_687,
                    "onboard_control_sensors_health": 1_467_063_343, "load": 153,
                    "voltage_battery": 12_280, "current_battery": 1_734,
                    "battery_remaining": 81, "drop_rate_comm": 0, "errors_comm": 0}),
    ("GPS_RAW_INT", {"time_usec": 81_250_000, "fix_type": 3, "lat": 473_977_401,
                     "lon": 85_455_921, "alt": 488_020, "eph": 121, "epv": 200, "vel": 504,
                     "cog": 33_810, "satellites_visible": 11}),
)  # fmt: skip

_json = msgspec.json.Encoder().encode


class Crowd(NamedTuple):
    """So many entities, and how many messages all of them say in a second."""

    entities: int
    pace: float
    organization: str

    def introduced(self) -> Iterator[Publication]:
        """Each says everything that it has to say once."""
        return (
            self.said(entity, turn, _now_us())
            for turn in range(len(SAYINGS))
            for entity in range(self.entities)
        )

    def hurried(self, messages: int) -> Iterator[Publication]:
        """So much is said in turn, as fast as it can be."""
        for number in range(messages):
            turn, entity = divmod(number, self.entities)
            yield self.said(entity, turn, _now_us())

    def paced(self, seconds: float) -> Iterator[Publication]:
        """Everything that is said within so many seconds, each at its time."""
        began = time.perf_counter()
        for number in range(round(self.pace * seconds)):
            early = began + number / self.pace - time.perf_counter()
            if early > 0:
                time.sleep(early)
            turn, entity = divmod(number, self.entities)
            yield self.said(entity, turn, _now_us())

    def said(self, entity: int, turn: int, at_us: int) -> Publication:
        """What an entity says in a turn, and when; microseconds UTC."""
        name, fields = SAYINGS[turn % len(SAYINGS)]
        key = f"{self.entities}-{entity}"
        envelope = Envelope(
            key,
            self.organization,
            name,
            moment(at_us),
            fields,
            system_id=1 + entity % 250,
            component_id=1,
            sequence=turn % 256,
            source="udp:14550",
        )
        return Publication(subjects.telemetry(self.organization, key), _json(envelope))


def _now_us() -> int:
    return time.time_ns() // 1000
