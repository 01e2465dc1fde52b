"""Admins see to the people of their organisation, and to invites, by pages and by REST."""

import re
from contextlib import asynccontextmanager

import pytest

from web import sessions
from web.invites import LIFE_SECONDS

pytestmark = pytest.mark.anyio

PATH = "/admin/people"
USERS = "/api/v1/organizations/north/users"
INVITES = "/api/v1/organizations/north/invites"


def link_in(page):
    return re.search(r"http://localhost:\d+(/invite\?token=[\w-]+)", page.text)[1]


async def invited(client, role="operator", email="ana@example.org"):
    """The path of a new invite."""
    answer = await client.post(PATH, data={"act": "invite", "email": email, "role": role})
    assert answer.status_code == 200
    return link_in(answer)


@asynccontextmanager
async def accepted(web, path, name="Ana"):
    """A client of somebody who has accepted an invite, and what they were answered."""
    token = path.partition("token=")[2]
    async with web.client(**{"Sec-Fetch-Site": "same-origin"}) as client:
        yield client, await client.post("/invite", data={"token": token, "name": name})


async def test_an_invite_lets_in_once(web):
    """With the role that it is for; looking at it does not use it up, and it is shown once."""
    async with web.acting_as("admin") as admin:
        path = await invited(admin)
        assert "token=" not in (await admin.get(PATH)).text
    async with web.client() as stranger:
        page = await stranger.get(path)
        assert (page.status_code, "operator" in page.text) == (200, True)
    async with accepted(web, path) as (ana, answer):
        assert (answer.status_code, answer.headers["location"]) == (303, "/map")
        assert (await ana.get("/map")).status_code == 200
        assert "ana@example.org" in (await ana.get("/account")).text
    async with accepted(web, path) as (late, answer):
        assert answer.status_code == 401
        assert (await late.get("/map")).status_code == 303
    person = web.site.people.by_email("north", "ana@example.org")
    assert (person.name, person.role) == ("Ana", "operator")
    assert person.last_login_at is not None


async def test_useless_invites_are_told_the_same(web, wound):
    """Used, revoked, taken back by a newer one, expired or made up: nobody learns which."""
    async with web.acting_as("admin") as admin:
        used = await invited(admin, email="used@example.org")
        async with accepted(web, used):
            pass
        replaced = await invited(admin, email="twice@example.org")
        await invited(admin, email="twice@example.org")
        revoked = await invited(admin, email="gone@example.org")
        invite = next(e for e in web.site.invites.all("north") if e.email == "gone@example.org")
        answer = await admin.post(PATH, data={"act": "revoke", "id": invite.invite_id})
        assert answer.status_code == 303
        again = await admin.post(PATH, data={"act": "revoke", "id": invite.invite_id})
        assert again.status_code == 409
        expired = await invited(admin, email="late@example.org")
    wound.ahead = LIFE_SECONDS + 1
    async with web.client() as stranger:
        pages = [
            await stranger.get(path)
            for path in (used, replaced, revoked, expired, "/invite?token=made-up", "/invite")
        ]

    assert {page.status_code for page in pages} == {401}
    assert len({page.text for page in pages}) == 1


async def test_an_invite_for_somebody_who_is_there_lets_them_in_again(web):
    """With the role that they have, to add a passkey: it is no dead end."""
    async with web.acting_as("admin") as admin:
        async with accepted(web, await invited(admin, "viewer")):
            pass
        path = await invited(admin, "admin")
        async with accepted(web, path) as (ana, answer):
            assert answer.status_code == 303
            assert (await ana.get("/account")).status_code == 200
            assert (await ana.get(PATH)).status_code == 403
        known = web.site.people.by_email("north", "ana@example.org")
        assert known.role == "viewer"

        await admin.post(PATH, data={"act": "disable", "id": known.user_id})
        refused = await admin.post(
            PATH, data={"act": "invite", "email": "ana@example.org", "role": "viewer"}
        )
        assert (refused.status_code, "has been disabled" in refused.text) == (409, True)


async def test_whoever_may_invite_no_more_has_invited_nobody(web):
    """What an admin has sent out is worth nothing once they are none."""
    async with web.acting_as("admin") as admin, web.acting_as("admin") as other:
        path = await invited(other)
        inviter = web.site.invites.all("north")[0].created_by
        await admin.post(PATH, data={"act": "role", "id": inviter, "role": "viewer"})
        assert (await other.get(PATH)).status_code == 403
    async with accepted(web, path) as (_, answer):
        assert answer.status_code == 401


