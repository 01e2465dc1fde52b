"""What is known of every entity, as far as commands need it.

Documents come by thousands and commands do not: a document is kept as it came, and read when
somebody wants to know. Nothing of this is remembered, since the bucket is.
"""

from collections.abc import Iterator

from flows.ontology import subjects
from flows.ontology.command_facts import Facts
from flows.ontology.wire import Message
from flows.steps.commands.facts import VERSION, read_facts
from flows.steps.commands.fences import TYPES, Fence, read_fence

_PREFIX = f"{subjects.BUCKET_SUBJECT}."
# How a document of a fence has it, which is looked at more closely then.
_FENCES = tuple(f'"entity_type":"{each}"'.encode() for each in TYPES)


class Picture:
    """The newest documents. ``watched`` are entities of which news matter at once."""

    def __init__(self) -> None:
        self._unread: dict[str, Message] = {}
        self._facts: dict[str, Facts] = {}
        self._fences: dict[str, Fence] = {}
        self.watched: set[str] = set()
        self.begun = False

    def see(self, message: Message) -> str:
        """Take a message of the bucket in; of which watched entity it is, if it is of one."""
        headers = message.headers
        if not headers or VERSION not in headers:
            return ""
        entity = message.subject.removeprefix(_PREFIX)
        self._fences.pop(entity, None)
        if not message.data or "KV-Operation" in headers:
            self._unread.pop(entity, None)
            self._facts.pop(entity, None)
        else:
            self._unread[entity] = message
            if any(each in message.data for each in _FENCES):
                fence = read_fence(message)
                if fence is not None:
                    self._fences[entity] = fence
        return entity if entity in self.watched else ""

    def facts(self, entity: str) -> Facts | None:
        """What its newest document says; None where there is none."""
        message = self._unread.pop(entity, None)
        if message is not None:
            read = read_facts(message)
            if read is None:
                self._facts.pop(entity, None)
            else:
                self._facts[entity] = read
        return self._facts.get(entity)

    def of(self, organization: str) -> Iterator[Facts]:
        """What is known of each entity of an organisation."""
        for entity in sorted(self._facts.keys() | self._unread.keys()):
            found = self.facts(entity)
            if found is not None and found.org_id == organization:
                yield found

    @property
    def fences(self) -> list[Fence]:
        """Those in force, of all organisations."""
        return list(self._fences.values())
