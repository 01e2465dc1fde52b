"""Sensors with signals of their own, some of whose messages come late and out of order."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

SENSORS = ("well-1", "well-2", "well-3")
# As late as a message may be and still correct the windows that it belongs to.
LATE_SECONDS = 13.0


def said(messages: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Subjects and bodies, the same each time but for the hour in which they are said."""
    chance = random.Random(29)
    begun = datetime.now(UTC) - timedelta(hours=1)
    at = dict.fromkeys(SENSORS, 0.0)
    for number in range(messages):
        sensor = chance.choice(SENSORS)
        at[sensor] += chance.uniform(0, 1.5)
        late = chance.uniform(0, LATE_SECONDS) if chance.random() < 0.2 else 0.0
        body: dict[str, Any] = {
            "entity_id": sensor,
            "entity_type": "sensor_platform",
            "message_type": "WELL",
            "timestamp": (begun + timedelta(seconds=at[sensor] - late)).isoformat(),
            "well": {"level": chance.gauss(12, 0.5), "pump": {"speed": chance.randrange(3000)}},
        }
        if number % 5 == 0:
            body["environment"] = {"temperature": chance.gauss(9, 0.1)}
        yield f"constellation.telemetry.default.{sensor}", body
