"""The declared streams and the state bucket: what JetStream keeps, and for how long.

Names and subjects are the reference system's. Retention is by limits everywhere,
since dashboards, analytics and devices all read; acknowledging never deletes.
"""

from datetime import timedelta
from typing import Literal

import msgspec

from flows.ontology import subjects

MEBIBYTE = 1024 * 1024


class Stream(msgspec.Struct, frozen=True):
    """One stream. ``share`` is its part of the file store that the server may use."""

    name: str
    subjects: tuple[str, ...]
    share: float
    max_age: timedelta
    max_message_bytes: int
    keeps: str
    discard: Literal["old", "new"] = "old"
    storage: Literal["file", "memory"] = "file"
    # How long a message id is remembered, so that a publisher that was restarted
    # may say again what it is not sure of having said.
    remembers: timedelta = timedelta(minutes=5)
    per_subject: int = -1


STREAMS = (
    Stream(
        "CONSTELLATION_TELEMETRY",
        (f"{subjects.TELEMETRY}.>",),
        share=0.55,
        max_age=timedelta(days=7),
        max_message_bytes=MEBIBYTE // 2,
        keeps="every message that a vehicle or sensor has said",
    ),
    Stream(
        "CONSTELLATION_ENTITIES",
        (f"{subjects.ENTITIES}.>",),
        share=0.05,
        max_age=timedelta(days=30),
        max_message_bytes=MEBIBYTE,
        keeps="entities created, updated, deleted",
    ),
    Stream(
        "CONSTELLATION_EVENTS",
        (f"{subjects.EVENTS}.>",),
        share=0.10,
        max_age=timedelta(days=30),
        max_message_bytes=MEBIBYTE // 4,
        keeps="what happened: detections, alarms, live to stale to lost",
    ),
    Stream(
        "CONSTELLATION_ORGANIZATIONS",
        (f"{subjects.ORGANIZATIONS}.>",),
        share=0.02,
        max_age=timedelta(days=30),
        max_message_bytes=MEBIBYTE // 4,
        keeps="organisations created, updated, deleted",
    ),
    Stream(
        "CONSTELLATION_COMMANDS",
        (f"{subjects.COMMANDS}.>",),
        share=0.08,
        max_age=timedelta(days=7),
        # As large as a mission of a thousand items is.
        max_message_bytes=MEBIBYTE // 2,
        keeps="commands, deliveries, answers and their states",
        discard="new",
    ),
    Stream(
        "CONSTELLATION_VIDEO_FRAMES",
        (f"{subjects.VIDEO}.>",),
        share=0.25,
        max_age=timedelta(seconds=10),
        max_message_bytes=MEBIBYTE,
        keeps="seconds of video, in memory",
        storage="memory",
        remembers=timedelta(seconds=1),
    ),
    Stream(
        "CONSTELLATION_REJECTED",
        (f"{subjects.REJECTED}.>",),
        share=0.05,
        max_age=timedelta(days=7),
        max_message_bytes=MEBIBYTE,
        keeps="what could not be used, and why",
    ),
)

# A KV bucket is a stream too; history 10 and no expiry, as edge programs expect.
BUCKET = Stream(
    subjects.BUCKET_STREAM,
    (f"{subjects.BUCKET_SUBJECT}.>",),
    share=0.10,
    max_age=timedelta(0),
    max_message_bytes=MEBIBYTE,
    keeps="the state of every entity, as last known",
    per_subject=10,
)
