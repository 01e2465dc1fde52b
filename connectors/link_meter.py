"""The figures of a link: what it brings, whether it is up, since when, and with how many peers."""

import time

import structlog

from connectors.mavlink import Heard, Noise
from connectors.meter import SourceMeter
from connectors.metrics import counter, gauge


class LinkMeter:
    """Counts once a batch; says in one sentence when the link comes up or goes down."""

    def __init__(self, flow: str, link: str) -> None:
        self._link = link
        self._log = structlog.get_logger().bind(flow=flow)
        self._source = SourceMeter(flow, link)
        self._packets = counter("overwatch_link_packets_total", flow, link)
        self._bytes = counter("overwatch_link_bytes_total", flow, link)
        self._noise = counter("overwatch_link_noise_total", flow, link)
        self._up = gauge("overwatch_link_up", flow, link)
        self._since = gauge("overwatch_link_since_seconds", flow, link)
        self._peers = gauge("overwatch_link_peers", flow, link)
        self._is_up: bool | None = None
        self._known_peers = -1
        self.peers(0)

    def heard(self, heard: list[Heard], size: int) -> None:
        """So many bytes were read, and this is what they held."""
        if not size:
            self._source.idle()
            return
        self._bytes.inc(size)
        noise = [each for each in heard if type(each) is Noise]
        self._packets.inc(len(heard) - len(noise))
        if noise:
            self._noise.inc(sum(not each.reason for each in noise))
        self._source.read(len(heard), 0)

    def peers(self, count: int) -> None:
        """So many are connected, or have been heard."""
        if count != self._known_peers:
            self._known_peers = count
            self._peers.set(count)

    def up(self, how: str) -> None:
        """It can be heard by; ``how`` goes on a sentence that has a colon."""
        if self._is_up is not True:
            self._turned(up=True)
            self._log.info(f"The link {self._link} is up: {how}.")

    def down(self, why: str) -> None:
        """Nothing can be heard by it. It is said the first time only, whatever follows."""
        if self._is_up is not False:
            self._turned(up=False)
            self._log.warning(f"The link {self._link} is down: {why}. It is tried again.")

    def _turned(self, *, up: bool) -> None:
        self._is_up = up
        self._up.set(int(up))
        self._since.set(time.time())
