"""Credentials at a real server: what each scope lets one say, hear and read, and nothing else."""

import asyncio
import json
from contextlib import asynccontextmanager

import nats
import pytest
from message_server import (
    ANYONE,
    DEADLINE,
    FREE,
    gated,
    heard_out,
    message_server,
    with_streams,
)
from nats.js.api import ConsumerConfig

from connectors.nats_server import Guests
from flows import grants
from flows.ontology.credentials import Credential, consumers, inbox
from flows.permissions import TABLE
from web.nats_credentials import OF_NATS, forge

OURS, THEIRS = "red", "blue"
TELEMETRY = "CONSTELLATION_TELEMETRY"
EVENTS = "CONSTELLATION_EVENTS"
COMMANDS = "CONSTELLATION_COMMANDS"
ENTITIES = "CONSTELLATION_ENTITIES"
VIDEO = "CONSTELLATION_VIDEO_FRAMES"
STATE = "KV_CONSTELLATION_GLOBAL_STATE"
KEY = "$KV.CONSTELLATION_GLOBAL_STATE"
STREAMS = (TELEMETRY, EVENTS, COMMANDS, ENTITIES, VIDEO, STATE)

SAYS_TELEMETRY = {"nats:telemetry", "telemetry:write", "nats:all"}
HEARS_TELEMETRY = {"nats:telemetry", "nats:all"}
SAYS_EVENTS = {"nats:events", "events:write", "nats:all"}
HEARS_EVENTS = {"nats:events", "events:read", "nats:all"}
SAYS_ENTITIES = {"nats:entities", "entities:write", "nats:all"}
HEARS_ENTITIES = {"nats:entities", "entities:read", "nats:all"}
HEARS_COMMANDS = {"nats:commands", "commands:read", "nats:all"}
SAYS_COMMANDS = {"nats:commands:write", "commands:write", "nats:all"}
VIDEO_ALL = {"video:write", "nats:all"}
GETS = SAYS_TELEMETRY | HEARS_ENTITIES

# Who may publish there, of an organisation that is not the deployment's first and has the
# entities "r1" and "r2". Nobody who is not named may.
MAY_SAY = {
    f"constellation.telemetry.{OURS}.r1": SAYS_TELEMETRY,
    f"constellation.telemetry.{OURS}.anything": SAYS_TELEMETRY,
    # A category may come first: the second would be telemetry of the other's.
    f"constellation.telemetry.{OURS}.r1.heartbeat": set(),
    f"constellation.telemetry.{OURS}.{THEIRS}.b1": set(),
    f"constellation.telemetry.{THEIRS}.b1": set(),
    "constellation.telemetry.r1": set(),
    "constellation.telemetry.r1.heartbeat": set(),
    f"constellation.events.alarm.{OURS}.r1": SAYS_EVENTS,
    f"constellation.events.isr.{OURS}.r1.detection.7": SAYS_EVENTS,
    f"constellation.events.alarm.{THEIRS}.b1": set(),
    f"constellation.events.{OURS}": set(),
    f"constellation.entities.{OURS}.created": SAYS_ENTITIES,
    f"constellation.entities.{THEIRS}.created": set(),
    f"constellation.commands.{OURS}.r1": SAYS_COMMANDS,
    f"constellation.commands.{OURS}.r1.ack": HEARS_COMMANDS,
    f"constellation.commands.{OURS}.r1.deliver": set(),
    f"constellation.commands.{OURS}.r1.status": set(),
    f"constellation.commands.{THEIRS}.b1": set(),
    f"constellation.commands.{THEIRS}.b1.ack": set(),
    f"constellation.organizations.{OURS}.updated": set(),
    "constellation.video.r1": VIDEO_ALL,
    "constellation.video.b1": set(),
    "constellation.rejected.relay": set(),
    f"{KEY}.r1": SAYS_TELEMETRY,
    f"{KEY}.r1.mavlink": SAYS_TELEMETRY,
    f"{KEY}.b1": set(),
    f"{KEY}.b1.mavlink": set(),
    "$KV.OTHER.r1": set(),
    f"$JS.API.DIRECT.GET.{STATE}.{KEY}.r1": GETS,
    f"$JS.API.DIRECT.GET.{STATE}.{KEY}.b1": set(),
    f"$JS.API.DIRECT.GET.{STATE}": set(),
    f"$JS.API.DIRECT.GET.{TELEMETRY}.constellation.telemetry.{OURS}.r1": set(),
    f"$JS.API.STREAM.INFO.{STATE}": GETS,
    **{f"$JS.API.STREAM.INFO.{each}": set() for each in STREAMS if each != STATE},
    **{
        f"$JS.API.STREAM.{verb}.{each}": set()
        for each in STREAMS
        for verb in (
            "CREATE", "UPDATE", "DELETE", "PURGE", "MSG.GET", "MSG.DELETE", "SNAPSHOT", "RESTORE",
        )
    },
    **{
        f"$JS.API.CONSUMER.{verb}": set()
        for each in STREAMS
        for verb in (
            f"NAMES.{each}", f"LIST.{each}", f"CREATE.{each}", f"CREATE.{each}.anothers",
            f"DURABLE.CREATE.{each}.anothers", f"INFO.{each}.anothers", f"DELETE.{each}.anothers",
            f"MSG.NEXT.{each}.anothers",
        )
    },
    f"$JS.ACK.{TELEMETRY}.anothers.1.1.1.1.1": set(),
    "$JS.API.SERVER.REMOVE": set(),
    "$SYS.REQ.SERVER.PING": set(),
    "_INBOX_web.anything": set(),
    "_INBOX.anything": set(),
}  # fmt: skip

