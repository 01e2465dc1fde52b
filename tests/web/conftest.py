"""The servers that the web's tests run against."""

import nats
import pytest
from serving import Bucket, NatsServer, WoundClock, make_streams, served, settings_for, until


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def nats_server(tmp_path):
    server = NatsServer(tmp_path / "js")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def settings(tmp_path, nats_server):
    return settings_for(tmp_path, nats_server.url)


@pytest.fixture
def wound():
    return WoundClock()


@pytest.fixture
async def bucket(anyio_backend, nats_server):
    await make_streams(nats_server.url)
    client = await nats.connect(nats_server.url, reconnect_time_wait=0.1, max_reconnect_attempts=-1)
    yield Bucket(client)
    await client.close()


@pytest.fixture
async def web(anyio_backend, settings, bucket, wound):
    """The web over a bucket that it follows already."""
    async with served(settings, wound.clock) as running:
        await until(lambda: running.site.picture.connected)
        yield running
