"""NATS clients as other programs have them, that leave nothing open where they are not let in."""

from typing import Any

from nats.aio.client import Client


async def connect(url: str, **options: Any) -> Client:
    """Connect with the driver as it is; raises what it raises.

    The driver itself leaves the socket of a refused connection to the garbage collector, and
    that speaks of it in the middle of some other test.
    """
    client = Client()
    try:
        await client.connect(url, **options)
    except BaseException:
        await client.close()
        raise
    return client