MAY_HEAR = {
    f"constellation.telemetry.{OURS}.>": HEARS_TELEMETRY,
    f"constellation.telemetry.{THEIRS}.>": set(),
    "constellation.telemetry.>": set(),
    "constellation.telemetry.*.*": set(),
    "constellation.telemetry.r1": set(),
    f"constellation.events.*.{OURS}.>": HEARS_EVENTS,
    f"constellation.events.alarm.{OURS}.r1": HEARS_EVENTS,
    f"constellation.events.*.{THEIRS}.>": set(),
    "constellation.events.>": set(),
    f"constellation.entities.{OURS}.>": HEARS_ENTITIES,
    f"constellation.entities.{THEIRS}.>": set(),
    f"constellation.commands.{OURS}.>": HEARS_COMMANDS,
    f"constellation.commands.{OURS}.broadcast": HEARS_COMMANDS,
    f"constellation.commands.{THEIRS}.>": set(),
    "constellation.commands.>": set(),
    "constellation.video.r1": {"nats:all"},
    "constellation.video.b1": set(),
    f"{KEY}.r1": HEARS_ENTITIES,
    f"{KEY}.r1.>": HEARS_ENTITIES,
    f"{KEY}.b1": set(),
    f"{KEY}.>": set(),
    "_INBOX.>": set(),
    "_INBOX_web.>": set(),
    "$JS.>": set(),
    "$SYS.>": set(),
    ">": set(),
}
FOREIGN = {
    TELEMETRY: f"constellation.telemetry.{THEIRS}.>",
    EVENTS: f"constellation.events.*.{THEIRS}.>",
    COMMANDS: f"constellation.commands.{THEIRS}.>",
    ENTITIES: f"constellation.entities.{THEIRS}.>",
}
OWN = {
    TELEMETRY: (f"constellation.telemetry.{OURS}.>", HEARS_TELEMETRY),
    EVENTS: (f"constellation.events.*.{OURS}.>", HEARS_EVENTS),
    COMMANDS: (f"constellation.commands.{OURS}.>", HEARS_COMMANDS),
    ENTITIES: (f"constellation.entities.{OURS}.>", HEARS_ENTITIES),
}
SCOPES = sorted(OF_NATS)
THEIRS_KEY = forge()
SEEDS = {scope: forge() for scope in SCOPES}


