"""A deployment as people run it: the `overwatch` command, its own folder and free ports."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from free import free_port

OVERWATCH = Path(sys.executable).with_name("overwatch")
READY_SECONDS = 90.0
DEADLINE = 30.0


def until(condition: Callable[[], object], seconds: float = DEADLINE) -> None:
    """Wait until a condition holds; fail when it has not by the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {condition}"
        time.sleep(0.05)


def variables(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a deployment that touches no other."""
    return {
        **os.environ,
        "HOME": str(folder),
        "OVERWATCH_DATA_DIR": str(folder / "data"),
        "PORT": str(free_port()),
        "NATS_PORT": str(free_port()),
        "MAVLINK_BASE_PORT": str(free_port()),
        **more,
    }


def ran(
    folder: Path, environment: dict[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    """The command, run to its end."""
    return subprocess.run(
        [OVERWATCH, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=READY_SECONDS,
        check=False,
    )


@dataclass
class Deployment:
    folder: Path
    environment: dict[str, str]
    process: subprocess.Popen[str]
    ready: str

    @property
    def data(self) -> Path:
        return Path(self.environment["OVERWATCH_DATA_DIR"])

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return ran(self.folder, self.environment, *arguments)

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        port = int(self.environment["PORT"])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def healthy(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return self.get("/health")[0] == 200
        return False

    def fault(self, part: str) -> str:
        """What /health says is wrong with a part."""
        report = json.loads(self.get("/health")[1])
        return next(each.get("reason", "") for each in report["parts"] if each["part"] == part)

    def parts(self) -> dict[str, dict]:
        report = json.loads((self.data / "run" / "parts.json").read_text())
        return {each["part"]: each for each in report["parts"]}

    def processes(self) -> list[psutil.Process]:
        """Every process that the supervisor has started, and theirs."""
        return psutil.Process(self.process.pid).children(recursive=True)


def running(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run; one that nobody has waited for yet does not."""
    found = []
    for each in processes:
        with suppress(psutil.NoSuchProcess):
            if each.is_running() and each.status() != psutil.STATUS_ZOMBIE:
                found.append(each)
    return found


@contextmanager
def deployment(folder: Path, command: str = "up", **more: str) -> Iterator[Deployment]:
    """Everything, ready; and nothing of it afterwards."""
    environment = variables(folder, **more)
    log = (folder / "stderr").open("w")
    with (
        log,
        subprocess.Popen(
            [OVERWATCH, command],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        left: list[psutil.Process] = []
        try:
            ready = process.stdout.readline().strip()
            assert ready, (folder / "stderr").read_text()
            yield Deployment(folder, environment, process, ready)
        finally:
            if process.poll() is None:
                left = psutil.Process(process.pid).children(recursive=True)
                process.send_signal(signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(DEADLINE)
            process.kill()
            for each in running(left):
                each.kill()
