"""Parameters of an address as their type says them: a Struct, or a problem that tells all wrong.

A field that is a list may be said several times. A field that may be left out is
``UnsetType`` or has a default.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeVar, get_args, get_origin

import msgspec
from starlette.requests import HTTPConnection

from web.problems import Problem
from web.schema import Fault, invalid

T = TypeVar("T", bound=msgspec.Struct)

QUERY = "query"
# What is longer is not said back.
MOST_VALUE_LETTERS = 256


def read_query(request: HTTPConnection, kind: type[T]) -> T:
    """The parameters of a request as ``kind``.

    Raises:
        Problem: 422, one is unknown, said twice, missing, or not of its type.
    """
    return as_query(request.query_params.multi_items(), kind)


def as_query(pairs: Iterable[tuple[str, str]], kind: type[T]) -> T:
    """Parameters by name, however they were said, as ``kind``. Raises as ``read_query`` does."""
    said: dict[str, list[str]] = defaultdict(list)
    for name, value in pairs:
        said[name].append(value)
    fields = {each.encode_name: each for each in msgspec.structs.fields(kind)}
    faults = [
        Fault("unexpected parameter", _place(name), values[0][:MOST_VALUE_LETTERS])
        for name, values in said.items()
        if name not in fields
    ]
    found: dict[str, Any] = {}
    for name, field in fields.items():
        values = said.get(name)
        if values is None:
            if field.required:
                faults.append(Fault("expected required parameter to be present", _place(name)))
            continue
        given: str | list[str] = values if _is_list(field.type) else values[0]
        try:
            if isinstance(given, str) and len(values) > 1:
                raise msgspec.ValidationError("expected it once")  # noqa: TRY301
            found[field.name] = msgspec.convert(given, field.type, strict=False)
        except msgspec.ValidationError as error:
            faults.append(Fault(str(error), _place(name), values[0][:MOST_VALUE_LETTERS]))
    if faults:
        raise invalid(faults)
    return kind(**found)


def wrong(name: str, message: str, value: str) -> Problem:
    """The problem that one parameter has which is of its type but cannot be."""
    return invalid([Fault(message, _place(name), value[:MOST_VALUE_LETTERS])])


def _place(name: str) -> str:
    return f"{QUERY}.{name[:128]}"


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is list or any(_is_list(each) for each in get_args(kind))