def credential(scope, organization=OURS, entities=None):
    return Credential(SEEDS[scope][1], organization, frozenset((scope,)), entities)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    allowed = {
        SEEDS[scope][1]: grants.permissions(credential(scope), ("r1", "r2"), first=False)
        for scope in SCOPES
    }
    key = THEIRS_KEY[1]
    foreign = Credential(key, THEIRS, frozenset(("nats:all",)))
    other = {key: grants.permissions(foreign, ("b1",), first=False)}
    accounts = {
        OURS: grants.account(OURS, allowed, first=False),
        THEIRS: grants.account(THEIRS, other, first=False),
    }
    folder = tmp_path_factory.mktemp("nats")
    with message_server(folder, users=TABLE | FREE, guests=Guests(accounts)) as running:
        with_streams(running)
        with gated(running):
            yield running


@asynccontextmanager
async def signed_in(running, scope):
    """A client with the credential of a scope, and what the server has complained of."""
    seed, public_key = SEEDS[scope]
    complaints = []

    async def complain(error):
        complaints.append(str(error))

    client = await nats.connect(
        running.url, nkeys_seed_str=seed, inbox_prefix=inbox(public_key), error_cb=complain
    )
    try:
        yield client, complaints
    finally:
        await client.close()


def test_every_scope_has_a_row():
    """What can be asked for is what is granted: no credential is a dead one."""
    assert set(grants.GRANTS) == set(OF_NATS)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_credential_speaks_where_its_scope_lets_it_and_nowhere_else(running, scope):
    """The server refuses each subject of another, of another organisation and of management."""

    async def refused():
        async with signed_in(running, scope) as (client, complaints):
            for subject in MAY_SAY:
                await client.publish(subject, b"{}")
            await heard_out(client)
            said = "\n".join(complaints)
            return {subject for subject in MAY_SAY if f'"{subject.lower()}"' in said}

    assert asyncio.run(refused()) == {each for each, may in MAY_SAY.items() if scope not in may}


@pytest.mark.parametrize("scope", SCOPES)
def test_a_credential_hears_what_its_scope_lets_it_and_nothing_else(running, scope):
    """No wildcard is wider than the organisation, and no inbox but its own."""
    own = f"{inbox(SEEDS[scope][1])}.>"

    async def refused():
        async with signed_in(running, scope) as (client, complaints):
            for subject in (*MAY_HEAR, own):
                await client.subscribe(subject)
            await heard_out(client)
            said = "\n".join(complaints)
            return {each for each in (*MAY_HEAR, own) if f'"{each.lower()}"' in said}

    assert asyncio.run(refused()) == {each for each, may in MAY_HEAR.items() if scope not in may}


def wishes(stream):
    """Ways to ask for a consumer that would read more than the own subjects of a stream."""
    own, (name, *_) = OWN[stream][0], consumers(SEEDS["nats:all"][1])
    foreign = FOREIGN[stream]
    create = f"$JS.API.CONSUMER.CREATE.{stream}"
    return (
        (f"{create}.{name}", {"name": name}),
        (f"{create}.{name}", {"name": name, "filter_subject": foreign}),
        (f"{create}.{name}", {"name": name, "filter_subjects": [own, foreign]}),
        (f"{create}.{name}.{foreign}", {"name": name, "filter_subject": foreign}),
        (f"{create}.{name}.{own}", {"name": name}),
        (f"{create}.{name}.{own}", {"name": name, "filter_subject": foreign}),
        (f"{create}.{name}.{own}", {"name": name, "filter_subjects": [foreign]}),
        (f"{create}.{name}.{own}", {"name": name, "filter_subjects": [own, foreign]}),
        (
            f"{create}.{name}.{own}",
            {"name": name, "filter_subject": own, "filter_subjects": [foreign]},
        ),
        (f"{create}.{name}.{own}", {"durable_name": "anothers", "filter_subject": own}),
        (f"{create}.anothers.{own}", {"name": "anothers", "filter_subject": own}),
        (f"{create}", {"filter_subject": own}),
        (f"$JS.API.CONSUMER.DURABLE.CREATE.{stream}.{name}", {"durable_name": name}),
    )


