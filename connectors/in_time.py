"""A time limit for those who do not always hear that it is over."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

AGAIN_SECONDS = 0.05


async def in_time(doing: Coroutine[Any, Any, T], seconds: float) -> T:
    """What is done within so many seconds.

    Who is told to stop just when what they wait for has come may take that and go on: so does
    ``asyncio.wait_for`` of Python 3.11, and what uses it. The NATS driver, which tries again for
    ever, would never end then; so it is told again until it has.

    Raises:
        TimeoutError: it was not done by then. It has ended now.
    """
    task = asyncio.ensure_future(doing)
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        while not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=AGAIN_SECONDS)
    if task.cancelled():
        raise TimeoutError
    return task.result()
