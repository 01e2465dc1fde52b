"""The web as it is deployed: granian, its own process, told to stop."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from serving import DEADLINE, environment_of, events, next_with, until

from web.running import beside

pytestmark = pytest.mark.anyio

GRANIAN = Path(sys.executable).with_name("granian")
ARGUMENTS = (
    "--interface", "asgi", "--factory", "--workers", "1", "--loop", "uvloop", "--http", "auto",
    # Longer than the test waits: who is killed in the end has not stopped.
    "--workers-kill-timeout", "60", "--no-access-log",
)  # fmt: skip


@contextmanager
def deployed(settings):
    port = ("--host", settings.host, "--port", str(settings.port))
    process = subprocess.Popen(
        [GRANIAN, *ARGUMENTS, *port, "web.app:app"], env=environment_of(settings)
    )
    try:
        yield process
    finally:
        process.terminate()  # Killed, it would leave its worker behind.
        process.wait(DEADLINE)


def answers(url):
    try:
        return httpx.get(f"{url}/health", timeout=1).status_code in (200, 503)
    except httpx.HTTPError:
        return False


def link(settings):
    printed = subprocess.run(
        [sys.executable, "-m", "web.sign_in"],
        env=environment_of(settings),
        capture_output=True,
        text=True,
        check=True,
    )
    return printed.stdout[printed.stdout.index("/sign-in") :].strip()


async def test_it_stops_at_once_with_a_stream_open(settings, bucket):
    """A tab that is left open does not hold the server up."""
    with deployed(settings) as process:
        await until(lambda: answers(settings.url))
        async with httpx.AsyncClient(base_url=settings.url, timeout=DEADLINE) as client:
            assert (await client.get(link(settings))).status_code == 303
            async with events(client, "/live/fleet") as stream:
                await next_with(stream, 'id="counts"')

                process.send_signal(signal.SIGTERM)
                async with asyncio.timeout(DEADLINE):
                    async for _ in stream:
                        pass
                await until(lambda: process.poll() is not None)

    assert process.returncode == 0


def test_importing_has_no_effect(tmp_path):
    """No file, no thread, no setting read: that is left to whoever calls the factory."""
    program = "import web.app, threading; assert threading.active_count() == 1"
    subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PORT": "not a port"},
        check=True,
    )
    assert list(tmp_path.iterdir()) == []


async def test_work_that_takes_being_cancelled_for_a_late_answer_is_told_again():
    """As drivers do; the server stops all the same."""
    told = []

    async def stubborn():
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                told.append("stop")
                if len(told) == 3:
                    raise

    async with asyncio.timeout(DEADLINE), beside(stubborn()):
        await asyncio.sleep(0)

    assert told == ["stop"] * 3
