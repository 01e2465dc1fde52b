"""What is measured, in which order, and how long it may take."""

from typing import NamedTuple


class Measurement(NamedTuple):
    """A module of ``flows.bench.measured``, what it does in words, and its longest time.

    For each broadcast it may take ``of_broadcast`` seconds more.
    """

    name: str
    doing: str
    seconds: float = 60.0
    of_broadcast: float = 0.0


# On one stored stream. Those who take turns do so ``Sizes.rounds`` times.
STORE = Measurement("store", "storing a stream", 90.0)
IN_TURNS = (
    Measurement("fetch", "fetching it by the driver alone"),
    Measurement("drain", "draining it into Bytewax"),
    Measurement("entities", "making states of it"),
    Measurement("telemetry", "making history of it", 90.0),
)

# Each on a message server of its own.
ALONE = (
    Measurement("relay", "sending packets to the relay"),
    Measurement("bucket", "following messages to the state bucket"),
    Measurement("page", "following messages to a page"),
    Measurement("rest", "asking the REST interface"),
    Measurement("commands", "commanding vehicles", 120.0, of_broadcast=5.0),
    Measurement("cost", "comparing messages of few entities and of many", 120.0),
    Measurement("crowd", "keeping up with ten thousand entities", 240.0),
    Measurement("demo", "watching a deployment with a fleet", 120.0),
    Measurement("idle", "watching a deployment without one", 120.0),
)


class Figure(NamedTuple):
    """A row of the table that is printed."""

    key: str
    meaning: str
    unit: str


FIGURES = (
    Figure("stored_msgs", "messages in the stored stream", ""),
    Figure("stored_msg_bytes", "their mean size", "bytes"),
    Figure("fetch_msgs_per_s", "read by the driver's fetch alone", "msg/s"),
    Figure("drain_msgs_per_s", "read into Bytewax", "msg/s"),
    Figure("drain_over_fetch", "of the driver's fetch", "times"),
    Figure("telemetry_msgs_per_s", "made rows and windows of, and committed", "msg/s"),
    Figure("telemetry_over_drain", "of what is read", "times"),
    Figure("entities_msgs_per_s", "made states of, and put", "msg/s"),
    Figure("entities_over_drain", "of what is read", "times"),
    Figure("relay_packets_per_s", "heard by UDP and stored", "packets/s"),
    Figure("publish_to_kv_ms_p50", "from publishing to the state bucket, median", "ms"),
    Figure("publish_to_kv_ms_p99", "and 99th percentile", "ms"),
    Figure("publish_to_sse_ms_p50", "from publishing to a signed-in page, median", "ms"),
    Figure("publish_to_sse_ms_p99", "and 99th percentile", "ms"),
    Figure("rest_create_ms_p50", "an entity registered by REST, 50 clients at once, median", "ms"),
    Figure("rest_create_ms_p99", "and 99th percentile", "ms"),
    Figure("rest_read_ms_p50", "an entity read by REST, 50 clients at once, median", "ms"),
    Figure("rest_read_ms_p99", "and 99th percentile", "ms"),
    Figure(
        "command_to_wire_ms_p50", "from asking by REST to the packet, of 200 vehicles, median", "ms"
    ),
    Figure("command_to_wire_ms_p99", "and 99th percentile", "ms"),
    Figure("ack_to_sse_ms_p50", "from a vehicle's answer to who follows commands, median", "ms"),
    Figure("ack_to_sse_ms_p99", "and 99th percentile", "ms"),
    Figure("broadcast_deliveries", "of broadcasts to 200 vehicles, that were to come", ""),
    Figure("broadcast_lost", "of those, that have not come", ""),
    Figure("broadcast_doubled", "of those, that have come twice", ""),
    Figure("broadcast_deliveries_per_s", "that came, were answered and told of", "1/s"),
    Figure("command_kept_kb", "a vehicle's part of a broadcast in the stream", "kB"),
    Figure("swift_behind_s", "flows behind 200 entities at 50 Hz, in the end", "s"),
    Figure("many_behind_s", "flows behind 10,000 entities at 1 Hz, in the end", "s"),
    Figure("entity_kb", "memory of an idle entity in the entities flow", "kB"),
    Figure("many_cost_us", "computing for a message of one of 10,000 entities", "us"),
    Figure("many_over_few_cost", "of that for a message of one of 100", "times"),
    Figure("rss_mb", "memory of everything with 8 simulated vehicles", "MB"),
    Figure("demo_cpu_percent", "computing of everything with them", "% of a core"),
    Figure("rss_idle_mb", "memory of everything that nobody speaks to", "MB"),
    Figure("cpu_idle_percent", "computing of everything that nobody speaks to", "% of a core"),
)
