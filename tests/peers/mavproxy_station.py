"""MAVProxy as a program of its own, that is typed to and read: nothing of it is imported."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Self

from deployed import until

HOST = "127.0.0.1"
MODULES = "link,arm,mode,cmdlong,misc,param,wp,fence,rally,output"


class MavproxyStation:
    """A ground station that listens on a port, for as long as the block lasts.

    Args:
        folder: of its own.
        port: where vehicles speak.
        out: another port of loopback, with which it shares what it hears.
    """

    def __init__(self, folder: Path, port: int, out: int | None = None) -> None:
        self._said: list[str] = []
        shared = [f"--out=udp:{HOST}:{out}"] if out else []
        self._process = subprocess.Popen(
            [sys.executable, str(Path(sys.executable).with_name("mavproxy.py")), "--no-state",
             f"--master=udpin:{HOST}:{port}", *shared, f"--default-modules={MODULES}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            cwd=folder, env={**os.environ, "HOME": str(folder), "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        self._reading = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._reading.start()
        # With the parameters it has all that it asks for of its own accord.
        self.wait_for("Received ", since=0)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()  # Upon which it ends.
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reading.join()
        self._process.stdout.close()

    @property
    def said(self) -> str:
        return "".join(self._said)

    def type(self, line: str, *expected: str) -> str:
        """Type a line, and wait until it has said all that; what it has said since."""
        since = len(self.said)
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        for each in expected:
            self.wait_for(each, since)
        return self.said[since:]

    def wait_for(self, text: str, since: int) -> None:
        """Wait until it has said that."""
        until(lambda: text in self.said[since:] or self._process.poll() is not None)
        assert text in self.said[since:], self.said[-2000:]

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.append(line)