@pytest.mark.parametrize("stream", OWN)
def test_no_consumer_reads_another_organisations_messages(running, stream):
    """Whatever is said in a request, the server makes none but one with the own filter and name."""

    async def made():
        async with signed_in(running, "nats:all") as (client, _):
            answers = []
            for subject, config in wishes(stream):
                body = {"stream_name": stream, "config": {"ack_policy": "none", **config}}
                # Those that are not allowed are not answered at all.
                inbox = client.new_inbox()
                heard = await client.subscribe(inbox)
                await client.publish(subject, json.dumps(body).encode(), reply=inbox)
                await heard_out(client)
                answers += [json.loads(each.data) for each in _there(heard)]
                await heard.unsubscribe()
            return [answer for answer in answers if "error" not in answer]

    async def there():
        async with running.client(ANYONE) as (client, _):
            return [each.name for each in await client.jetstream().consumers_info(stream)]

    before = asyncio.run(there())
    assert asyncio.run(made()) == []
    assert asyncio.run(there()) == before


def _there(subscription):
    return [subscription._pending_queue.get_nowait() for _ in range(subscription.pending_msgs)]


@pytest.mark.parametrize(
    ("stream", "scope"), [(stream, each) for stream in OWN for each in sorted(OWN[stream][1])]
)
def test_a_stream_is_read_by_whom_it_is_for(running, stream, scope):
    """By an ordinary client with a consumer of its own name: what is said of its own, in order."""
    filtered = OWN[stream][0]
    own = filtered.replace(">", "r1").replace("*", "alarm")
    foreign = FOREIGN[stream].replace(">", "b1").replace("*", "alarm")

    async def read():
        async with running.client(ANYONE) as (client, _):
            js = client.jetstream()
            await js.publish(foreign, b"theirs")
            sequence = (await js.publish(own, b"ours")).seq
            await js.publish(foreign, b"theirs")
        async with signed_in(running, scope) as (client, complaints):
            js = client.jetstream()
            name = consumers(SEEDS[scope][1])[0]
            config = ConsumerConfig(
                name=name,
                durable_name=name,
                filter_subject=filtered,
                deliver_policy="by_start_sequence",
                opt_start_seq=sequence,
            )
            await js.add_consumer(stream, config)
            reading = await js.pull_subscribe_bind(name, stream)
            (message,) = await reading.fetch(1, timeout=DEADLINE)
            await message.ack_sync(timeout=DEADLINE)
            info = await js.consumer_info(stream, name)
            await js.delete_consumer(stream, name)
            return message.data, message.subject, info.num_pending, complaints

    assert asyncio.run(read()) == (b"ours", own, 0, [])


