"""What the interface promises, as values: each route module says its ``operations`` beside them.

A type among the answers is JSON of that type; a text says what the answer is, for those
that are none, and for problems. What every operation of a kind can answer (401 where a key
is needed, 422 where there is a body…) is added by ``web.openapi_document`` and need not be said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from web.schema import Fault

JSON = "application/json"
PROBLEM = "application/problem+json"
# An operation's scope: for whoever asks, or for every key and session.
PUBLIC = None
ANYBODY = ""

Json = dict[str, Any]


class ProblemDocument(msgspec.Struct, omit_defaults=True):
    """Why a request was not served."""

    status: int
    title: str
    detail: str
    errors: list[Fault] = []


class Message(msgspec.Struct):
    """That it is done."""

    message: str


@dataclass(frozen=True)
class Operation:
    """One method of one path.

    Args:
        method: ``GET``; a WebSocket is one that answers 101.
        path: as the route has it.
        operation_id: its name for programs, unique.
        summary: its name for people.
        scope: what a key needs; ``ANYBODY`` a good key or session, ``PUBLIC`` not even that.
        body: type of the body, if it has one.
        answers: what it answers, by status.
        query: type of its parameters; a field that has a default may be left out.
        description: more about it, in CommonMark.
        tag: the group that it is shown in; by its path where none is given.
        media: content types of the answer, where it is no JSON or not only.
        body_media: content types of the body.
        headers: headers of the request that it heeds, with what they are for.
        gives: headers of its answer, with what they say.
        fault: type of what it says when it cannot, where that is no problem document.
        deprecated: whether there is a better one by now.
    """

    method: str
    path: str
    operation_id: str
    summary: str
    scope: str | None
    body: Any = None
    answers: Mapping[int, Any] = field(default_factory=dict)
    query: Any = None
    description: str = ""
    tag: str = ""
    media: tuple[str, ...] = (JSON,)
    body_media: tuple[str, ...] = (JSON,)
    headers: Mapping[str, str] = field(default_factory=dict)
    gives: Mapping[str, str] = field(default_factory=dict)
    fault: Any = None
    deprecated: bool = False

    @property
    def names(self) -> list[str]:
        """The parameters in its path."""
        parts = [part for part in self.path.split("/") if part.startswith("{")]
        return [part.strip("{}").partition(":")[0] for part in parts]
