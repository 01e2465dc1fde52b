"""What is remembered of requests that are said to be one with their retries."""

import pytest
from serving import WoundClock
from starlette.responses import Response

from web import retries
from web.database import Tables
from web.problems import Problem
from web.retries import FORGET_SECONDS, KEPT_SECONDS, Retries

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def tables(tmp_path):
    tables = Tables(tmp_path / "db")
    yield tables
    tables.close()


class Work:
    """Gives another answer each time that it is done."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)

    async def __call__(self) -> Response:
        status = self.statuses.pop(0)
        if status >= 400:
            raise Problem(status, "no")
        headers = {"ETag": '"1"', "Set-Cookie": "x", "Content-Type": "text/plain"}
        return Response(f"left {len(self.statuses)}", status, headers)


def names(tables):
    return [row["name"] for row in tables.read("SELECT name FROM retries ORDER BY rowid")]


async def test_an_answer_is_given_again_with_what_belongs_to_it(tables):
    """Whatever it was, refusals included; a cookie is nobody else's."""
    kept, work = Retries(tables, WoundClock().clock), Work(201, 409)
    for name in ("made", "refused"):
        first = await kept.once(name, "north", "asked", work)
        again = await kept.once(name, "north", "asked", work)
        assert (again.status_code, again.body) == (first.status_code, first.body)
        assert "set-cookie" not in again.headers
        assert again.headers.get("etag") == first.headers.get("etag")
        assert again.headers["content-type"] == first.headers["content-type"]


@pytest.mark.parametrize("passing", [408, 429, 500, 503])
async def test_what_passes_is_not_remembered(tables, passing):
    """Another try may do better."""
    kept, work = Retries(tables, WoundClock().clock), Work(passing, 201)

    assert (await kept.once("x", "north", "asked", work)).status_code == passing
    assert (await kept.once("x", "north", "asked", work)).status_code == 201


async def test_a_name_stands_for_one_request(tables):
    """What else is asked for by it is refused, done or not."""
    kept = Retries(tables, WoundClock().clock)
    await kept.once("x", "north", "asked", Work(201))

    with pytest.raises(Problem, match="another request"):
        await kept.once("x", "north", "another", Work(201))


async def test_what_is_old_is_forgotten_and_of_too_many_the_oldest(tables, monkeypatch):
    """Of each organisation by itself, so that none makes another forget."""
    monkeypatch.setattr(retries, "MOST_KEPT", 2)
    wound = WoundClock()
    kept = Retries(tables, wound.clock)
    await kept.once("old", "north", "asked", Work(201))
    wound.ahead = KEPT_SECONDS - 10
    for name, organization in (("n1", "north"), ("s1", "south"), ("n2", "north"), ("n3", "north")):
        await kept.once(name, organization, "asked", Work(201))
    wound.ahead += FORGET_SECONDS + 1

    await kept.once("new", "south", "asked", Work(201))

    assert names(tables) == ["s1", "n2", "n3", "new"]
