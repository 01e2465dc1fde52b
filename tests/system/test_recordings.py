"""Real flights through real processes, against what pymavlink alone finds in their files."""

import math
import random
import statistics
import subprocess
import sys
import time
from functools import cache
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from deployment import STREAM, Observed, deployed, until
from nbclient import NotebookClient
from oracle import Vehicle, vehicles

RECORDINGS = Path(__file__).parents[1] / "recordings"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "mavlink"
COMMITTED = sorted(RECORDINGS.glob("*.tlog"))
# Those are read as well where they are, since not everybody may have them.
ALSO = sorted(SHARED.glob("S*.tlog"))

TYPES = {
    1: "aircraft_fixed_wing",
    2: "aircraft_multirotor",
    10: "ground_vehicle_wheeled",
    12: "underwater_vehicle",
}
NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "fleet.ipynb"
SECONDS = 90.0
ENTITIES = "SELECT DISTINCT entity_id FROM telemetry WHERE source = ?"
SPEED = "signal = 'vfr.groundspeed' AND seconds = 10"


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """A deployment into which every recording has been played."""
    with deployed(tmp_path_factory.mktemp("played")) as running:
        for path in (*COMMITTED, *ALSO):
            done = running.run("replay", str(path), "--speed", "0")
            assert done.returncode == 0, done.stderr
        yield running


def test_there_are_recordings():
    """So that the tests below cannot pass by having nothing to read."""
    assert len(COMMITTED) >= 3


@pytest.mark.parametrize("path", [*COMMITTED, *ALSO], ids=lambda path: path.stem[:24])
def test_a_flight_arrives_whole(played, path):
    """Every message, the registry, the last state and every window are the recording's."""
    expect(played, path)


def test_nothing_else_has_arrived(played):
    """The stream, the lake and the registry hold these flights and not a row more."""
    total = sum(flown(path).total() for path in (*COMMITTED, *ALSO))

    assert played.stream_last() == total
    assert played.ask("SELECT count(*), count(DISTINCT seq) FROM telemetry") == [(total, total)]
    assert len(played.registry()) == sum(len(flown(path)) for path in (*COMMITTED, *ALSO))


def test_nothing_is_lost_and_nothing_comes_twice_when_flows_are_killed(tmp_path):
    """SIGKILL at random moments of a replay, again and again, and the result is the same."""
    path = RECORDINGS / "sitl_copter41_mavproxy_mission.tlog"
    chance = random.Random(41)
    killed = dict.fromkeys(("replay", "telemetry", "entities"), 0)
    with deployed(tmp_path) as deployment:
        player = Player(deployment, tmp_path, path, speed=24.0)
        while not player.ended():
            time.sleep(chance.uniform(0.3, 1.0))
            victim = chance.choice(tuple(killed))
            died = player.kill() if victim == "replay" else deployment.kill(victim)
            killed[victim] += died

        assert all(killed.values()), killed
        until(deployment.healthy, SECONDS, "all parts are well again")
        expect(deployment, path)
        assert deployment.stream_last() == flown(path).total()


class Flown(dict[int, Vehicle]):
    """The vehicles of a recording, by system id."""

    def total(self) -> int:
        return sum(vehicle.total for vehicle in self.values())


@cache
def flown(path: Path) -> Flown:
    return Flown(vehicles(path))


def expect(deployment: Observed, path: Path) -> None:
    """The deployment knows of the recording's vehicles, and of no others by that recording."""
    link, there = f"log:{path.name}", flown(path)
    assert there.total() > 0
    rows = "SELECT count(*), count(DISTINCT seq) FROM telemetry WHERE source = ?"
    until(
        lambda: deployment.ask(rows, link)[0][0] >= there.total(),
        SECONDS,
        f"{there.total()} rows of {path.name}",
    )
    assert deployment.ask(rows, link) == [(there.total(), there.total())]
    ids = {each for (each,) in deployment.ask(ENTITIES, link)}
    samples = sum(len(each) for vehicle in there.values() for each in vehicle.windows.values())
    told = (
        f"SELECT coalesce(sum(count), 0) FROM windows WHERE {SPEED} AND entity_id IN ({ENTITIES})"
    )
    until(lambda: deployment.ask(told, link) == [(samples,)], SECONDS, f"{samples} samples")
    states = until(lambda: settled(deployment, ids), SECONDS, "states have caught up")
    by_system = {state["system_id"]: state for state in states.values()}

    assert by_system.keys() == there.keys()
    for system, vehicle in there.items():
        state = by_system[system]
        expect_state(state, vehicle)
        expect_history(deployment, state["entity_id"], vehicle)
        row = deployment.registry()[state["entity_id"]]
        assert row["entity_type"] == state["entity_type"]
        assert row["entity_type"] == TYPES.get(vehicle.mav_type, row["entity_type"])
        assert (row["org_id"], row["name"]) == ("default", state["name"])


