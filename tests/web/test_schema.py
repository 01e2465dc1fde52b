"""Bodies, decoded or refused with all that is wrong with them."""

from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, Meta, UnsetType
from starlette.requests import Request

from web.problems import Problem
from web.schema import MOST_FAULTS, decode, read


class Place(msgspec.Struct, forbid_unknown_fields=True):
    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class Thing(msgspec.Struct, forbid_unknown_fields=True):
    kind: Literal["low", "high"]
    name: Annotated[str, Meta(max_length=5)] | UnsetType = UNSET
    place: Place | UnsetType | None = UNSET
    tags: Annotated[list[Annotated[str, Meta(max_length=2)]], Meta(max_length=3)] | UnsetType = (
        UNSET
    )
    more: dict[str, Any] | UnsetType = UNSET


def refused(text: bytes, kind: type = Thing) -> Problem:
    with pytest.raises(Problem) as caught:
        decode(text, kind)
    return caught.value


def tried(text: bytes) -> Problem | None:
    try:
        decode(text, Thing)
    except Problem as problem:
        return problem
    return None


def faults(text: bytes, kind: type = Thing) -> list[tuple[str, str]]:
    """Where something is wrong, and what."""
    problem = refused(text, kind)
    assert (problem.status, problem.detail) == (422, "validation failed")
    return [(each.location, each.message) for each in problem.more["errors"]]


def test_a_body_that_is_as_it_should_be_is_decoded():
    """With what is left out unset, and null where it may be."""
    thing = decode(b'{"kind": "low", "place": null, "more": {"a": [1]}}', Thing)

    assert thing == Thing("low", place=None, more={"a": [1]})
    assert thing.name is UNSET


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"{}", [("body", "expected required property kind to be present")]),
        (b"[]", [("body", "Expected `object`, got `array`")]),
        (b"null", [("body", "Expected `object`, got `null`")]),
        (b'{"kind": "mid"}', [("body.kind", 'expected value to be one of "low, high"')]),
        (b'{"kind": ""}', [("body.kind", 'expected value to be one of "low, high"')]),
        (b'{"kind": "low", "x": 1}', [("body.x", "unexpected property")]),
        (b'{"kind": "low", "name": "longer"}', [("body.name", "Expected `str` of length <= 5")]),
        (b'{"kind": "low", "name": null}', [("body.name", "Expected `str`, got `null`")]),
        (
            b'{"kind": "low", "place": {"latitude": 91, "east": 1}}',
            [
                ("body.place.east", "unexpected property"),
                ("body.place.latitude", "Expected `float` <= 90.0"),
                ("body.place", "expected required property longitude to be present"),
            ],
        ),
        (
            b'{"kind": "low", "tags": ["a", "bcd", 7]}',
            [
                ("body.tags[1]", "Expected `str` of length <= 2"),
                ("body.tags[2]", "Expected `str`, got `int`"),
            ],
        ),
        (
            b'{"kind": "low", "tags": ["a", "b", "c", "d"]}',
            [("body.tags", "Expected `array` of length <= 3")],
        ),
        (b'{"kind": "low", "more": {"a": 1e400}}', [("body.more[...]", "Number out of range")]),
    ],
)
def test_everything_that_is_wrong_is_said_with_its_place(text, expected):
    """Not only the first of it."""
    assert faults(text) == expected


def test_what_stands_there_is_said_back_unless_it_is_long():
    """A client sees what it has sent; nobody is sent a megabyte."""
    (short,) = refused(b'{"kind": "mid"}').more["errors"]
    (long,) = refused(b'{"kind": "low", "name": "%b"}' % (b"a" * 5000)).more["errors"]

    assert short.value == "mid"
    assert "value" not in msgspec.to_builtins(long)


def test_a_list_of_bodies_says_which_of_them_is_wrong():
    """And stops saying so after many."""
    assert faults(b'[{"kind": "low"}, {"kind": "mid"}]', list[Thing])[0][0] == "body[1].kind"
    assert len(faults(b"[" + b",".join([b"1"] * 10_000) + b"]", list[Thing])) == MOST_FAULTS


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"{'kind': 1}", b'{"kind": NaN}', b'"\xff"', b"[" * 100_000, b"\xef\xbb\xbf{}"],
)
def test_what_is_no_json_is_a_bad_request(text):
    """Whatever is asked for."""
    assert refused(text).status == 400


def test_a_body_has_so_many_levels_and_no_more():
    """What is stored is read by others, who may count on it."""
    deep = b'{"kind": "low", "more": {"a": ' + b"[" * 40 + b"]" * 40 + b"}}"

    assert faults(deep) == [("body", "expected 32 levels at most")]


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
nearly = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("kind", "name", "place", "tags", "more", "x"), json)
)


@given(nearly | json)
def test_any_json_is_decoded_or_refused(value):
    """And a refusal always says what of it is wrong."""
    problem = tried(msgspec.json.encode(value))

    if problem is not None:
        assert problem.status in (400, 422)
        assert problem.status == 400 or problem.more["errors"]
        assert problem.response().body


@given(st.binary(max_size=64))
def test_any_bytes_are_decoded_or_refused(text):
    """Whatever somebody sends."""
    problem = tried(text)

    assert problem is None or problem.status in (400, 422)


def request(said: str, text: bytes) -> Request:
    async def receive():
        return {"type": "http.request", "body": text, "more_body": False}

    headers = [(b"content-type", said.encode())] if said else []
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "said",
    ["", "application/json", "application/json; charset=utf-8", "application/merge-patch+json"],
)
async def test_json_by_any_of_its_names_is_read(said):
    """Nothing said is taken for JSON, as before."""
    assert await read(request(said, b'{"kind": "low"}'), Thing) == Thing("low")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "said", ["text/plain", "application/x-www-form-urlencoded", "application/cbor"]
)
async def test_what_is_said_to_be_no_json_is_refused(said):
    """Before it is looked at."""
    with pytest.raises(Problem) as caught:
        await read(request(said, b'{"kind": "low"}'), Thing)

    assert caught.value.status == 415
