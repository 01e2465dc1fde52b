"""Links that work once, sessions that end."""

import asyncio
import sqlite3
import stat
import subprocess
import sys

import pytest
from serving import environment_of, served, settings_for

from web import believed, sessions
from web.sign_in import LINK_SECONDS

pytestmark = pytest.mark.anyio


async def test_a_link_lets_in_once(web):
    """Whoever opens it first is sent to the map with a session, whoever comes later is not."""
    link = web.link()
    async with web.client() as client:
        answer = await client.get(link)
        assert (answer.status_code, answer.headers["location"]) == (303, "/map")
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "secure" not in cookie
        assert (await client.get("/map")).status_code == 200
    async with web.client() as client:
        assert (await client.get(link)).status_code == 401
        assert (await client.get("/map")).status_code == 303


async def test_used_expired_and_unknown_links_are_told_the_same(web, wound):
    """A page says how to get a new one, and not what was wrong with this one."""
    used, expired = web.link(), web.link()
    async with web.client() as client:
        await client.get(used)
        wound.ahead = LINK_SECONDS + 1
        answers = [await client.get(path) for path in (used, expired, "/sign-in?token=made-up")]

    assert {401} == {answer.status_code for answer in answers}
    assert len({answer.text for answer in answers}) == 1
    assert "overwatch link" in answers[0].text


async def test_looking_ahead_does_not_use_a_link_up(web):
    """Neither a HEAD request nor a browser's prefetch is an opening."""
    link = web.link()
    async with web.client() as client:
        await client.head(link)
        await client.get(link, headers={"Sec-Purpose": "prefetch;prerender"})
        assert (await client.get(link)).status_code == 303


async def test_tries_are_limited_by_address(web):
    """And a header that names another address does not help."""
    async with web.client() as client:
        for number in range(20):
            await client.get("/sign-in?token=x", headers={"X-Forwarded-For": f"10.0.0.{number}"})
        answer = await client.get("/sign-in?token=x", headers={"X-Forwarded-For": "10.9.9.9"})

    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    ("ahead", "status"),
    [
        (sessions.IDLE_SECONDS - 60, 200),
        (sessions.IDLE_SECONDS + 1, 303),
    ],
)
async def test_an_idle_session_ends(web, wound, ahead, status):
    """After a day without a request."""
    async with web.signed_in() as client:
        wound.ahead = ahead
        assert status == (await client.get("/map")).status_code


async def test_a_session_ends_however_busy(web, wound):
    """After a week, even if used each hour."""
    async with web.signed_in() as client:
        for hour in range(7 * 24):
            wound.ahead = hour * 3600
            assert (await client.get("/map")).status_code == 200
        wound.ahead = sessions.ABSOLUTE_SECONDS + 1
        assert (await client.get("/map")).status_code == 303


async def test_a_session_revoked_in_the_database_is_over_within_a_second(web):
    """Nothing has to be restarted."""
    async with web.signed_in() as client:
        assert (await client.get("/map")).status_code == 200
        web.site.tables.write("DELETE FROM sessions")
        last = 200

        async def ask():
            nonlocal last
            last = (await client.get("/map")).status_code

        async with asyncio.timeout(believed.SECONDS + 1):
            while last == 200:
                await ask()
                await asyncio.sleep(0.05)
        assert last == 303


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_others_cannot_sign_somebody_out(web, headers):
    """Only our own pages can, as the browser says."""
    async with web.client() as client:
        await client.get(web.link())
        assert (await client.post("/sign-out", headers=headers)).status_code == 403
        assert (await client.get("/sign-out")).status_code == 405
        assert (await client.get("/map")).status_code == 200


@pytest.mark.parametrize("says", ["Sec-Fetch-Site", "Origin"])
async def test_signing_out_ends_the_session_at_once(web, says):
    """The cookie is good for nothing any more."""
    headers = {says: web.address if says == "Origin" else "same-origin"}
    async with web.client() as client:
        await client.get(web.link())
        cookie = client.cookies["overwatch_session"]
        answer = await client.post("/sign-out", headers=headers)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    async with web.client(Cookie=f"overwatch_session={cookie}") as client:
        assert (await client.get("/map")).status_code == 303


async def test_https_makes_the_cookie_secure(tmp_path, nats_server, bucket):
    """Where people come by https, the session never goes by http."""
    more = {"OVERWATCH_BASE_URL": "https://overwatch.example"}
    async with served(settings_for(tmp_path, nats_server.url, **more)) as web:
        headers = {"Host": "overwatch.example"}
        async with web.client(**headers) as client:
            answer = await client.get(web.link())
            assert "secure" in answer.headers["set-cookie"].lower()
            assert "max-age" in answer.headers["strict-transport-security"]


async def test_no_secret_is_stored(web, settings):
    """The file has hashes only, and only its owner may read it."""
    link = web.link()
    key = web.key("north", "entities:read")
    async with web.client() as client:
        await client.get(link)
        cookie = client.cookies["overwatch_session"]
    dump = "\n".join(sqlite3.connect(settings.database).iterdump())

    assert link.partition("=")[2] not in dump
    assert cookie not in dump
    assert key not in dump
    assert stat.S_IMODE(settings.database.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.database.parent.stat().st_mode) == 0o700


async def test_the_command_prints_a_link_that_works(web):
    """And nothing else, so that it can be piped."""
    printed = _printed(web.site.settings)

    assert printed.startswith(f"http://localhost:{web.site.settings.port}/sign-in?token=")
    assert printed.count("\n") == 1
    assert (await _opened(web, printed)).name == "Admin"


async def test_a_link_is_for_whoever_is_named(web):
    """As who they are; somebody new becomes an admin, as whoever is at the machine may say."""
    viewer = web.site.people.add("north", email="ana@example.org", name="Ana", role="viewer")

    ana = await _opened(web, _printed(web.site.settings, "--email=Ana@example.org"))
    new = await _opened(web, _printed(web.site.settings, "--email=bob@example.org"))

    assert (ana.user_id, ana.role) == (viewer.user_id, "viewer")
    assert (new.email, new.role) == ("bob@example.org", "admin")
    web.site.people.disable("north", viewer.user_id)
    refused = _run(web.site.settings, "--email=ana@example.org")
    assert refused.returncode == 1
    assert refused.stderr == "Error: Ana has been disabled.\n"


async def test_whoever_was_disabled_after_a_link_was_made_is_not_let_in(web):
    """Nor does it count as used: they may be enabled again."""
    link = web.link()
    web.site.people.add("north", email="", name="Another", role="admin")
    admin = web.site.people.first_admin("north")
    web.site.people.disable("north", admin.user_id)
    async with web.client() as client:
        assert (await client.get(link)).status_code == 401
        web.site.people.enable("north", admin.user_id)
        assert (await client.get(link)).status_code == 303


async def _opened(web, printed):
    """Whom a printed link lets in."""
    async with web.client() as client:
        assert (await client.get(printed[printed.index("/sign-in") :].strip())).status_code == 303
        who = await web.site.sessions.find(client.cookies["overwatch_session"])
    return web.site.people.find(who.organization, who.user)


def _printed(settings, *arguments):
    done = _run(settings, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _run(settings, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "web.sign_in", *arguments],
        env=environment_of(settings),
        capture_output=True,
        text=True,
        check=False,
    )
