"""A message server for the tests of what reads and writes streams."""

from collections.abc import Iterator

import pytest
from message_server import FREE, Running, message_server, on
from nats.js import JetStreamContext


@pytest.fixture(scope="module")
def shared(tmp_path_factory) -> Iterator[Running]:
    with message_server(tmp_path_factory.mktemp("nats"), users=FREE) as running:
        yield running


@pytest.fixture
def running(shared: Running) -> Running:
    """A server that has no stream."""

    async def empty(js: JetStreamContext) -> None:
        for info in await js.streams_info():
            await js.delete_stream(info.config.name)

    on(shared, empty)
    return shared
