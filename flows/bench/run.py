"""Runs the plan: figures of all measurements, and nothing left behind."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from flows.bench.apart import measure
from flows.bench.place import environment
from flows.bench.plan import ALONE, IN_TURNS, STORE, Measurement
from flows.bench.running import running
from flows.bench.sizes import Figures, Sizes
from flows.ontology.settings import Settings

# Told before each measurement what is going to be done, and afterwards what has come of it.
Tell = Callable[[str], None]


async def run(sizes: Sizes, begun: Tell, done: Callable[[Figures], None]) -> Figures:
    """Measure everything.

    Args:
        sizes: how much.
        begun: told of each measurement that begins.
        done: told of its figures.

    Raises:
        MeasuringFailed: a measurement came to no figure.
        StartFailed: the message server does not work.
    """
    figures: Figures = {}
    with tempfile.TemporaryDirectory(prefix="overwatch-bench-") as name:
        folder = Path(name)

        async def take(measurement: Measurement, variables: dict[str, str]) -> None:
            begun(measurement.doing)
            seconds = measurement.seconds + sizes.broadcasts * measurement.of_broadcast
            found = await measure(measurement.name, sizes, variables, folder, seconds)
            done(found)
            # The best of several: what else the machine does can only slow them down.
            figures.update({key: max(each, figures.get(key, each)) for key, each in found.items()})

        stored = environment(folder / "stored")
        async with running(Settings.read(stored), "nats", variables=stored):
            await take(STORE, stored)
            for _ in range(sizes.rounds):
                for measurement in IN_TURNS:
                    await take(measurement, stored)
        for measurement in ALONE:
            await take(measurement, environment(folder / measurement.name))
    return _with_ratios(figures)


def _with_ratios(figures: Figures) -> Figures:
    drain = figures["drain_msgs_per_s"]
    return {
        **figures,
        "drain_over_fetch": drain / figures["fetch_msgs_per_s"],
        "telemetry_over_drain": figures["telemetry_msgs_per_s"] / drain,
        "entities_over_drain": figures["entities_msgs_per_s"] / drain,
    }
