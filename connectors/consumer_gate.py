"""Makes pull consumers for guests of the message server, and no others.

A consumer that pushes is told where to, and the server does not ask whether its maker may
speak there. What guests ask for comes here, on the subject that they always use, by which the
server has already checked the stream, the name and the filter. Only what a pull consumer can
have is passed on, word by word, so nothing can be said twice or in other letters.
"""

import json
from typing import Any

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

# Where guests are heard, and where the server is asked for the same.
ASKED = "consumers.create."
_CREATE = "$JS.API.CONSUMER.CREATE."
ANSWER_SECONDS = 4.0
MOST_BYTES = 32 * 1024
_KIND = "io.nats.jetstream.api.v1.consumer_create_response"
_REQUEST = ("stream_name", "action")
_CONFIG = frozenset(
    (
        "name", "durable_name", "description", "deliver_policy", "opt_start_seq",
        "opt_start_time", "ack_policy", "ack_wait", "max_deliver", "backoff", "filter_subject",
        "replay_policy", "sample_freq", "max_waiting", "max_ack_pending", "headers_only",
        "max_batch", "max_expires", "max_bytes", "inactive_threshold", "num_replicas",
        "mem_storage", "metadata",
    )
)  # fmt: skip
# What a pull consumer has none of, as clients say that they want none.
_NOTHING: tuple[Any, ...] = (None, "", 0, False, [], {})


class NotForGuests(ValueError):
    """What is asked for is no pull consumer."""


def pulls(body: bytes) -> bytes:
    """What is asked for, with nothing in it but what a pull consumer has.

    Raises:
        NotForGuests: it is more than that, or nothing.
    """
    try:
        asked = json.loads(body) if len(body) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        asked = None
    config: Any = asked.get("config") if isinstance(asked, dict) else None
    if not isinstance(asked, dict) or not isinstance(config, dict):
        raise NotForGuests("it is no request for a consumer")
    for name, value in config.items():
        if name not in _CONFIG and value not in _NOTHING:
            raise NotForGuests(f"a pull consumer has no {name[:64]}")
    return json.dumps(
        {
            **{name: asked[name] for name in _REQUEST if name in asked},
            "config": {name: value for name, value in config.items() if name in _CONFIG},
        }
    ).encode()


class ConsumerGate:
    """Asks the server for what guests have asked for.

    Args:
        inside: a connection that may make consumers.
    """

    def __init__(self, inside: Client) -> None:
        self._inside = inside

    async def open(self, outside: Client) -> None:
        """Answer what is asked on a connection to which guests can speak."""
        await outside.subscribe(f"{ASKED}>", cb=self._asked)

    async def _asked(self, message: Msg) -> None:
        if not message.reply:
            return
        try:
            body = pulls(message.data)
            subject = _CREATE + message.subject.removeprefix(ASKED)
            answer = (await self._inside.request(subject, body, ANSWER_SECONDS)).data
        except NotForGuests as error:
            answer = _refusal(400, str(error))
        except (nats.errors.Error, OSError) as error:
            answer = _refusal(503, str(error) or "the server does not answer")
        await message.respond(answer)


def _refusal(code: int, words: str) -> bytes:
    error = {"code": code, "err_code": 10000 + code, "description": words}
    return json.dumps({"type": _KIND, "error": error}).encode()
