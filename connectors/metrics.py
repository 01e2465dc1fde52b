"""The flows' metrics: each process writes its own file, whoever serves them reads all.

The files are those of prometheus-client's multiprocess mode. They are written where
``PROMETHEUS_MULTIPROC_DIR`` says; without it figures stay in the process and no file
is made. A part that is started again goes on in its own file, since the files bear
the part's name (``OVERWATCH_PART``): counters go on counting, and nothing piles up.
"""

import json
import os
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Metric, generate_latest, values
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
PART = "OVERWATCH_PART"
BEAT = "overwatch_beat_seconds"


class Row(NamedTuple):
    """A row of the tables."""

    description: str
    labels: tuple[str, ...]


COUNTERS: dict[str, Row] = {
    "overwatch_messages_total": Row("Messages read from a stream.", ("flow", "stream")),
    "overwatch_lost_messages_total": Row(
        "Messages that a stream had discarded before they were read.", ("flow", "stream")
    ),
    "overwatch_rejected_total": Row(
        "What could not be used, by the step that said so.", ("flow", "step")
    ),
    "overwatch_published_total": Row("Messages published and puts made.", ("flow",)),
    "overwatch_late_total": Row("Messages too late for their windows.", ("flow",)),
    "overwatch_link_gaps_total": Row(
        "MAVLink messages that a link has lost, by their sequence numbers.", ("flow", "link")
    ),
    "overwatch_link_packets_total": Row("Messages that a link has brought.", ("flow", "link")),
    "overwatch_link_bytes_total": Row("Bytes that a link has brought.", ("flow", "link")),
    "overwatch_link_noise_total": Row(
        "Runs of bytes of a link that were no MAVLink.", ("flow", "link")
    ),
    "overwatch_bad_signatures_total": Row(
        "MAVLink messages refused for a signature that is wrong, old or made with another key.",
        ("flow", "link"),
    ),
    "overwatch_unsigned_total": Row(
        "MAVLink messages refused since they have no signature.", ("flow", "link")
    ),
    "overwatch_unclaimed_total": Row(
        "Messages of systems that are no vehicles, and of kinds that nobody reads.",
        ("flow", "link"),
    ),
    "overwatch_unreadable_total": Row(
        "Sentences and frames that a receiver brought and that could not be read.",
        ("flow", "link"),
    ),
    "overwatch_commands_total": Row("Commands that have come into a state.", ("flow", "state")),
    "overwatch_sent_total": Row("MAVLink messages sent to vehicles.", ("flow", "link")),
    "overwatch_unsent_total": Row(
        "MAVLink messages that could not be sent: nobody is heard there, or there was no room.",
        ("flow", "link"),
    ),
    "overwatch_stream_repairs_total": Row(
        "Settings of streams that somebody had changed and that were put right.", ("stream",)
    ),
}
GAUGES: dict[str, Row] = {
    "overwatch_lag_messages": Row(
        "Messages of a stream that are still to be read.", ("flow", "stream")
    ),
    BEAT: Row("When a flow last showed that it runs, Unix time.", ("flow",)),
    "overwatch_resident_bytes": Row("Memory that a flow's process holds.", ("flow",)),
    "overwatch_link_up": Row("Whether a link can be heard by: 1 or 0.", ("flow", "link")),
    "overwatch_link_since_seconds": Row(
        "When a link came up or went down last, Unix time.", ("flow", "link")
    ),
    "overwatch_link_peers": Row(
        "Peers of a link that are connected, or on UDP have been heard.", ("flow", "link")
    ),
    "overwatch_stream_differences": Row(
        "Settings of a stream that are not as declared, and stay so.", ("stream",)
    ),
}


@cache
def counter(name: str, *labels: str) -> Counter:
    """One of ``COUNTERS``, bound to its labels: ``inc`` it. Keep it, to pay for that once."""
    return _counter(name).labels(*labels)


@cache
def gauge(name: str, *labels: str) -> Gauge:
    """One of ``GAUGES``, bound to its labels: ``set`` it. Keep it, to pay for that once."""
    return _gauge(name).labels(*labels)


def beat(flow: str) -> None:
    """Show that a flow runs."""
    gauge(BEAT, flow).set(time.time())


def render(folder: Path) -> bytes:
    """All figures that were written under a folder, in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Written(folder))
    return generate_latest(registry)


def beats(folder: Path) -> dict[str, float]:
    """When each flow last showed that it runs, Unix seconds."""
    heard: dict[str, float] = {}
    for file in folder.glob("gauge_*.db"):
        with suppress(FileNotFoundError, struct.error):  # Its process has just ended, or begun.
            for key, value, _, _ in MmapedDict.read_all_values_from_file(str(file)):  # type: ignore[no-untyped-call]
                _, name, labels, _ = json.loads(key)
                if name == BEAT:
                    heard[labels["flow"]] = max(value, heard.get(labels["flow"], 0.0))
    return heard


def write_as(part: str, folder: Path) -> None:
    """Write figures as this part, into this folder; before any figure is named."""
    os.environ |= {PART: part, FOLDER: str(folder)}


def forget_gauges(folder: Path, part: str) -> None:
    """A part has ended: what it showed last is no longer so. Its counters stay."""
    for file in folder.glob(f"gauge_*_{part}.db"):
        file.unlink(missing_ok=True)


def empty(folder: Path) -> None:
    """Make the folder, or remove all figures from it: a new run begins."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file in folder.glob("*.db"):
        file.unlink(missing_ok=True)


class _Written(Collector):
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        files = [str(file) for file in sorted(_files(self._folder))]
        merged: Iterable[Metric] = MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]
        return merged


def _files(folder: Path) -> Iterator[Path]:
    for file in folder.glob("*.db"):
        kind, *_, writer = file.stem.split("_")
        # A process that nobody supervises is named by its number, and its gauges end with it.
        if kind == "gauge" and writer.isdigit() and not _runs(int(writer)):
            continue
        yield file


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@cache
def _registry() -> CollectorRegistry:
    part = os.environ.get(PART)
    if part and FOLDER in os.environ:
        # The place that prometheus-client provides for names of processes other than numbers.
        values.ValueClass = values.MultiProcessValue(lambda: part)  # type: ignore[no-untyped-call]
    return CollectorRegistry()


@cache
def _counter(name: str) -> Counter:
    description, labels = COUNTERS[name]
    # The driver appends _total to a counter's name itself.
    return Counter(name.removesuffix("_total"), description, labels, registry=_registry())


@cache
def _gauge(name: str) -> Gauge:
    description, labels = GAUGES[name]
    return Gauge(
        name, description, labels, registry=_registry(), multiprocess_mode="livemostrecent"
    )
