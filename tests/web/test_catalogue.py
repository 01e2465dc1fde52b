"""The catalogue of signals as it is served."""

import re

import pytest

from flows.history import TELEMETRY
from flows.ontology.signals import FAMILIES, SIGNALS, find

pytestmark = pytest.mark.anyio

PATH = "/api/v1/signals"


@pytest.fixture
async def program(web):
    """A client with a key that may hardly do anything."""
    async with web.client(**{"X-API-Key": web.key("north", "metrics:read")}) as client:
        yield client


async def test_the_whole_catalogue_is_served(program):
    """Each signal with what it is measured in and where it lies, and families after them."""
    rows = (await program.get(PATH)).json()

    assert [row["path"] for row in rows] == [each.path for each in (*SIGNALS, *FAMILIES)]
    voltage = next(row for row in rows if row["path"] == "power.voltage")
    assert voltage == {
        "path": "power.voltage",
        "branch": "power",
        "unit": "V",
        "kind": "number",
        "range": [0, 1000],
        "description": "voltage of the first battery",
        "column": "power_voltage",
        "family": False,
    }
    mode = next(row for row in rows if row["path"] == "vehicle_status.mode")
    assert (mode["kind"], mode["range"]) == ("text", None)


async def test_the_columns_are_those_of_the_lake(program):
    """In their order; families have none, and say which of their paths they stand for."""
    rows = (await program.get(PATH)).json()
    columns = [row["column"] for row in rows if row["column"]]
    lake = [each.name for each in TELEMETRY.columns]

    assert columns == [name for name in lake if name in set(columns)]
    families = [row for row in rows if row["family"]]
    assert families
    for row in families:
        assert row["column"] is None
        assert find(row["path"].replace("{n}", "1")).description == row["description"]


@pytest.mark.parametrize(
    ("branch", "pattern"),
    [
        ("power", r"power\..+"),
        ("position.global", r"position\.global\.[^.]+"),
        ("position", r"position\..+"),
        ("pos", None),
        ("nothing", None),
        ("power.voltage", None),
    ],
)
async def test_a_branch_is_served_with_what_is_beneath_it(program, branch, pattern):
    """And a name that is only the beginning of one has nothing."""
    paths = [row["path"] for row in (await program.get(PATH, params={"branch": branch})).json()]

    expected = [
        each.path for each in (*SIGNALS, *FAMILIES) if pattern and re.fullmatch(pattern, each.path)
    ]
    assert paths == expected


async def test_whoever_has_it_is_told_that_it_has_not_changed(program):
    """By its tag, weak or strong, one of many or any."""
    first = await program.get(PATH)
    tag = first.headers["etag"]
    for condition in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await program.get(PATH, headers={"If-None-Match": condition})
        assert (again.status_code, again.content) == (304, b""), condition
        assert again.headers["etag"] == tag
    changed = await program.get(PATH, headers={"If-None-Match": '"other"'})
    assert (changed.status_code, changed.content) == (200, first.content)
    other = await program.get(PATH, params={"branch": "power"}, headers={"If-None-Match": tag})
    assert other.status_code == 200
    assert "no-cache" in first.headers["cache-control"]


async def test_it_is_for_whoever_is_known(web):
    """A session as well as a key, and nobody else."""
    async with web.signed_in() as client:
        assert (await client.get(PATH)).status_code == 200
    async with web.client() as client:
        assert (await client.get(PATH)).status_code == 401
