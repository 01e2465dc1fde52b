"""One recording, played by a process of its own; what it shows is passed on."""

import os
import pty
import re
import secrets
import signal
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO

import click

from connectors.environment import environment
from connectors.metrics import FOLDER, PART, forget_gauges
from flows.ontology.settings import Settings
from flows.parts import python, run_folder, variables
from flows.supervisor.runner import TETHER
from flows.supervisor.said import Said

NAME = "replay"
AT_ONCE = 65_536
# Ends of names: NMEA of ships; SBS, AVR, Beast and dated frames of aircraft.
TRAFFIC = frozenset((".nmea", ".ais", ".txt", ".csv", ".sbs", ".avr", ".beast"))
# From here on it is for the log, not for people.
_TRACE = re.compile(rb"(^|[\r\n])(Traceback \(most recent|thread '.*' panicked)")


def is_traffic(file: Path) -> bool:
    """Whether a file holds, by its name, what receivers of ships or aircraft have heard."""
    return file.suffix.lower() in TRAFFIC


def play(found: Settings, file: Path, speed: float, entity: str, title: str = "") -> str:
    """Play a recording to its end; why it could not be played, or nothing.

    Raises:
        Abort: it was interrupted.
    """
    # Each playing is another, so that the same log can be played again.
    run = secrets.token_hex(8)
    call = f"{NAME}({str(file.absolute())!r}, {speed!r}, {entity!r}, {run!r}, {title!r})"
    said = Said()
    flow = "traffic" if is_traffic(file) else "relay"
    code = _run(found, python("bytewax.run", f"flows.{flow}:{call}"), said)
    if code in (-signal.SIGINT, 128 + signal.SIGINT) or said.interrupted:
        raise click.Abort
    return (said.sentence or f"The replay ended with exit code {code}.") if code else ""


def _run(found: Settings, command: tuple[str, ...], said: Said) -> int:
    """Run the replay, pass on what it shows, and hear what it says; its exit code."""
    run = run_folder(found).absolute()
    given = {**variables(found, environment()), PART: NAME, FOLDER: str(run)}
    # It draws a bar where it finds a terminal.
    reader, writer = pty.openpty() if sys.stderr.isatty() else os.pipe()
    with closing(os.fdopen(reader, "rb", buffering=0)) as shown:
        tied = (*TETHER, str(os.getpid()), "0", *command)
        with subprocess.Popen(
            tied, cwd=found.data_dir, env=given, stderr=writer, start_new_session=True
        ) as process:
            os.close(writer)
            try:
                _pass_on(shown, said)
            except KeyboardInterrupt:
                process.send_signal(signal.SIGINT)
                _pass_on(shown, said)
        forget_gauges(run, NAME)
    return process.returncode


def _pass_on(shown: BinaryIO, said: Said) -> None:
    heard = b""
    traced = False
    with suppress(OSError):  # That is how a terminal ends.
        while chunk := shown.read(AT_ONCE):
            heard = (heard + chunk)[-AT_ONCE:]
            found = None if traced else _TRACE.search(chunk)
            if not traced:
                sys.stderr.buffer.write(chunk[: found.start()] if found else chunk)
                sys.stderr.flush()
            traced = traced or found is not None
    for line in re.split(r"[\r\n]+", heard.decode(errors="replace")):
        said.hear(line)