@pytest.mark.parametrize(
    ("act", "data", "status"),
    [
        ("disable", {}, 303),
        ("delete", {}, 303),
        ("sign-out", {}, 303),
        ("role", {"role": "viewer"}, 200),
    ],
)
async def test_what_an_admin_does_holds_at_once(web, act, data, status):
    """The session that was let in a moment ago is judged anew."""
    async with web.acting_as("admin") as admin, web.acting_as("commander") as other:
        assert (await other.get("/map")).status_code == 200
        bob = next(e for e in web.site.people.all("north") if e.role == "commander")
        answer = await admin.post(PATH, data={"act": act, "id": bob.user_id, **data})
        assert (answer.status_code, answer.headers["location"]) == (303, PATH)
        assert (await other.get("/map")).status_code == status


async def test_one_session_of_somebody_is_ended(web):
    """And none of their others; by page and by REST."""
    person = web.site.people.add("north", email="", name="Bob", role="viewer")
    tokens = [
        await web.site.sessions.create(person, user_agent="Firefox/1 (Windows)", address="10.1.1.1")
        for _ in range(3)
    ]
    theirs = [each.session_id for each in web.site.sessions.of(person.user_id)]
    async with web.acting_as("admin") as admin:
        page = (await admin.get(PATH)).text
        assert all(text in page for text in ("Sessions: 3", "Firefox on Windows", "10.1.1.1"))
        data = {"act": "end", "id": person.user_id, "session": theirs[0]}
        assert (await admin.post(PATH, data=data)).status_code == 303
        ended = await admin.delete(f"{USERS}/{person.user_id}/sessions/{theirs[1]}")
        assert ended.status_code == 200
    found = [await web.site.sessions.find(token) is not None for token in tokens]
    assert found == [True, False, False]


async def test_a_live_stream_of_somebody_who_is_disabled_ends(web):
    """Within a beat of the server's; nothing more is shown to them."""
    async with web.acting_as("admin") as admin, web.acting_as("viewer") as other:
        bob = next(e for e in web.site.people.all("north") if e.role == "viewer")
        async with other.stream("GET", "/live/fleet") as stream:
            lines = stream.aiter_lines()
            await anext(lines)
            await admin.post(PATH, data={"act": "disable", "id": bob.user_id})
            async for _ in lines:
                pass
        assert (await other.get("/live/fleet")).status_code == 401


@pytest.mark.parametrize("act", ["disable", "delete", "role"])
async def test_the_last_admin_is_told_that_they_are(web, act):
    """On the page, and by REST."""
    async with web.acting_as("admin") as admin:
        (me,) = web.site.people.all("north")
        data = {"act": act, "id": me.user_id, "role": "viewer"}
        page = await admin.post(PATH, data=data)
        assert (page.status_code, "last admin" in page.text) == (409, True)
        if act == "delete":
            answer = await admin.delete(f"{USERS}/{me.user_id}")
        else:
            said = {"role": "viewer"} if act == "role" else {"disabled": True}
            answer = await admin.patch(f"{USERS}/{me.user_id}", json=said)
        assert (answer.status_code, "last admin" in answer.json()["detail"]) == (409, True)