# What one could ask the server to answer to: of the other's, of the server, of our own parts.
ELSEWHERE = (
    f"$JS.API.STREAM.PURGE.{TELEMETRY}",
    f"$JS.API.STREAM.DELETE.{TELEMETRY}",
    f"$JS.API.STREAM.UPDATE.{TELEMETRY}",
    f"$JS.API.CONSUMER.CREATE.{TELEMETRY}.evil.{FOREIGN[TELEMETRY]}",
    f"$JS.API.CONSUMER.CREATE.{STATE}.evil.{KEY}.b1",
    f"constellation.telemetry.{THEIRS}.b1",
    f"constellation.telemetry.{OURS}.{THEIRS}.b1",
    f"constellation.commands.{THEIRS}.b1",
    f"constellation.commands.{OURS}.r1.deliver",
    f"constellation.entities.{THEIRS}.created",
    f"constellation.events.alarm.{THEIRS}.b1",
    "constellation.video.b1",
    f"{KEY}.b1",
    "_INBOX_web.guessed",
)


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_no_answer_goes_where_the_asker_could_not_speak(running, elsewhere):
    """Though an answer's place is not checked, and its words may be the asker's own."""
    config = {"name": "evil", "filter_subject": FOREIGN[TELEMETRY], "ack_policy": "none"}
    words = json.dumps({"stream_name": TELEMETRY, "config": config, "name": TELEMETRY}).encode()

    async def stored(client):
        infos = [await client.jetstream().stream_info(each, ">") for each in STREAMS]
        consumers = [await client.jetstream().consumers_info(each) for each in STREAMS]
        return {
            subject: count for info in infos for subject, count in info.state.subjects.items()
        }, [each.name for some in consumers for each in some]

    async def heard():
        async with running.client(ANYONE) as (client, _):
            await client.jetstream().publish(f"constellation.telemetry.{THEIRS}.kept", b"{}")
            ours = await client.subscribe(elsewhere)
            before = await stored(client)
            async with signed_in(running, "nats:all") as (asker, _):
                js = asker.jetstream()
                name = consumers(SEEDS["nats:all"][1])[0]
                config = ConsumerConfig(name=name, filter_subject=OWN[EVENTS][0])
                await js.add_consumer(EVENTS, config)
                await (await js.key_value("CONSTELLATION_GLOBAL_STATE")).put("r1", words)
                await js.publish(f"constellation.events.alarm.{OURS}.r1", words)
                for asking, body in (
                    (f"$JS.API.DIRECT.GET.{STATE}.{KEY}.r1", b""),
                    (f"constellation.telemetry.{OURS}.r1", words),
                    (f"$JS.API.CONSUMER.MSG.NEXT.{EVENTS}.{name}", b"1"),
                    (f"$JS.API.CONSUMER.INFO.{EVENTS}.{name}", b""),
                    (f"$JS.API.STREAM.INFO.{STATE}", b""),
                ):
                    await asker.publish(asking, body, reply=elsewhere)
                await heard_out(asker)
                # What is asked after all that is answered after it.
                await js.publish(f"constellation.telemetry.{OURS}.r1", b"{}")
                await js.delete_consumer(EVENTS, name)
            await heard_out(client)
            return ours.pending_msgs, before, await stored(client)

    async def heard_by_the_other():
        complaints = []
        seed, key = THEIRS_KEY
        client = await nats.connect(running.url, nkeys_seed_str=seed, inbox_prefix=inbox(key))
        for subject in MAY_HEAR:
            if THEIRS in subject:
                await client.subscribe(subject, cb=_kept(complaints))
        await client.flush()
        found = await heard()
        await heard_out(client)
        await client.close()
        return found, complaints

    (messages, (before, made_before), (after, made)), others = asyncio.run(heard_by_the_other())
    own = {
        f"constellation.telemetry.{OURS}.r1", f"constellation.events.alarm.{OURS}.r1", f"{KEY}.r1",
    }  # fmt: skip
    assert messages == 0
    assert {each for each in after if after[each] != before.get(each)} <= own
    assert all(after[each] >= count for each, count in before.items() if each not in own)
    assert made == made_before
    assert [each.subject for each in others] == [f"constellation.telemetry.{THEIRS}.kept"]


def _kept(where):
    async def keep(message):
        where.append(message)

    return keep


@pytest.mark.parametrize("letters", ["deliver_subject", "Deliver_Subject", "DELIVER_SUBJECT"])
def test_no_consumer_pushes(running, letters):
    """It would be told where to, and could speak there in its maker's place."""
    name, own = consumers(SEEDS["nats:all"][1])[0], OWN[EVENTS][0]
    config = {"name": name, "filter_subject": own, letters: f"constellation.commands.{THEIRS}.b1"}
    body = json.dumps({"stream_name": EVENTS, "config": config}).encode()
    # The last of two is heard by one reader, and the first by another.
    twice = body.replace(b'"name"', b'"deliver_subject": "x", "name"', 1)

    async def asked():
        async with signed_in(running, "nats:all") as (client, _):
            subject = f"$JS.API.CONSUMER.CREATE.{EVENTS}.{name}.{own}"
            return [
                json.loads((await client.request(subject, each, timeout=DEADLINE)).data)
                for each in (body, twice)
            ]

    for answer in asyncio.run(asked()):
        assert "a pull consumer has no" in answer["error"]["description"]


