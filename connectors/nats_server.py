"""The embedded NATS server: its keys, its configuration file and how it is started.

Whoever connects is a part with an NKey of its own, and may say and hear what its
``Permissions`` list and nothing else. A part hears answers in an inbox that is named
after it (``connectors.session.Server.inbox``), so no part reads another's.
"""

import base64
import itertools
import json
import os
import secrets
import sys
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import nkeys

from connectors.bcrypt import hashed
from connectors.consumer_gate import ASKED
from connectors.tls import Tls

MAX_CONNECTIONS = 1024
PUBLIC_KEY_LETTERS = 56
TLS_SECONDS = 5
# The account of our own parts, which has the streams.
MAIN = "OVERWATCH"
# The account, and its one user, that guests ask for consumers: see ``connectors.consumer_gate``.
GATE = "CONSUMERS"
GATEKEEPER = "consumers"
_GATED = "$JS.API.CONSUMER.CREATE."
_OWN_INBOX = f"_INBOX_{GATEKEEPER}.>"
# Of the server itself, as long as it was not told of accounts.
_UNNAMED = "$G"
_SERVICES = ("constellation.>", "$KV.>", "$JS.ACK.>")
_STREAMS = ("constellation.>", "$KV.>")


class Permissions(NamedTuple):
    """Subjects that may be published to and subscribed to; wildcards as in NATS."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


class Mqtt(NamedTuple):
    """Where devices speak MQTT, as what user, and the subjects that they may publish to."""

    host: str
    port: int
    user: str
    publish: tuple[str, ...]


class Password(NamedTuple):
    """A user who is known by a password, and what that lets them do."""

    user: str
    password: bytes
    permissions: Permissions


class Account(NamedTuple):
    """Guests who are among themselves, and what of our own subjects they reach at all.

    What a user publishes is checked, but not where it asks for the answer: the server would
    say that anywhere. From an account of its own no answer gets further than ``says``.
    """

    users: Mapping[str, Permissions]  # By public NKey.
    says: tuple[str, ...] = ()
    hears: tuple[str, ...] = ()
    by_password: tuple[Password, ...] = ()


class ServerOptions(NamedTuple):
    """How the server runs. Sizes are bytes; ``sync_interval`` as nats-server reads it."""

    host: str
    port: int
    max_payload: int
    max_memory: int
    max_file_store: int
    sync_interval: str
    tls: Tls | None = None


class Guests(NamedTuple):
    """Who connects besides our own parts: accounts by name, and devices by MQTT."""

    accounts: Mapping[str, Account] = MappingProxyType({})
    mqtt: Mqtt | None = None


NOBODY = Guests()


def reading(stream: str) -> tuple[str, ...]:
    """What a program publishes to, to read a stream by pull consumers of its own (ADR-13, 31)."""
    api = "$JS.API."
    return (
        f"{api}STREAM.INFO.{stream}",
        f"{api}STREAM.MSG.GET.{stream}",
        f"{api}DIRECT.GET.{stream}",
        f"{api}DIRECT.GET.{stream}.>",
        f"{api}CONSUMER.CREATE.{stream}.>",
        f"{api}CONSUMER.INFO.{stream}.*",
        f"{api}CONSUMER.MSG.NEXT.{stream}.*",
    )


def binary() -> Path:
    """The server's program, which is installed beside Python."""
    return Path(sys.executable).with_name("nats-server")


def command(file: Path) -> tuple[str, ...]:
    """How the server is started with a configuration file."""
    return (str(binary()), "-c", str(file))


def configure(
    folder: Path,
    options: ServerOptions,
    users: Mapping[str, Permissions],
    guests: Guests = NOBODY,
) -> Path:
    """Write the configuration file, and a seed for every user that has none yet.

    Under ``folder``: ``nats.conf``, ``keys/<user>.nk``, ``mqtt-password`` and what JetStream
    keeps in ``jetstream``. The folders and files are their owner's alone.

    Raises:
        OSError: something cannot be written or read.
    """
    for each in (folder, folder / "keys"):
        each.mkdir(parents=True, exist_ok=True, mode=0o700)
        each.chmod(0o700)
    file = folder / "nats.conf"
    ours = {public_key(seed(folder / "keys", user)): allowed for user, allowed in users.items()}
    keeper = public_key(seed(folder / "keys", GATEKEEPER))
    _name_streams(folder)
    document: dict[str, Any] = {
        "server_name": "overwatch",
        "host": options.host,
        "port": options.port,
        "max_payload": options.max_payload,
        "max_connections": MAX_CONNECTIONS,
        "jetstream": {
            "store_dir": str(folder.absolute()),
            "max_memory_store": options.max_memory,
            # Never less than before: JetStream lets no stream shrink while all of them
            # together have been promised more than there is.
            "max_file_store": max(options.max_file_store, _promised(file)),
            "sync_interval": options.sync_interval,
        },
        "accounts": {
            MAIN: {
                "jetstream": "enabled",
                "users": [_user(key, allowed) for key, allowed in ours.items()],
                "exports": _exports(),
            },
            GATE: {
                "users": [_user(keeper, Permissions((">",), (f"{ASKED}>", _OWN_INBOX)))],
                "exports": [{"service": f"{ASKED}>"}],
            },
            **{
                name: _account(account, taken=(*ours, keeper))
                for name, account in guests.accounts.items()
                if name not in (MAIN, GATE)
            },
        },
    }
    if options.tls:
        document["tls"] = _tls(options.tls)
    if guests.mqtt:
        document["mqtt"] = {"host": guests.mqtt.host, "port": guests.mqtt.port}
        document["accounts"][MAIN]["users"].append(_device(folder, guests.mqtt))
    # JSON is a form of the server's language, but for \\u escapes.
    _write(file, json.dumps(document, ensure_ascii=False).encode())
    return file


