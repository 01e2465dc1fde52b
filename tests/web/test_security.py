"""Headers, hosts and bodies."""

import pytest
from serving import served, settings_for

from web import api
from web.security import MOST_BODY_BYTES, BodyLimit

pytestmark = pytest.mark.anyio

EVERYWHERE = (
    "content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy",
    "permissions-policy", "cross-origin-opener-policy", "cross-origin-resource-policy",
    "cache-control",
)  # fmt: skip


async def test_every_answer_has_the_headers(web, monkeypatch):
    """Pages, problems, redirects, files, refusals and faults alike."""
    paths = ("/", "/map", "/sign-in", "/health", "/metrics", "/nothing", "/api/x", "/static/none")
    async with web.client() as client:
        answers = [await client.get(path) for path in paths]
        answers.append(await client.get("/map", headers={"Host": "evil.example"}))
        answers.append(await client.post("/map", content=b"x" * (MOST_BODY_BYTES + 1)))
    async with web.signed_in() as client:
        answers += [await client.get(path) for path in paths]
        async with client.stream("GET", "/live/fleet") as answer:
            answers.append(answer)
        web.site.tables.close()
        answers.append(await client.get("/api/v1/organizations/north/entities"))

    assert answers[-1].status_code == 500
    for answer in answers:
        missing = [name for name in EVERYWHERE if name not in answer.headers]
        assert missing == [], f"{answer.request.url} {answer.status_code}"
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self' 'unsafe-eval';" in policy
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy


async def test_a_fault_is_told_without_its_trace(web, monkeypatch):
    """What went wrong is for the log."""

    def fail(*_arguments):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(api.listing, "entities", fail)
    async with web.signed_in() as client:
        answer = await client.get("/api/v1/organizations/north/entities")

    assert (answer.status_code, answer.json()["detail"]) == (500, "An internal error occurred")
    assert "secret" not in answer.text


async def test_pages_have_no_inline_script(web):
    """Everything that runs comes from a file of ours."""
    async with web.signed_in() as client:
        page = (await client.get("/map")).text

    assert page.count("<script") == page.count('<script type="module" src="/static/')
    assert "no-store" in (await _headers(web, "/map"))["cache-control"]


async def _headers(web, path):
    async with web.signed_in() as client:
        return (await client.get(path)).headers


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8080", 200),
        ("localhost", 200),
        ("[::1]:9", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("10.1.2.3", 421),
        ("", 421),
        ("[bad", 421),
    ],
)
async def test_only_our_own_names_are_answered(web, host, status):
    """A foreign name that points at us gets nothing."""
    async with web.client() as client:
        answer = await client.get("/sign-in", headers={"Host": host})
        assert answer.status_code == (401 if status == 200 else status)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("10.1.2.3:8080", 401),
        ("[fe80::1]", 401),
        ("overwatch.example", 401),
        ("other.example", 421),
    ],
)
async def test_where_we_listen_everywhere_any_address_is_ours(tmp_path, nats_server, host, status):
    """And the name that the base URL has, but no other."""
    more = {"HOST": "::", "OVERWATCH_BASE_URL": "http://overwatch.example:8080"}
    async with (
        served(settings_for(tmp_path, nats_server.url, **more)) as web,
        web.client() as client,
    ):
        assert status == (await client.get("/sign-in", headers={"Host": host})).status_code


@pytest.mark.parametrize("says", [True, False])
async def test_a_body_that_is_too_large_is_refused(says):
    """Whether it says how large it is or only turns out to be."""
    sent, size = [], MOST_BODY_BYTES + 1

    async def reads_all(_scope, receive, _send):
        while (await receive())["more_body"]:
            pass

    async def receive():
        return {"type": "http.request", "body": b"x" * 100_000, "more_body": True}

    async def send(message):
        sent.append(message)

    headers = [(b"content-length", str(size).encode())] if says else []
    await BodyLimit(reads_all)({"type": "http", "headers": headers}, receive, send)

    assert sent[0]["status"] == 413


async def test_a_length_that_is_no_number_is_refused():
    """It is not guessed at."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "headers": [(b"content-length", b"-1")]}
    await BodyLimit(None)(scope, None, send)

    assert sent[0]["status"] == 413
