"""Messages to vehicles as a Bytewax sink: on record, and on the air.

What is to be done once is on record first: after a crash nobody else knows whether it was sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec
import structlog
from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from typing_extensions import override

from connectors.mavlink_lines import Lines
from connectors.mavlink_voice import Unspeakable, Voice
from connectors.metrics import counter
from connectors.sendings import Sendings

HEARTBEAT = "HEARTBEAT"
# Behind one peer there may be many systems: it hears us as often as one of them would.
BEAT_SECONDS = 0.8
MOST_PEERS = 4096


class Sending(msgspec.Struct, frozen=True):
    """A message for a component of a system, on the link where that is heard.

    ``sending_id`` is on record before it goes out, if it has one; one that goes out ``once``
    does not if it is on record already.
    """

    link: str
    system_id: int
    component_id: int
    name: str
    fields: Mapping[str, Any]
    sending_id: str = ""
    once: bool = False


@dataclass(frozen=True)
class MavlinkSink(FixedPartitionedSink[Sending, None]):
    """Send, by the lines that a source in the same process and worker has opened.

    At-least-once as far as the air is concerned, since that loses and doubles; at most once
    for what says so.

    Args:
        lines: what the source has opened.
        voice: as whom.
        record: the file of what was sent, which is never to be shared.
        flow: for the figures.
    """

    lines: Lines
    voice: Voice
    record: Path
    flow: str

    @override
    def list_parts(self) -> list[str]:
        return ["mavlink"]

    @override
    def part_fn(self, item_key: str) -> int:
        return 0

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: None) -> "_Partition":
        return _Partition(self)


class _Partition(StatefulSinkPartition[Sending, None]):
    def __init__(self, sink: MavlinkSink) -> None:
        self._lines, self._voice, self._flow = sink.lines, sink.voice, sink.flow
        self._record = Sendings(sink.record)
        self._beats: dict[object, float] = {}
        self._log = structlog.get_logger().bind(flow=sink.flow)

    @override
    def write_batch(self, values: list[Sending]) -> None:
        # What is to be sent once is on record before. Nobody waits for the disk with the rest.
        once = any(each.once for each in values)
        refused = self._doubled(values) if once else set()
        for each in values:
            if each.sending_id in refused:
                counter("overwatch_unsent_total", self._flow, each.link).inc()
            elif each.name != HEARTBEAT or self._may_beat(each):
                self._send(each)
        if not once:
            self._doubled(values)

    def _doubled(self, values: Sequence[Sending]) -> set[str]:
        """What must not go out, since it may have before; all is on record then."""
        recorded = [(each.sending_id, each.once) for each in values if each.sending_id]
        if not recorded:
            return set()
        known = self._record.record(recorded)
        return {
            sending for (sending, once), was in zip(recorded, known, strict=True) if once and was
        }

    def _may_beat(self, each: Sending) -> bool:
        peer = self._lines.peer(each.link, each.system_id, each.component_id)
        now = monotonic()
        if peer is None or now - self._beats.get(peer, -BEAT_SECONDS) < BEAT_SECONDS:
            return False
        if len(self._beats) > MOST_PEERS:
            self._beats.clear()
        self._beats[peer] = now
        return True

    def _send(self, each: Sending) -> None:
        to = each.system_id, each.component_id
        try:
            gone = self._lines.say(self._voice, each.link, to, each.name, each.fields)
        except Unspeakable as error:
            gone = False
            self._log.warning("mavlink_unspeakable", error=str(error))
        counted = "overwatch_sent_total" if gone else "overwatch_unsent_total"
        counter(counted, self._flow, each.link).inc()

    @override
    def snapshot(self) -> None:
        return None

    @override
    def close(self) -> None:
        self._record.close()