def is_public_key(text: str) -> bool:
    """Whether the server takes a text for the public NKey of a user, its checksum included."""
    if len(text) != PUBLIC_KEY_LETTERS or not text.startswith("U"):
        return False
    try:
        raw = base64.b32decode(text)
    except ValueError:
        return False
    return bool(nkeys.crc16_checksum(bytearray(raw[:-2])) == raw[-2:])


def _name_streams(folder: Path) -> None:
    """Let the streams be those of our account, where there were none when they were made."""
    before, now = folder / "jetstream" / _UNNAMED, folder / "jetstream" / MAIN
    if before.is_dir() and not now.exists():
        before.rename(now)


def _exports() -> list[dict[str, Any]]:
    """What accounts can be let say and hear here; which of it, each of them says."""
    return [
        *({"service": subject} for subject in _SERVICES),
        {"service": "$JS.API.>", "response": "stream"},  # A pull has many answers.
        *({"stream": subject} for subject in _STREAMS),
    ]


def _account(account: Account, taken: Collection[str]) -> dict[str, Any]:
    # No credential takes the place of a part, whatever is said of its key.
    keys = [key for key in account.users if is_public_key(key) and key not in taken]
    return {
        "users": [
            *(_user(key, account.users[key]) for key in keys),
            *map(_by_password, account.by_password),
        ],
        "imports": [
            *map(_said, account.says),
            *({"stream": {"account": MAIN, "subject": each}} for each in account.hears),
        ],
    }


def _said(subject: str) -> dict[str, Any]:
    """What an account may say outside; where it asks for a consumer, it is heard at the gate."""
    if not subject.startswith(_GATED):
        return {"service": {"account": MAIN, "subject": subject}}
    asked = ASKED + subject.removeprefix(_GATED)
    # Wildcards are numbered there, as the server wants to know which is which.
    numbers = itertools.count(1)
    to = ".".join(f"${next(numbers)}" if each == "*" else each for each in subject.split("."))
    return {"service": {"account": GATE, "subject": asked}, "to": to}


def _user(key: str, allowed: Permissions) -> dict[str, Any]:
    return {"nkey": key, "permissions": _allowed(allowed)}


def _allowed(allowed: Permissions) -> dict[str, Any]:
    # An empty list would let them do anything.
    return {
        "publish": {"allow": allowed.publish} if allowed.publish else {"deny": [">"]},
        "subscribe": {"allow": allowed.subscribe} if allowed.subscribe else {"deny": [">"]},
    }


def _tls(tls: Tls) -> dict[str, Any]:
    ca = {"ca_file": tls.ca_file} if tls.ca_file else {}
    return {
        "cert_file": tls.cert_file,
        "key_file": tls.key_file,
        **ca,
        "verify": tls.verify,
        "min_version": "1.3",
        "timeout": TLS_SECONDS,
    }


def seed(folder: Path, user: str) -> Path:
    """The file with the user's NKey seed, made if there is none."""
    file = folder / f"{user}.nk"
    if not file.exists():
        _write(file, nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER))
    return file


def mqtt_password(folder: Path) -> Path:
    """The file with the password of MQTT, made if there is none."""
    file = folder / "mqtt-password"
    if not file.exists():
        _write(file, secrets.token_urlsafe(32).encode())
    return file


def _device(folder: Path, mqtt: Mqtt) -> dict[str, Any]:
    """The one user of MQTT, whose clients sign nothing: it is good for that and nothing else."""
    return {
        "user": mqtt.user,
        "password": _hashed_once(mqtt_password(folder).read_bytes().strip()),
        "allowed_connection_types": ["MQTT"],
        "permissions": {"publish": {"allow": mqtt.publish}, "subscribe": {"deny": [">"]}},
    }


def _by_password(user: Password) -> dict[str, Any]:
    return {
        "user": user.user,
        "password": _hashed_once(user.password),
        "permissions": _allowed(user.permissions),
    }


@lru_cache(2)
def _hashed_once(password: bytes) -> str:
    """With one salt for as long as we run: a server that is told another lets its clients go."""
    return hashed(password)


def public_key(file: Path) -> str:
    """The public key of a seed, by which the server knows its user.

    Raises:
        ValueError: the file holds no seed.
    """
    try:
        key: bytes = nkeys.from_seed(bytearray(file.read_bytes().strip())).public_key
    except (nkeys.NkeysError, ValueError) as error:
        raise ValueError(
            f"{file} holds no NKey seed: remove it, and a new one is made at the next start."
        ) from error
    return key.decode()


def _promised(file: Path) -> int:
    """The file store that the configuration so far allows; 0 without one of ours."""
    try:
        return int(json.loads(file.read_bytes())["jetstream"]["max_file_store"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return 0


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all, and for the owner only from the first byte on."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    draft.replace(file)
