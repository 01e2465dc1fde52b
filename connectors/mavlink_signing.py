"""MAVLink 2 signatures: which frames are let in, by pymavlink's own check.

A signature has a time that only goes up for each sender: a frame that is sent again is
refused. A sender that is new to a link may be at most a minute behind our clock.
"""

from dataclasses import dataclass, field

from pymavlink.dialects.v20 import all as dialect

from connectors.mavlink_frame import header, is_signed
from connectors.metrics import counter

# Signatures count tens of microseconds since 2015.
SINCE_US = 1_420_070_400_000_000
UNIT_US = 10
# What radios say of themselves: they have no key, and all autopilots make this exception.
UNSIGNED = frozenset((dialect.MAVLINK_MSG_ID_RADIO_STATUS, dialect.MAVLINK_MSG_ID_RADIO))
TELL_US = 60_000_000
FORGED = "a frame's signature is wrong, old or made with another key"
BARE = "a frame has no signature"


@dataclass(frozen=True)
class Signing:
    """The key that vehicles sign with, and whether what has no signature is refused."""

    key: bytes = field(repr=False)
    required: bool


# When each sender signed last: by its own link's number, its system and its component.
Stamps = dict[tuple[int, int, int], int]


class Signatures:
    """Who may speak on one link. What is refused is counted, and told once a minute.

    Args:
        signing: the key.
        flow: the flow, for the figures.
        link: the link.
        stamps: when senders signed last; kept up to date.
    """

    def __init__(self, signing: Signing, flow: str, link: str, stamps: Stamps) -> None:
        self._required = signing.required
        self._mavlink = dialect.MAVLink(None)
        self._mavlink.signing.secret_key = signing.key
        self._mavlink.signing.stream_timestamps = stamps
        self._forged = counter("overwatch_bad_signatures_total", flow, link)
        self._bare = counter("overwatch_unsigned_total", flow, link)
        self._told_us: dict[str, int] = {}

    def refused(self, frame: bytes, now_us: int) -> str | None:
        """Why a frame is not let in: None if it is, empty if that has been told lately."""
        system, component, _, message_id = header(frame)
        if not is_signed(frame):
            if not self._required or message_id in UNSIGNED:
                return None
            self._bare.inc()
            return self._told(BARE, now_us)
        if self._genuine(frame, system, component, now_us):
            return None
        self._forged.inc()
        return self._told(FORGED, now_us)

    def _genuine(self, frame: bytes, system: int, component: int, now_us: int) -> bool:
        signing = self._mavlink.signing
        # Else a sender whose clock is ahead would keep all others out.
        signing.timestamp = stamp(now_us)
        sender = (frame[-13], system, component)
        before = signing.stream_timestamps.get(sender)
        if self._mavlink.check_signature(bytearray(frame), system, component):
            return True
        # pymavlink takes the time over before it looks at the signature: one forged frame
        # would silence its sender.
        if before is None:
            signing.stream_timestamps.pop(sender, None)
        else:
            signing.stream_timestamps[sender] = before
        return False

    def _told(self, reason: str, now_us: int) -> str:
        if abs(now_us - self._told_us.get(reason, 0)) < TELL_US:
            return ""
        self._told_us[reason] = now_us
        return reason


def believed(stamps: Stamps, now_us: int) -> Stamps:
    """Those that are not ahead of our clock: the others would keep their senders out for long."""
    latest = stamp(now_us)
    return {sender: last for sender, last in stamps.items() if last <= latest}


def stamp(now_us: int) -> int:
    """A time as signatures say it."""
    return max(now_us - SINCE_US, 0) // UNIT_US