def test_an_ordinary_client_uses_the_keys_of_its_entities(running):
    """Put and get as in any tutorial; another's key can neither be read nor written."""

    async def use():
        async with signed_in(running, "nats:telemetry") as (client, complaints):
            js = client.jetstream(timeout=1)
            bucket = await js.key_value("CONSTELLATION_GLOBAL_STATE")
            await bucket.put("r1", b"{}")
            mine = (await bucket.get("r1")).value
            with pytest.raises((TimeoutError, nats.errors.Error)):
                await bucket.get("b1")
            with pytest.raises((TimeoutError, nats.errors.Error)):
                await bucket.put("b1", b"{}")
            return mine, len(complaints)

    assert asyncio.run(use()) == (b"{}", 2)


@pytest.mark.parametrize(
    ("organization", "entities", "first", "may", "may_not"),
    [
        pytest.param(
            "default",
            None,
            True,
            {"telemetry.default.new", "telemetry.r1", "telemetry.r1.heartbeat", "video.r1"},
            {"telemetry.r3", "telemetry.r3.heartbeat", "video.r3"},
            id="the first organisation speaks in the older shapes, of entities that are known",
        ),
        pytest.param(
            "default",
            frozenset({"r1"}),
            True,
            {"telemetry.default.r1", "telemetry.r1", "commands.default.r1.ack", "video.r1"},
            {
                "telemetry.default.r2", "telemetry.default.r1.attitude", "telemetry.r2",
                "commands.default.r2.ack", "video.r2",
                "commands.default.broadcast", "entities.default.created",
            },
            id="a credential of one entity is for that one",
        ),
        pytest.param(
            OURS,
            frozenset(),
            False,
            set(),
            {f"telemetry.{OURS}.r1", "telemetry.r1", f"events.alarm.{OURS}.r1", "video.r1"},
            id="one whose entities are all another's is for none",
        ),
        pytest.param(
            OURS,
            frozenset({">", "*", "a.b", "", "r 1", "r1"}),
            False,
            {f"telemetry.{OURS}.r1"},
            {f"telemetry.{OURS}.r2", f"telemetry.{OURS}.>", f"telemetry.{OURS}.*"},
            id="what is no token opens nothing",
        ),
    ],
)  # fmt: skip
def test_what_a_credential_is_for_bounds_what_it_may_say(
    organization, entities, first, may, may_not
):
    """By the list that the server is given; where a wildcard stands, one token fits."""
    key = SEEDS["nats:all"][1]
    asked = Credential(key, organization, frozenset(("nats:all",)), entities)
    allowed = grants.permissions(asked, ("r1", "r2"), first=first).publish

    def fits(subject):
        tokens = f"constellation.{subject}".split(".")
        return any(_fits(pattern.split("."), tokens) for pattern in allowed)

    assert {each for each in may | may_not if fits(each)} == may


def _fits(pattern, tokens):
    if pattern[-1] == ">":
        pattern, tokens = pattern[:-1], tokens[: len(pattern) - 1]
    return len(pattern) == len(tokens) and all(
        each in ("*", token) for each, token in zip(pattern, tokens, strict=True)
    )


def test_scopes_add_up_and_unknown_ones_add_nothing():
    """Two scopes let one do what either does; one that nobody knows lets nobody do anything."""
    key = SEEDS["nats:all"][1]

    def of(*names):
        return grants.permissions(Credential(key, OURS, frozenset(names)), (), first=False)

    both, nothing = of("events:write", "commands:read"), of("admin", "unheard:of")
    assert set(both.publish) == {*of("events:write").publish, *of("commands:read").publish}
    assert nothing.publish == ()
    assert nothing.subscribe == (f"{inbox(key)}.>",)