def settled(deployment: Observed, ids: set[str]) -> dict[str, dict]:
    """The states of some entities, once they say all that the lake says; nothing before."""
    last = dict(deployment.ask("SELECT entity_id, max(seq) FROM telemetry GROUP BY 1"))
    states = {key: state for key, state in deployment.states().items() if key in ids}
    heard = {key: state["sequences"].get(STREAM, 0) for key, state in states.items()}
    return states if heard == {key: last[key] for key in ids} else {}


def expect_state(state: dict, vehicle: Vehicle) -> None:
    """The last document is what the vehicle said last, and it is a recording."""
    place = state.get("position", {}).get("global", {})
    assert place.get("latitude") == vehicle.latitude
    assert place.get("longitude") == vehicle.longitude
    assert state["vehicle_status"]["armed"] is vehicle.armed
    if not vehicle.mode.startswith("Mode("):
        assert state["vehicle_status"]["mode"] == vehicle.mode
    assert state.get("power", {}).get("battery_remaining") == vehicle.battery
    assert state["recorded"] is True


def expect_history(deployment: Observed, entity_id: str, vehicle: Vehicle) -> None:
    """Rows by type of message, the highest point, and every window of ten seconds."""
    kinds = "SELECT message_type, count(*) FROM telemetry WHERE entity_id = ? GROUP BY 1"
    assert dict(deployment.ask(kinds, entity_id)) == dict(vehicle.messages)
    if vehicle.highest > -math.inf:
        highest = "SELECT max(position_global_altitude_relative) FROM telemetry WHERE entity_id = ?"
        assert deployment.ask(highest, entity_id) == [(vehicle.highest,)]
    windows = deployment.ask(
        'SELECT epoch("start"), count, min, max, p95, last, mean, time_weighted, stddev '
        f"FROM windows WHERE entity_id = ? AND {SPEED} ORDER BY 1",
        entity_id,
    )
    expected = [(start, *figures(samples)) for start, samples in sorted(vehicle.windows.items())]
    assert [each[:6] for each in windows] == [each[:6] for each in expected]
    for got, wanted in zip(windows, expected, strict=True):
        assert got[6:8] == pytest.approx(wanted[6:8], rel=1e-9, abs=1e-6)
        assert got[8] == (None if wanted[8] is None else pytest.approx(wanted[8], abs=1e-9))


def figures(samples: list[tuple[float, float]]) -> tuple[float | None, ...]:
    """Count, least, most, p95, last, mean, mean over time and standard deviation."""
    ordered = sorted(samples, key=lambda sample: sample[0])
    values = [value for _, value in ordered]
    span = ordered[-1][0] - ordered[0][0]
    mean = statistics.fmean(values)
    held = sum(value * (until - at) for (at, value), (until, _) in pairwise(ordered))
    return (
        len(values),
        min(values),
        max(values),
        sorted(values)[math.ceil(len(values) * 95 / 100) - 1],
        values[-1],
        mean,
        held / span if span else mean,
        statistics.stdev(values) if len(values) > 1 else None,
    )


class Player:
    """A replay that is started again whenever it is killed, and goes on where it was."""

    def __init__(self, deployment: Observed, folder: Path, path: Path, speed: float) -> None:
        recovery = folder / "replay-recovery"
        recovery.mkdir()
        python = [sys.executable, "-m"]
        subprocess.run([*python, "bytewax.recovery", str(recovery), "1"], check=True)
        factory = f"flows.relay:replay({str(path)!r}, {speed}, '', 'killed')"
        self._command = [
            *python, "bytewax.run", factory, "-r", str(recovery), "-s", "1", "-b", "0",
        ]  # fmt: skip
        self._environment = deployment.environment | {"OVERWATCH_PART": "replay"}
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            self._command, env=self._environment, stderr=subprocess.DEVNULL
        )

    def kill(self) -> bool:
        """Kill it and start it again; whether it still ran."""
        if self._process.poll() is not None:
            return False
        self._process.kill()
        self._process.wait()
        self._start()
        return True

    def ended(self) -> bool:
        code = self._process.poll()
        assert code in (None, 0)
        return code == 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Of the kernel's own packages.
def test_the_notebook_runs_over_the_lake(played, monkeypatch):
    """As an analyst opens it, beside running flows."""
    monkeypatch.setenv("OVERWATCH_DATA_DIR", str(played.data))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    ran = NotebookClient(notebook, timeout=120, kernel_name="python3").execute()

    shown = [str(cell.get("outputs")) for cell in ran.cells if cell.cell_type == "code"]
    assert "log:sitl_copter41" in shown[1]
    assert "p95" in shown[4]
    assert "image/svg+xml" in shown[5]
    assert "polygon" in shown[5]
    assert "image/svg+xml" in shown[-2]
    twice_and_missing = shown[-1]
    assert "CONSTELLATION_TELEMETRY" in twice_and_missing
