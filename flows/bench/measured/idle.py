"""What a deployment takes that nobody speaks to."""

import asyncio

from flows.bench.measured.deployment import taken
from flows.bench.sizes import Figures, Sizes
from flows.ontology.settings import Settings


def measure(_: Settings, sizes: Sizes) -> Figures:
    megabytes, percent = asyncio.run(taken("up", sizes))
    return {"rss_idle_mb": megabytes, "cpu_idle_percent": percent}
