"""What a scope lets a NATS credential say and hear: one row for each, narrowed to whose it is.

A template is filled with the organisation and, where it names one, with each entity. Rows of
``Topic`` say ``whole`` for a credential of the whole organisation, and ``each`` for one that
names its entities. ``older`` subjects name no organisation, so whatever is said there is the
deployment's first organisation's: nobody else is given them.

Nobody says telemetry with three tokens after the prefix: the middle one is the entity or,
after a category, the organisation.

Streams are read by pull consumers whose names and filters stand in the subject by which they
are made: the server refuses a request that says otherwise than its subject. Whoever could make
a consumer of any name could make another's anew; so each credential has names of its own.

The server checks what a user publishes, but says the answer wherever the user wants it: to the
bucket as another's state, or to JetStream's own interface. So the credentials of an organisation
are an account of their own, out of which nothing gets but by ``account``'s subjects: what an
answer could be said to is no more than what some credential of the same organisation may say.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from connectors.nats_server import Account, Permissions
from connectors.nats_subjects import least
from flows.ontology import subjects
from flows.ontology.credentials import LEGACY, Credential, consumers, inbox
from flows.ontology.subjects import is_token

_TELEMETRY = subjects.TELEMETRY
_KEY = subjects.BUCKET_SUBJECT


class Topic(NamedTuple):
    """Subjects of one kind, and the stream that keeps them."""

    stream: str
    whole: tuple[str, ...] = ()
    each: tuple[str, ...] = ()
    older: tuple[str, ...] = ()
    both: tuple[str, ...] = ()  # For each entity, also of a credential of the whole organisation.


class Grant(NamedTuple):
    """What a scope adds: said, heard and read from a stream, and looked up by key."""

    say: tuple[Topic, ...] = ()
    hear: tuple[Topic, ...] = ()
    get: bool = False


SAY_TELEMETRY = Topic(
    "CONSTELLATION_TELEMETRY",
    whole=(f"{_TELEMETRY}.{{org}}.*",),
    each=(f"{_TELEMETRY}.{{org}}.{{entity}}",),
    older=(f"{_TELEMETRY}.{{entity}}", f"{_TELEMETRY}.{{entity}}.*"),
)
HEAR_TELEMETRY = Topic(
    "CONSTELLATION_TELEMETRY",
    whole=(f"{_TELEMETRY}.{{org}}.>",),
    each=(f"{_TELEMETRY}.{{org}}.{{entity}}", f"{_TELEMETRY}.{{org}}.{{entity}}.>"),
    older=(f"{_TELEMETRY}.{{entity}}", f"{_TELEMETRY}.{{entity}}.*"),
)
STATE = Topic(subjects.BUCKET_STREAM, both=(f"{_KEY}.{{entity}}", f"{_KEY}.{{entity}}.>"))
SAY_EVENTS = Topic(
    "CONSTELLATION_EVENTS",
    whole=(f"{subjects.EVENTS}.*.{{org}}.>",),
    each=(
        f"{subjects.EVENTS}.*.{{org}}.{{entity}}",
        f"{subjects.EVENTS}.*.{{org}}.{{entity}}.>",
    ),
)
SAY_ENTITIES = Topic("CONSTELLATION_ENTITIES", whole=(f"{subjects.ENTITIES}.{{org}}.*",))
HEAR_ENTITIES = Topic("CONSTELLATION_ENTITIES", whole=(f"{subjects.ENTITIES}.{{org}}.>",))
# What is sent to a device is the flow's to say, once it has judged; a request and an answer is not.
REQUEST = Topic(
    "CONSTELLATION_COMMANDS",
    whole=(f"{subjects.COMMANDS}.{{org}}.*",),
    each=(f"{subjects.COMMANDS}.{{org}}.{{entity}}",),
)
ANSWER = Topic(
    "CONSTELLATION_COMMANDS",
    whole=(f"{subjects.COMMANDS}.{{org}}.*.ack",),
    each=(f"{subjects.COMMANDS}.{{org}}.{{entity}}.ack",),
)
HEAR_COMMANDS = Topic(
    "CONSTELLATION_COMMANDS",
    whole=(f"{subjects.COMMANDS}.{{org}}.>",),
    each=(
        f"{subjects.COMMANDS}.{{org}}.broadcast",
        f"{subjects.COMMANDS}.{{org}}.{{entity}}",
        f"{subjects.COMMANDS}.{{org}}.{{entity}}.>",
    ),
)
VIDEO = Topic(
    "CONSTELLATION_VIDEO_FRAMES",
    both=(f"{subjects.VIDEO}.{{entity}}", f"{subjects.VIDEO}.{{entity}}.>"),
)

GRANTS: Mapping[str, Grant] = {
    "telemetry:write": Grant(say=(SAY_TELEMETRY, STATE), get=True),
    "nats:telemetry": Grant(say=(SAY_TELEMETRY, STATE), hear=(HEAR_TELEMETRY,), get=True),
    "entities:read": Grant(hear=(HEAR_ENTITIES, STATE), get=True),
    "entities:write": Grant(say=(SAY_ENTITIES,)),
    "nats:entities": Grant(say=(SAY_ENTITIES,), hear=(HEAR_ENTITIES, STATE), get=True),
    "events:read": Grant(hear=(SAY_EVENTS,)),
    "events:write": Grant(say=(SAY_EVENTS,)),
    "nats:events": Grant(say=(SAY_EVENTS,), hear=(SAY_EVENTS,)),
    "commands:read": Grant(say=(ANSWER,), hear=(HEAR_COMMANDS,)),
    "nats:commands": Grant(say=(ANSWER,), hear=(HEAR_COMMANDS,)),
    "commands:write": Grant(say=(REQUEST,)),
    "nats:commands:write": Grant(say=(REQUEST,)),
    "video:write": Grant(say=(VIDEO,)),
    "nats:all": Grant(
        say=(SAY_TELEMETRY, STATE, SAY_EVENTS, SAY_ENTITIES, REQUEST, ANSWER, VIDEO),
        hear=(HEAR_TELEMETRY, STATE, SAY_EVENTS, HEAR_ENTITIES, HEAR_COMMANDS, VIDEO),
        get=True,
    ),
}

SHARED_SCOPES = frozenset(("telemetry:write", "events:write", "video:write"))


def permissions(credential: Credential, registered: Iterable[str], *, first: bool) -> Permissions:
    """What a credential may say and hear.

    Args:
        credential: whose it is, with its scopes; those that are not known add nothing.
        registered: the entities that it is for, if it names none itself.
        first: whether its organisation is the deployment's first.
    """
    filler = _Filler(credential, registered, first=first)
    grants = [GRANTS[scope] for scope in sorted(credential.scopes) if scope in GRANTS]
    publish = [subject for grant in grants for topic in grant.say for subject in filler(topic)]
    hear = [subject for grant in grants for topic in grant.hear for subject in filler(topic)]
    names = consumers(credential.public_key)
    for grant in grants:
        for topic in grant.hear:
            if topic.whole:
                publish += _reading(topic.stream, names, filler(topic._replace(older=())))
    if any(grant.get for grant in grants):
        publish += _getting(filler(STATE))
    if grants:
        publish += ["$JS.API.INFO", "$JS.API.STREAM.NAMES"]
    subscribe = [f"{inbox(credential.public_key)}.>", *hear]
    return Permissions(tuple(dict.fromkeys(publish)), tuple(dict.fromkeys(subscribe)))


def shared(organization: str, registered: Iterable[str]) -> Permissions:
    """What whoever knows the token of older programs may: say what devices say, and get keys.

    Their telemetry may be of one token that is a kind or a device which nobody has registered.
    Their inboxes have the ordinary name, so each of them could hear what another is answered.
    """
    credential = Credential(LEGACY, organization, SHARED_SCOPES)
    allowed = permissions(credential, registered, first=True)
    streams = (SAY_TELEMETRY, SAY_EVENTS, VIDEO)
    return Permissions(
        (
            *allowed.publish,
            f"{_TELEMETRY}.*",
            *(f"$JS.API.STREAM.INFO.{topic.stream}" for topic in streams),
        ),
        (*allowed.subscribe, "_INBOX.>"),
    )


def account(
    organization: str, users: Mapping[str, Permissions], *others: Permissions, first: bool
) -> Account:
    """The account of an organisation's credentials, by their public keys.

    Args:
        organization: whose they are.
        users: what each may say and hear.
        others: what those may who are not known by a key.
        first: whether it is the deployment's first organisation.
    """
    said = [subject for each in (*users.values(), *others) for subject in each.publish]
    everything = _Filler(Credential("", organization, frozenset()), (), first=False)
    hear = [topic for topic in GRANTS["nats:all"].hear if topic.whole]
    wide = [
        *(subject for topic in GRANTS["nats:all"].say for subject in everything(topic)),
        # Consumers by any name: their server would have thousands of subjects to look at.
        *(each for topic in hear for each in _reading(topic.stream, "*", everything(topic))),
        *_getting([f"{_KEY}.>"]),
    ]
    return Account(
        users,
        tuple(least([*wide, *said])),
        (
            *(each for topic in hear if topic is not HEAR_TELEMETRY for each in everything(topic)),
            f"{_TELEMETRY}.>" if first else f"{_TELEMETRY}.{organization}.>",
            f"{_KEY}.>",
            f"{subjects.VIDEO}.>",
        ),
    )


class _Filler:
    """Fills the templates of a topic with whose a credential is."""

    def __init__(self, credential: Credential, registered: Iterable[str], *, first: bool) -> None:
        self._organization = credential.organization
        self._named = credential.entities is not None
        self._first = first
        entities = registered if credential.entities is None else credential.entities
        self._entities = sorted(each for each in entities if is_token(each))

    def __call__(self, topic: Topic) -> list[str]:
        templates = (topic.each if self._named else topic.whole) + topic.both
        if self._first:
            templates += topic.older
        return [subject for template in templates for subject in self._filled(template)]

    def _filled(self, template: str) -> list[str]:
        if "{entity}" not in template:
            return [template.format(org=self._organization)]
        return [template.format(org=self._organization, entity=each) for each in self._entities]


def _reading(stream: str, names: Iterable[str], filters: Iterable[str]) -> list[str]:
    """To make and use pull consumers of these names, each with one of these filters (ADR-13)."""
    api = "$JS.API.CONSUMER"
    made = [f"{api}.CREATE.{stream}.{name}.{each}" for name in names for each in filters]
    used = [
        subject
        for name in names
        for subject in (
            f"{api}.INFO.{stream}.{name}",
            f"{api}.DELETE.{stream}.{name}",
            f"{api}.MSG.NEXT.{stream}.{name}",
            f"$JS.ACK.{stream}.{name}.>",
        )
    ]
    return made + used if made else []


def _getting(keys: Iterable[str]) -> list[str]:
    """To look up keys of the bucket as clients do: each by a subject that names it."""
    stream = subjects.BUCKET_STREAM
    return [
        f"$JS.API.STREAM.INFO.{stream}",
        *(f"$JS.API.DIRECT.GET.{stream}.{key}" for key in keys),
    ]
