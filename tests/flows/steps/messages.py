"""Stored messages, as the tests of steps make them."""

from collections.abc import Mapping

import msgspec

from connectors.jetstream import Message

SECOND = 1_000_000
NOON = 1_790_000_000 * SECOND


def stored(
    data: object,
    subject: str = "constellation.telemetry.north.v1",
    headers: Mapping[str, str] | None = None,
    sequence: int = 7,
) -> Message:
    """A message that the stream took at noon; data that is not bytes becomes JSON."""
    body = data if isinstance(data, bytes) else msgspec.json.encode(data)
    return Message("CONSTELLATION_TELEMETRY", subject, body, sequence, NOON, headers)