async def test_people_and_invites_by_rest(web):
    """Made, listed, changed, revoked and deleted, with the key of a program."""
    key = web.key("north", "admin")
    web.site.people.first_admin("north")
    async with web.client(**{"X-API-Key": key}) as client:
        said = {"email": "Ana@Example.org", "role": "viewer"}
        made = (await client.post(INVITES, json=said)).json()
        assert (made["email"], made["state"]) == ("ana@example.org", "open")
        path = made.pop("link").partition("localhost:")[2].partition("/")[2]
        assert (await client.get(INVITES)).json() == [made]
        async with accepted(web, f"/{path}") as (ana, _):
            users = (await client.get(USERS)).json()
            (one,) = [each for each in users if each["email"] == "ana@example.org"]
            where = f"{USERS}/{one['user_id']}"
            assert (await client.get(where)).json() == one
            (session,) = (await client.get(f"{where}/sessions")).json()
            assert session["address"] == "127.0.0.1"
            assert (await client.delete(f"{where}/sessions/made-up")).status_code == 404
            assert (await client.delete(f"{where}/sessions")).status_code == 200
            assert (await ana.get("/map")).status_code == 303
        said = {"role": "operator", "disabled": True, "name": "Anna"}
        changed = (await client.patch(where, json=said)).json()
        assert {**one, **said} == changed
        assert (await client.delete(where)).status_code == 200
        assert (await client.get(where)).status_code == 404
        (kept,) = (await client.get(INVITES)).json()
        assert kept["state"] == "accepted"
        assert (await client.delete(f"{INVITES}/{kept['invite_id']}")).status_code == 409
        assert (await client.delete(f"{INVITES}/made-up")).status_code == 404
    actions = [row["action"] for row in web.site.tables.read("SELECT action FROM audit")]
    assert [each for each in actions if each.startswith(("person", "invite"))] == [
        "invite.create", "person.sign_in", "invite.accept", "person.sign_out_all",
        "person.change_role", "person.disable", "person.rename", "person.delete",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"email": "ana@example.org", "role": "king"}, 422),
        ({"email": "no address", "role": "viewer"}, 422),
        ({"email": "ana@example.org"}, 422),
        ({"email": "ana@example.org", "role": "viewer", "organization": "south"}, 422),
    ],
)
async def test_an_invite_that_is_wrong_is_refused(web, said, status):
    """By page and by REST alike."""
    async with web.acting_as("admin") as admin:
        assert (await admin.post(INVITES, json=said)).status_code == status
        if "organization" not in said:
            assert (await admin.post(PATH, data={"act": "invite", **said})).status_code == status
    assert web.site.invites.all("north") == []


async def test_so_many_invites_are_made_at_one_address(web):
    """By page and by REST together."""
    async with web.acting_as("admin") as admin:
        for number in range(30):
            said = {"email": f"{number}@example.org", "role": "viewer"}
            assert (await admin.post(INVITES, json=said)).status_code == 201
        answer = await admin.post(PATH, data={"act": "invite", **said})

    assert (answer.status_code, "Too many invites" in answer.text) == (429, True)


async def test_people_of_another_organisation_are_not_there(web):
    """Not for its admin, by page or by REST, whether they exist or not."""
    web.site.tables.add_organization("south", 1)
    theirs = web.site.people.add("north", email="", name="North", role="viewer")
    async with web.acting_as("admin") as north:
        path = await invited(north)
    invite = web.site.invites.all("north")[0]
    async with web.acting_as("admin", "south") as south:
        assert "North" not in (await south.get(PATH)).text
        assert (await south.get(f"{PATH}/north")).status_code == 404
        for act in ("role", "disable", "enable", "delete", "sign-out"):
            data = {"act": act, "id": theirs.user_id, "role": "viewer"}
            assert (await south.post(PATH, data=data)).status_code == 404, act
        revoked = await south.post(PATH, data={"act": "revoke", "id": invite.invite_id})
        assert revoked.status_code == 404
        for organization in ("north", "nowhere"):
            for what in ("users", "invites", f"users/{theirs.user_id}"):
                answer = await south.get(f"/api/v1/organizations/{organization}/{what}")
                assert answer.status_code == 404
                assert answer.json()["detail"] == "Organization not found"
        mixed = f"/api/v1/organizations/south/users/{theirs.user_id}"
        assert (await south.get(mixed)).json()["detail"] == "Person not found"
    async with web.client() as stranger:
        assert (await stranger.get(path)).status_code == 200


async def test_an_admin_of_the_first_organisation_lets_people_into_others(web):
    """There is nobody in a new one who could."""
    web.site.tables.add_organization("south", 1)
    async with web.acting_as("admin") as admin:
        data = {"act": "invite", "email": "ana@example.org", "role": "admin"}
        path = link_in(await admin.post(f"{PATH}/south", data=data))
    async with accepted(web, path) as (ana, _):
        page = await ana.get(PATH)
        assert ("People of south" in page.text, "ana@example.org" in page.text) == (True, True)
        assert (await ana.get(f"{PATH}/north")).status_code == 404


async def test_sessions_from_before_people_are_over(web):
    """They are of nobody: whoever had one signs in anew."""
    now = int(web.site.clock.wall())
    web.site.tables.write(
        "INSERT INTO sessions (token_hash, org_id, created_at, last_used_at) VALUES (?, ?, ?, ?)",
        (sessions.token_hash("old"), "north", now, now),
    )
    async with web.client(Cookie="overwatch_session=old") as client:
        assert (await client.get("/map")).status_code == 303
