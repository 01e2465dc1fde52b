"""Adding a passkey and signing in by it, over HTTP, as the script of our pages does it."""

import pytest
from authenticator import Authenticator
from serving import served, settings_for

pytestmark = pytest.mark.anyio


def as_page(web, **headers):
    """A client that speaks as our page at a name of this machine."""
    host = f"localhost:{web.site.settings.port}"
    return web.client(**{"Host": host, "Sec-Fetch-Site": "same-origin"}, **headers)


async def added(client, web):
    """An authenticator with a passkey of whoever has signed in with this client."""
    made = Authenticator(f"http://localhost:{web.site.settings.port}")
    options = (await client.post("/account/passkey/begin", json={})).json()
    said = {"credential": made.create(options), "name": "Laptop"}
    answer = await client.post("/account/passkey/finish", json=said)
    assert (answer.status_code, answer.json()) == (200, {"to": "/map"})
    return made


async def test_who_came_by_link_is_asked_for_a_passkey_and_may_wait(web):
    """On this machine; with a passkey nobody is asked again."""
    async with as_page(web) as client:
        assert (await client.get(web.link())).headers["location"] == "/account/passkey"
        page = await client.get("/account/passkey")
        assert "Not now" in page.text
        assert (await client.get("/map")).status_code == 200
        await added(client, web)
    async with as_page(web) as client:
        assert (await client.get(web.link())).headers["location"] == "/map"


async def test_a_passkey_signs_in(web):
    """With a session like any other, and both are on record."""
    async with as_page(web) as client:
        await client.get(web.link())
        authenticator = await added(client, web)
        await client.post("/sign-out")
        assert (await client.get("/map")).status_code == 303

        options = (await client.post("/sign-in/begin", json={})).json()
        credential = authenticator.get(options)
        answer = await client.post("/sign-in/finish", json={"credential": credential})
        assert (answer.status_code, answer.json()) == (200, {"to": "/map"})
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert (await client.get("/map")).status_code == 200
        again = await client.post("/sign-in/finish", json={"credential": credential})
        assert again.status_code == 401
        assert "set-cookie" not in again.headers
    rows = web.site.tables.read("SELECT action, outcome FROM audit ORDER BY sequence")
    assert [(row["action"], row["outcome"]) for row in rows] == [
        ("person.sign_in", "done"),
        ("passkey.add", "done"),
        ("person.sign_out", "done"),
        ("person.sign_in", "done"),
        ("person.sign_in", "refused"),
    ]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"", 400),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"credential": {}}', 401),
        (b'{"credential": []}', 422),
        (b'{"credential": {"response": {"clientDataJSON": "e30"}}}', 401),
        (b'{"credential": {}, "as": "admin"}', 422),
    ],
)
async def test_what_is_no_answer_is_refused(web, said, status):
    """In the form of the interface's errors."""
    async with as_page(web, **{"Content-Type": "application/json"}) as client:
        answer = await client.post("/sign-in/finish", content=said)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_pages_of_others_begin_nothing(web):
    """Neither a sign-in nor a passkey."""
    async with web.client(**{"Sec-Fetch-Site": "cross-site"}) as client:
        for step in ("begin", "finish"):
            assert (await client.post(f"/sign-in/{step}", json={})).status_code == 403


async def test_strangers_have_so_many_tries(web):
    """By the address of their connection, whatever they say of it."""
    async with as_page(web) as client:
        for number in range(60):
            headers = {"X-Forwarded-For": f"10.0.0.{number}"}
            assert (
                await client.post("/sign-in/begin", json={}, headers=headers)
            ).status_code == 200
        answer = await client.post("/sign-in/begin", json={})

    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60


async def test_elsewhere_a_passkey_is_needed_before_anything_is_seen(tmp_path, nats_server, bucket):
    """A link that somebody else has read lets them see nothing without one."""
    more = {"OVERWATCH_BASE_URL": "https://overwatch.example"}
    async with served(settings_for(tmp_path, nats_server.url, **more)) as web:
        headers = {"Host": "overwatch.example", "Sec-Fetch-Site": "same-origin"}
        async with web.client(**headers) as client:
            link = await client.get(web.link())
            assert link.headers["location"] == "/account/passkey"
            # The client does not send a cookie that is for https only.
            client.headers["Cookie"] = link.headers["set-cookie"].partition(";")[0]
            page = await client.get("/account/passkey")
            assert (page.status_code, "Not now" in page.text) == (200, False)
            for path in ("/map", "/account", "/admin/people"):
                assert (await client.get(path)).headers["location"] == "/account/passkey"
            for path in ("/live/fleet", "/api/v1/organizations", "/metrics"):
                assert (await client.get(path)).status_code == 401

            made = Authenticator("https://overwatch.example", rp_id="overwatch.example")
            options = (await client.post("/account/passkey/begin", json={})).json()
            said = {"credential": made.create(options)}
            assert (await client.post("/account/passkey/finish", json=said)).status_code == 200
            assert (await client.get("/map")).status_code == 200


async def test_at_an_address_it_is_said_that_passkeys_do_not_work_there(web):
    """And where they do; the link is still a way in."""
    async with web.client() as client:
        page = await client.get("/sign-in")

    assert f"Passkeys work at http://localhost:{web.site.settings.port}" in page.text
    assert "overwatch link" in page.text
    assert "data-passkey" not in page.text
