"""The body of a post: read in time, unpacked within bounds, and of a kind that we know."""

import asyncio
import zlib

from starlette.requests import ClientDisconnect, Request

from web.problems import Problem
from web.security import MOST_BODY_BYTES

READ_SECONDS = 30.0
_GZIP = 16 + zlib.MAX_WBITS


def content_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def body(request: Request) -> bytes:
    """What was posted, unpacked.

    Raises:
        Problem: 415, packed as we do not unpack; 413, too large; 408, too slow; 400, cut short.
    """
    packed = request.headers.get("content-encoding", "").strip().lower()
    if packed not in ("", "identity", "gzip"):
        raise Problem(
            415, "The body may be packed by gzip or not at all.", {"Accept-Encoding": "gzip"}
        )
    try:
        async with asyncio.timeout(READ_SECONDS):
            read = await request.body()
    except TimeoutError:
        raise Problem(408, f"The body took more than {READ_SECONDS:.0f} s.") from None
    except ClientDisconnect:
        raise Problem(400, "The body is cut short.") from None
    return _unpacked(read) if packed == "gzip" else read


def _unpacked(read: bytes) -> bytes:
    unpacking = zlib.decompressobj(_GZIP)
    try:
        text = unpacking.decompress(read, MOST_BODY_BYTES + 1)
    except zlib.error:
        raise Problem(400, "The body is said to be packed by gzip, and is not.") from None
    if len(text) > MOST_BODY_BYTES:
        raise Problem(413, "The body may have 1 MiB at most when it is unpacked.")
    if not unpacking.eof:
        raise Problem(400, "The body is cut short.")
    if unpacking.unused_data:
        raise Problem(400, "Something stands after what gzip has packed.")
    return text
