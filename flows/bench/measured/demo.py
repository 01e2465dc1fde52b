"""What a deployment takes with the simulated fleet flying."""

import asyncio

from flows.bench.measured.deployment import taken
from flows.bench.sizes import Figures, Sizes
from flows.ontology.settings import Settings


def measure(_: Settings, sizes: Sizes) -> Figures:
    megabytes, percent = asyncio.run(taken("demo", sizes))
    return {"rss_mb": megabytes, "demo_cpu_percent": percent}
