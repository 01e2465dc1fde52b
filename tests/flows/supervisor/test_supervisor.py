"""The supervisor, over small programs in place of the parts."""

import asyncio
import json
import logging
import os
import signal
import sys
import time
from contextlib import asynccontextmanager

import psutil
import pytest

from connectors.metrics import PART
from flows.parts import Part, Stage
from flows.supervisor import StartFailed, Supervisor
from flows.supervisor.clock import Clock
from flows.supervisor.runner import Place

DEADLINE = 15.0
FOREVER = "import signal; signal.pause()"
# Says when it is told to stop, and when it has stopped.
ORDERLY = (
    "import signal, sys, time\n"
    "def stop(number, frame): open('ended', 'a').write(sys.argv[1] + ' '); sys.exit(0)\n"
    "signal.signal(signal.SIGTERM, stop)\n"
    "open(sys.argv[1] + '.up', 'w').close()\n"
    "signal.pause()"
)
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: signal.pause()"
PARENT = (
    "import subprocess, sys, signal\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
    "open('child', 'w').write(str(child.pid) + '.')\n"
    "signal.pause()"
)
BEATING = "from connectors.metrics import beat; beat('flow'); import signal; signal.pause()"
FAILING = "import sys; sys.exit('There is no lake.')"


def program(name, text, *arguments, **columns):
    return Part(name, (sys.executable, "-c", text, *arguments), **columns)


class Said(list):
    def __call__(self, part, level, text):
        self.append((part, level, text))


@pytest.fixture
def said():
    return Said()


@pytest.fixture
def place(tmp_path):
    variables = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}
    return Place(tmp_path, tmp_path / "run", tmp_path / "logs", variables, logging.INFO)


@asynccontextmanager
async def supervised(place, said, *parts):
    supervisor = Supervisor(parts, place, said)
    try:
        yield supervisor
    finally:
        await supervisor.stop()


def report(place):
    parts = json.loads((place.run / "parts.json").read_text())["parts"]
    return {each["part"]: each for each in parts}


async def until(condition):
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110 - other processes tell of no event.
            await asyncio.sleep(0.02)


def test_a_part_lets_others_go_first_as_far_as_it_is_nice(place, said):
    """As its row says, on top of how nice the supervisor is."""

    async def run():
        parts = (program("first", FOREVER), program("later", FOREVER, nice=5))
        async with supervised(place, said, *parts) as supervisor:
            await supervisor.start(Stage.DEPLOYMENT)
            ours = os.getpriority(os.PRIO_PROCESS, 0)
            nice = {
                name: os.getpriority(os.PRIO_PROCESS, row["pid"])
                for name, row in report(place).items()
            }
            assert nice == {"first": ours, "later": min(ours + 5, 19)}

    asyncio.run(run())


def test_a_part_that_ended_is_started_again(place, said):
    """It was running, is backing off with its reason, and runs as another process."""

    async def run():
        async with supervised(place, said, program("one", FOREVER)) as supervisor:
            await supervisor.start(Stage.DEPLOYMENT)
            before = report(place)["one"]
            os.kill(before["pid"], signal.SIGKILL)
            await until(lambda: report(place)["one"]["state"] == "backing off")
            fallen = report(place)["one"]
            await until(lambda: report(place)["one"]["state"] == "running")
            return before, fallen, report(place)["one"]

    before, fallen, after = asyncio.run(run())
    assert (before["state"], before["reason"]) == ("running", "")
    assert (fallen["reason"], fallen["pid"]) == ("It was ended by SIGKILL.", None)
    assert (after["reason"], after["pid"] != before["pid"]) == ("", True)
    ((part, level, text),) = said
    assert (part, level) == ("one", logging.ERROR)
    assert text == "It was ended by SIGKILL. It is started again in 0.5 s. See logs/one.log."


def test_what_sleeps_by_the_clock_on_the_wall_is_started_again_when_that_is_set_back(place, said):
    """It would sleep for as long as the clock needs to come there again."""
    place.run.mkdir()
    wall = [0.0]
    flow = program("flow", BEATING, beats=True)

    async def run():
        clock = Clock(lambda: time.monotonic() + wall[0])
        supervisor = Supervisor((flow, program("other", FOREVER)), place, said, clock)
        try:
            await supervisor.start(Stage.DEPLOYMENT)
            before = report(place)
            wall[0] = -3600.0
            await until(lambda: report(place)["flow"]["pid"] not in (None, before["flow"]["pid"]))
            await until(lambda: report(place)["flow"]["state"] == "running")
            return before, report(place)
        finally:
            await supervisor.stop()

    before, after = asyncio.run(run())
    assert before["other"]["pid"] == after["other"]["pid"]
    told = "The clock was set back by 3600 s: the flows are started again."
    assert ("supervisor", logging.WARNING, told) in said


def test_a_part_that_does_not_come_up_is_given_up_with_its_last_words(place, said):
    """After a few tries, so that one who starts everything is told."""

    async def run():
        async with supervised(place, said, program("lake", FAILING)) as supervisor:
            await supervisor.start(Stage.DEPLOYMENT)

    with pytest.raises(StartFailed, match=r"^lake does not come up\. There is no lake\.$"):
        asyncio.run(run())
    assert (place.logs / "lake.log").read_text().count("There is no lake.") == 3


def test_a_program_that_is_none_is_named(place, said):
    """It is not the supervisor that fails."""

    async def run():
        async with supervised(place, said, Part("odd", ("/no/such/program",))) as supervisor:
            await supervisor.start(Stage.DEPLOYMENT)

    with pytest.raises(StartFailed, match="/no/such/program cannot be started: No such file"):
        asyncio.run(run())


