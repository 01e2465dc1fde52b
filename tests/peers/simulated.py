"""Simulated vehicles as a process of their own, and what they have at first."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from free import free_ports

from connectors.simulator.command.settings import Settings
from connectors.simulator.fleet import ROWS
from flows.ontology.missions import Item
from flows.ontology.stored_missions import Home, Mission

HOST = "127.0.0.1"
SPEED = 10.0
ARDUPILOT, PX4 = ROWS[0], ROWS[1]
ROWS_USED = {"ardupilot": ARDUPILOT, "px4": PX4}


@contextmanager
def simulated(*more: str) -> Iterator[dict[str, int]]:
    """An ArduPilot and a PX4 that wait at home, and the port to which each speaks."""
    first = next(port for port in free_ports(20) if port + 1 < 32_000)
    process = subprocess.Popen(
        [sys.executable, "-m", "connectors.simulator", "--wait", "--vehicles", "2", "--port-each",
         "--target", f"{HOST}:{first}", "--speed", str(SPEED), *more],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield {name: first + number for number, name in enumerate(ROWS_USED)}
    finally:
        process.terminate()
        process.wait(30)


def parameters(name: str) -> dict[str, float]:
    """The parameters of a vehicle that nobody has told anything."""
    return {each.name: each.value for each in Settings(ROWS_USED[name]).rows}


def mission(name: str) -> Mission:
    """A flight around a vehicle's home, with a jump in it and places to the last figure."""
    home = ROWS_USED[name].home
    placed = [
        Item(
            command=16, frame=3, param1=float(n), param4=0.0, altitude=20.5 + n,
            latitude=round(home.latitude + n * 1e-4, 6),
            longitude=round(home.longitude - n * 2e-4, 6),
        )
        for n in range(1, 6)
    ]  # fmt: skip
    jump = Item(command=177, frame=2, param1=1.0, param2=3.0, param4=0.0)
    back = Item(command=20, frame=2, param4=0.0)
    return Mission(
        items=[*placed, jump, back],
        home=Home(round(home.latitude, 6), round(home.longitude, 6), home.altitude),
    )
