"""What the server answers is nobody's telemetry, wherever somebody has it sent."""

import asyncio
import json

import pytest
from message_server import LIMITS, message_server

from connectors.jetstream import Message
from connectors.streams import apply
from flows.ontology.streams import BUCKET, STREAMS
from flows.ontology.wire import Rejected
from flows.permissions import ADMIN, CLIENT
from flows.steps.echo import REASON, is_answer
from flows.steps.recognise import read_document
from flows.steps.understand import understand

STREAM = "CONSTELLATION_TELEMETRY"
OWN = "constellation.telemetry.a.mine"
OTHERS = "constellation.telemetry.b.theirs"
KEY = "$KV.CONSTELLATION_GLOBAL_STATE.theirs"
SAID = b'{"entity_id": "theirs", "data": {"soil": {"moisture": 3}}}'
CONSUMER = {"stream_name": STREAM, "config": {"ack_policy": "none", "filter_subject": OWN}}

# What may be asked of the server, by its API.
ASKED = {
    "a publication": (OWN, SAID),
    "one that is refused": (OWN, b"x" * 600_000),
    "a message": (f"$JS.API.STREAM.MSG.GET.{STREAM}", b'{"seq": 1}'),
    "a message that is not there": (f"$JS.API.STREAM.MSG.GET.{STREAM}", b'{"seq": 99999}'),
    "a message, directly": (f"$JS.API.DIRECT.GET.{STREAM}.{OWN}", b""),
    "a message by its number": (f"$JS.API.DIRECT.GET.{STREAM}", b'{"seq": 1}'),
    "a stream": (f"$JS.API.STREAM.INFO.{STREAM}", b""),
    "all streams": ("$JS.API.STREAM.LIST", b""),
    "names of streams": ("$JS.API.STREAM.NAMES", b""),
    "the account": ("$JS.API.INFO", b""),
    "a consumer": (f"$JS.API.CONSUMER.CREATE.{STREAM}", json.dumps(CONSUMER).encode()),
    "a consumer wrongly": (f"$JS.API.CONSUMER.CREATE.{STREAM}", b"{"),
}


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """All that came to stand under subjects of others, by asking the server as a client may."""

    async def ask(running) -> list[Message]:
        async with running.client(ADMIN) as (admin, _):
            await apply(admin, (*STREAMS, BUCKET), LIMITS)
            async with running.client(CLIENT) as (client, _):
                await client.jetstream().publish(OWN, SAID)
                for number, (subject, data) in enumerate(ASKED.values()):
                    await client.publish(subject, data, reply=f"{OTHERS}{number}")
                    await client.publish(subject, data, reply=f"{KEY}{number}")
                    await client.flush()
                    await client.request("$JS.API.INFO")  # What was asked before is answered.
            return [
                await last(admin, STREAM, f"{OTHERS}{number}", f"{KEY}{number}")
                for number in range(len(ASKED))
            ]

    async def last(admin, stream: str, *subjects: str) -> list[Message]:
        found = []
        for subject in subjects:
            name = stream if subject.startswith(OTHERS) else BUCKET.name
            message = await admin.jetstream().get_last_msg(name, subject)
            found.append(Message(name, subject, message.data, message.seq, 0, message.headers))
        return found

    with message_server(tmp_path_factory.mktemp("nats")) as running:
        pairs = asyncio.run(ask(running))
    return dict(zip(ASKED, pairs, strict=True))


@pytest.mark.parametrize("asked", ASKED)
def test_no_answer_is_taken_for_what_another_has_said(stored, asked):
    """Not as telemetry, and not as a document."""
    telemetry, document = stored[asked]

    assert is_answer(telemetry)
    (refused,) = understand([telemetry], "b", 0)
    assert isinstance(refused, Rejected)
    assert refused.reason == REASON
    refused = read_document(document, "b")
    assert isinstance(refused, Rejected)
    assert refused.reason == REASON


@pytest.mark.parametrize(
    "data",
    [
        SAID,
        b'{"stream": "front", "seq": 4}',
        b'{"stream":"front","seq":4,"soil":{"moisture":3}}',
        b'{"stream":"front"}',
        b'{"type":"soil","moisture":3}',
        b'{"error":{"code":4},"soil":1}',
        b'{"stream":"' + b"x" * 2000 + b'","seq":1}',
        b'{"stream":"\xff","seq":1}',
        b"",
    ],
)
def test_what_a_device_says_is_no_answer(data):
    """Even where it speaks of streams and errors."""
    assert not is_answer(Message(STREAM, OWN, data, 1, 0))
