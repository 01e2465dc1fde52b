"""Our own heartbeat: it tells a peer that waits to be spoken to where we are.

It is not a ground station's, whose heartbeat would hold off the fail-safe of a vehicle
that has lost its own.
"""

from pymavlink.dialects.v20 import all as dialect

from connectors.mavlink_signing import Signing, stamp

SYSTEM = 254
COMPONENT = dialect.MAV_COMP_ID_UDP_BRIDGE
BEAT_SECONDS = 1.0


class Beat:
    """Heartbeats of ours, signed where there is a key."""

    def __init__(self, signing: Signing | None) -> None:
        self._mavlink = dialect.MAVLink(None, SYSTEM, COMPONENT)
        if signing:
            self._mavlink.signing.secret_key = signing.key
            self._mavlink.signing.sign_outgoing = True

    def frame(self, now_us: int) -> bytes:
        """The next one."""
        signing = self._mavlink.signing
        signing.timestamp = max(signing.timestamp, stamp(now_us))
        beat = self._mavlink.heartbeat_encode(
            dialect.MAV_TYPE_ONBOARD_CONTROLLER,
            dialect.MAV_AUTOPILOT_INVALID,
            0,
            0,
            dialect.MAV_STATE_ACTIVE,
        )
        frame = bytes(beat.pack(self._mavlink))
        self._mavlink.seq = (self._mavlink.seq + 1) % 256
        return frame
