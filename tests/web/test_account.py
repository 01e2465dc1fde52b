"""What is somebody's own: name, passkeys and sessions, and nobody else's."""

import pytest
from test_passkey_routes import added, as_page

pytestmark = pytest.mark.anyio


async def test_the_page_shows_what_is_theirs(web):
    """Role, passkeys and sessions, with what they sit at."""
    async with as_page(web, **{"User-Agent": "Firefox/1 (Linux)"}) as client:
        await client.get(web.link())
        await added(client, web)
        page = await client.get("/account")

    assert page.status_code == 200
    for text in ("admin", "Laptop", "Firefox on Linux", "127.0.0.1", "this one"):
        assert text in page.text, text


async def test_names_are_escaped_wherever_they_stand(web):
    """Whoever is called like a script is shown like one."""
    evil = "<img src=x onerror=alert(1)>"
    async with web.acting_as("admin") as client:
        answer = await client.post("/account/name", data={"name": evil})
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
        for path in ("/account", "/admin/people"):
            text = (await client.get(path)).text
            assert "&lt;img src=x" in text
            assert evil not in text


async def test_a_session_is_ended_by_whoever_has_it(web):
    """At once; that of another person is not there."""
    person = web.site.people.add("north", email="", name="Ana", role="viewer")
    tokens = [await web.site.sessions.create(person) for _ in range(2)]
    headers = [{"Cookie": f"overwatch_session={token}"} for token in tokens]
    ours = web.site.sessions.of(person.user_id)
    async with web.client(**{"Sec-Fetch-Site": "same-origin"}) as client:
        assert (await client.get("/map", headers=headers[0])).status_code == 200
        ended = await client.post(
            "/account/sessions/end", data={"id": ours[1].session_id}, headers=headers[1]
        )
        assert ended.status_code == 303
        assert (await client.get("/map", headers=headers[0])).status_code == 303
        assert (await client.get("/map", headers=headers[1])).status_code == 200
    async with web.acting_as("admin") as client:
        answer = await client.post("/account/sessions/end", data={"id": ours[0].session_id})
        assert (answer.status_code, "Session not found" in answer.text) == (404, True)


async def test_passkeys_are_renamed_and_removed_by_whoever_has_them(web):
    """Those of another person are not there."""
    async with as_page(web) as client:
        await client.get(web.link())
        made = await added(client, web)
        key = {"id": made.id}
        async with web.acting_as("admin") as other:
            for act in ("rename", "remove"):
                answer = await other.post(f"/account/passkeys/{act}", data={**key, "name": "x"})
                assert answer.status_code == 404, act
        await client.post("/account/passkeys/rename", data={**key, "name": "Phone"})
        assert "Phone" in (await client.get("/account")).text
        await client.post("/account/passkeys/remove", data=key)
        assert "Phone" not in (await client.get("/account")).text


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("/account/name", {"x": ""}, 422),
        ("/account/name", {"name": " "}, 422),
        ("/account/passkeys/rename", {"id": "x", "name": "y" * 101}, 422),
        ("/account/passkeys/remove", {"x": ""}, 404),
        ("/account/sessions/end", {"x": ""}, 404),
    ],
)
async def test_what_is_wrong_is_said_on_the_page(web, path, data, status):
    """The page is shown again, with what has to be another."""
    async with web.acting_as("viewer") as client:
        answer = await client.post(path, data=data)

    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("body", [b"\xff=1", b"&".join([b"a=1"] * 60), b"{}"])
async def test_a_form_that_is_none_is_refused(web, body):
    """Bytes, too many fields, or something else altogether."""
    async with web.acting_as("viewer") as client:
        kind = "application/json" if body == b"{}" else "application/x-www-form-urlencoded"
        headers = {"Content-Type": kind}
        answer = await client.post("/account/name", content=body, headers=headers)

    assert answer.status_code in (415, 422)
