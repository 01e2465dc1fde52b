"""NATS credentials: what there is to know of one, and the names that are its own at the server."""

import msgspec

CONSUMERS = 2  # A name cannot be given by its beginning: so many names are each credential's own.
MOST_NAMED = 256  # Entities of one credential: each is some subjects in the server's configuration.
# In place of a key: whoever comes in with the token that older programs share.
LEGACY = "legacy"
_LETTERS = 16


class Credential(msgspec.Struct, frozen=True):
    """Whose a public key is, and what it is for.

    ``entities`` are those that it is for, and None stands for all of the organisation.
    """

    public_key: str
    organization: str
    scopes: frozenset[str]
    entities: frozenset[str] | None = None


def own_name(public_key: str) -> str:
    """What a credential is called where its whole key would be too long."""
    return public_key[:_LETTERS]


def inbox(public_key: str) -> str:
    """The prefix of the inboxes in which a credential, and nobody else, hears answers."""
    return f"_INBOX_{own_name(public_key)}"


def consumers(public_key: str) -> tuple[str, ...]:
    """What a credential may call its consumers: on each stream, so many."""
    name = own_name(public_key)
    return (name, *(f"{name}-{number}" for number in range(2, CONSUMERS + 1)))
