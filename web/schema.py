"""Bodies as their types say them: JSON into a Struct, or a problem that tells all that is wrong.

    wanted = await read(request, CreateEntity)

Where it stands is said as ``body.position.latitude``, and what stands there beside it.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from starlette.requests import Request

from web.body import body, content_type
from web.items import MOST_LEVELS, is_deep
from web.problems import Problem

T = TypeVar("T")

BODY = "body"
MOST_FAULTS = 50
# What is longer is not said back.
MOST_VALUE_BYTES = 1024
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError)
_PLACED = re.compile(r"(.*) - at `(?:key in )?\$(.*)`", re.DOTALL)


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong; ``value`` is left out where it is long."""

    message: str
    location: str
    value: Any = msgspec.UNSET


async def read(request: Request, kind: type[T]) -> T:
    """The body of a request as ``kind``, which is a Struct or a list of them.

    Raises:
        Problem: 415, said to be no JSON; 400, no JSON; 422, another than ``kind`` allows; and
            those of ``web.body.body``.
    """
    said = content_type(request)
    if said and said != "application/json" and not re.fullmatch(r"application/.+\+json", said):
        raise Problem(415, "The body may be application/json.")
    return decode(await body(request), kind)


def decode(text: bytes, kind: type[T]) -> T:
    """JSON text as ``kind``. Raises as ``read`` does."""
    of: object = kind
    try:
        decoder: msgspec.json.Decoder[T] = _decoder(of)
        read = decoder.decode(text)
    except msgspec.ValidationError as error:
        raise invalid(_explained(text, kind, error)) from error
    except _UNREADABLE as error:
        raise Problem(400, f"The body is no JSON: {error}") from error
    if text.count(b"[") + text.count(b"{") > MOST_LEVELS and is_deep(msgspec.json.decode(text)):
        raise invalid([Fault(f"expected {MOST_LEVELS} levels at most", BODY)])
    return read


def convert(value: Any, kind: type[T], place: str = BODY) -> T:
    """What stands at another place than in a body as ``kind``. Raises Problem: 422."""
    try:
        converted: T = msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise invalid(list(islice(_faults(value, kind, place), MOST_FAULTS))) from error
    return converted


def invalid(faults: list[Fault]) -> Problem:
    """The problem that a body has which is JSON, but not as it should be."""
    return Problem(422, "validation failed", more={"errors": faults})


@lru_cache(128)
def _decoder(kind: Any) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(kind)


def _explained(text: bytes, kind: Any, error: msgspec.ValidationError) -> list[Fault]:
    try:
        value = msgspec.json.decode(text)
    except msgspec.ValidationError:  # Numbers that are none, wherever they stand.
        return [_fault(error, msgspec.UNSET, BODY, None)]
    except _UNREADABLE as worse:
        raise Problem(400, f"The body is no JSON: {worse}") from worse
    found = list(islice(_faults(value, kind, BODY), MOST_FAULTS))
    return found or [_fault(error, value, BODY, None)]


def _faults(value: Any, kind: Any, place: str) -> Iterator[Fault]:
    """Everything that is wrong with a value: that of its parts, or else its own."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        parts = _of_parts(value, kind, place)
        first = next(parts, None)
        if first is None:
            yield _fault(error, value, place, kind)
        else:
            yield first
            yield from parts


def _of_parts(value: Any, kind: Any, place: str) -> Iterator[Fault]:
    for each in _kinds(kind):
        if isinstance(value, dict) and isinstance(each, type) and issubclass(each, msgspec.Struct):
            yield from _of_members(value, each, place)
        elif isinstance(value, list) and get_origin(each) is list:
            for index, item in enumerate(value):
                yield from _faults(item, get_args(each)[0], f"{place}[{index}]")


def _of_members(value: dict[str, Any], struct: type[msgspec.Struct], place: str) -> Iterator[Fault]:
    fields = {each.encode_name: each for each in msgspec.structs.fields(struct)}
    if struct.__struct_config__.forbid_unknown_fields:
        for name, unknown in value.items():
            if name not in fields:
                yield Fault("unexpected property", f"{place}.{name[:128]}", _short(unknown))
    for name, field in fields.items():
        if name in value:
            yield from _faults(value[name], field.type, f"{place}.{name}")
        elif field.required:
            yield Fault(f"expected required property {name} to be present", place, _short(value))


def _fault(error: msgspec.ValidationError, value: Any, place: str, kind: Any) -> Fault:
    match = _PLACED.fullmatch(str(error))
    message, inner = (match[1], match[2]) if match else (str(error), "")
    words = [
        word for each in _kinds(kind) if get_origin(each) is Literal for word in get_args(each)
    ]
    if words and not inner:
        message = f'expected value to be one of "{", ".join(map(str, words))}"'
    return Fault(message, place + inner, msgspec.UNSET if inner else _short(value))


def _kinds(kind: Any) -> Iterator[Any]:
    """The types that a union is of, or the one that it is."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        for each in get_args(kind):
            yield from _kinds(each)
    elif origin is Annotated:
        yield from _kinds(get_args(kind)[0])
    else:
        yield kind


def _short(value: Any) -> Any:
    if isinstance(value, dict | list | str) and len(msgspec.json.encode(value)) > MOST_VALUE_BYTES:
        return msgspec.UNSET
    return value