def test_stopping_is_orderly_the_server_last(place, said):
    """Others may still have something to say to it; and nobody reports any more."""
    parts = [
        program("server", ORDERLY, "server", stage=Stage.SERVER),
        program("flow", ORDERLY, "flow"),
        program("peer", ORDERLY, "peer", stage=Stage.PEERS),
    ]

    async def run():
        async with supervised(place, said, *parts) as supervisor:
            for stage in Stage:
                await supervisor.start(stage)
            await until(lambda: len(list(place.folder.glob("*.up"))) == 3)

    asyncio.run(run())
    *others, last = (place.folder / "ended").read_text().split()
    assert (sorted(others), last) == (["flow", "peer"], "server")
    assert not (place.run / "parts.json").exists()
    assert said == []


def test_a_part_that_does_not_listen_is_killed(place, said):
    """After the time that its row gives it."""

    async def run():
        async with supervised(place, said, program("deaf", DEAF, stop_seconds=0.3)) as supervisor:
            await supervisor.start(Stage.DEPLOYMENT)
            process = psutil.Process(report(place)["deaf"]["pid"])
            told = time.monotonic()
        return process.is_running(), time.monotonic() - told

    alive, seconds = asyncio.run(run())
    assert not alive
    assert 0.3 <= seconds < DEADLINE


def test_what_a_part_started_ends_with_it(place, said):
    """Even if the part is killed: the next one must find its port free."""
    child = place.folder / "child"

    async def run():
        async with supervised(place, said, program("web", PARENT)) as supervisor:
            await supervisor.start(Stage.DEPLOYMENT)
            await until(lambda: child.exists() and child.read_text().endswith("."))
            process = psutil.Process(int(child.read_text()[:-1]))
            os.kill(report(place)["web"]["pid"], signal.SIGKILL)
            await until(lambda: gone(process))

    asyncio.run(run())


def gone(process):
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_flow_works_when_it_gives_a_sign_of_life(place, said):
    """And when it has ended, what it showed last is shown no more; its counters stay."""
    beating = (
        "import os, sys\n"
        "from connectors.metrics import beat, counter\n"
        "beat('flow'); counter('overwatch_published_total', 'flow').inc()\n"
        "sys.exit() if os.path.exists('again') else open('again', 'w').close()\n"
        "import signal; signal.pause()"
    )

    async def run():
        async with supervised(place, said, program("flow", beating, beats=True)) as supervisor:
            await supervisor.start(Stage.DEPLOYMENT)
            shown = figures(place)
            os.kill(report(place)["flow"]["pid"], signal.SIGKILL)
            await until(lambda: report(place)["flow"]["state"] == "backing off")
            return shown, figures(place)

    shown, after = asyncio.run(run())
    assert shown == {"counter_flow.db", "gauge_livemostrecent_flow.db"}
    assert after == {"counter_flow.db"}


def figures(place):
    return {file.name for file in place.run.glob("*.db")}


def test_a_job_is_done_again_and_again(place, said):
    """It is well between its turns; one that fails is tried again, and says why."""
    job = (
        "import os, sys\n"
        "turn = len(open('turns').read()) if os.path.exists('turns') else 0\n"
        "open('turns', 'a').write('.')\n"
        "sys.exit('The disk is full.' if turn == 1 else 0)"
    )
    turns = place.folder / "turns"

    async def run():
        async with supervised(place, said, program("job", job, every_seconds=0.05)) as supervisor:
            await supervisor.start(Stage.DEPLOYMENT)
            await until(lambda: report(place)["job"]["state"] == "backing off")
            reason = report(place)["job"]["reason"]
            await until(lambda: len(turns.read_text()) >= 4)
            return reason, report(place)["job"]

    reason, after = asyncio.run(run())
    assert reason == "The disk is full."
    assert (after["state"], after["reason"]) == ("running", "")


def test_what_matters_is_passed_on_and_the_rest_kept(place, said):
    """Warnings and errors are for the operator; what LOG_LEVEL leaves out is for nobody."""
    talking = (
        "print('2026-01-02 03:04:05 [warning  ] slow   part=web')\n"
        "print('[1] 2026/01/02 03:04:05 [INF] ready')\n"
        "print('2026-01-02 03:04:05 [debug    ] detail')\n"
        "import signal; signal.pause()"
    )

    async def run():
        async with supervised(place, said, program("web", talking)) as supervisor:
            await supervisor.start(Stage.DEPLOYMENT)

    asyncio.run(run())
    assert said == [("web", logging.WARNING, "slow part=web")]
    kept = (place.logs / "web.log").read_text()
    assert "slow" in kept
    assert "ready" in kept
    assert "detail" not in kept


def test_a_part_knows_its_name_and_has_no_terminal(place, said):
    """The environment is what the table of settings gave, and the part's name."""
    telling = (
        "import json, os, sys\n"
        "told = {'part': os.environ['" + PART + "'], 'home': os.environ.get('HOME'),"
        " 'stdin': sys.stdin.read(), 'leader': os.getsid(0) == os.getpid()}\n"
        "open('told', 'w').write(json.dumps(told) + '.')\n"
        "import signal; signal.pause()"
    )
    told = place.folder / "told"

    async def run():
        async with supervised(place, said, program("web", telling)) as supervisor:
            await supervisor.start(Stage.DEPLOYMENT)
            await until(lambda: told.exists() and told.read_text().endswith("."))

    asyncio.run(run())
    assert json.loads(told.read_text()[:-1]) == {
        "part": "web", "home": None, "stdin": "", "leader": True,
    }  # fmt: skip
