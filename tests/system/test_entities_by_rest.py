"""Entities by REST through a whole deployment: what is written is there, once, for all to see."""

import json
import re
import shlex
import signal
import sqlite3
import string
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from deployment import deployed, until
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

README = (Path(__file__).parents[2] / "README.md").read_text()
SECONDS = 30.0
ENTITIES = "/api/v1/organizations/default/entities"
WRITERS = 20


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with deployed(tmp_path_factory.mktemp("rest")) as running:
        yield running


@pytest.fixture(scope="module")
def client(running):
    scopes = "entities:read,entities:write,organizations:read"
    key = running.run("keys", "create", "--scopes", scopes).stdout.strip()
    headers = {"X-API-Key": key}
    with httpx.Client(base_url=running.web, headers=headers, timeout=SECONDS) as client:
        # The flow may still be beginning: what is written then is done a little later.
        first = client.post(ENTITIES, json={"entity_type": "waypoint", "entity_id": "first"})
        assert first.status_code in (201, 202)
        until(lambda: client.get(f"{ENTITIES}/first").status_code == 200, SECONDS, "the flow runs")
        yield client


def made(client, **body) -> tuple[str, httpx.Response]:
    """The path of a new entity, and how it was answered."""
    answer = client.post(ENTITIES, json={"entity_type": "aircraft_multirotor", **body})
    assert answer.status_code == 201, answer.text
    return f"{ENTITIES}/{answer.json()['entity_id']}", answer


def at_once(count, work) -> list:
    """What many give that all begin at the same moment."""
    barrier = threading.Barrier(count)

    def begin(number: int):
        barrier.wait(SECONDS)
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


def test_what_is_written_is_read_at_once(client):
    """As it was written, in the shape of v0.1.0, by itself and among all."""
    path, answer = made(
        client,
        name="Copter 1",
        status="inactive",
        priority="critical",
        position={"latitude": -47.25, "longitude": 8.5, "altitude": 0},
        heading=0,
        velocity=2.5,
        metadata={"serial": "Å-1", "n": [1, None]},
        video_config={"protocol": "rtsp", "port": 8554},
        tags=["red"],
        components={"camera": "ok"},
        expires_at="2100-01-01T00:00:00Z",
    )

    assert answer.headers["location"] == path
    entity = answer.json()
    assert {**entity, "entity_id": "", "created_at": "", "updated_at": "", "$schema": ""} == {
        "entity_id": "",
        "org_id": "default",
        "name": "Copter 1",
        "entity_type": "aircraft_multirotor",
        "status": "inactive",
        "priority": "critical",
        "is_live": False,
        "latitude": -47.25,
        "longitude": 8.5,
        "altitude": 0.0,
        "heading": 0.0,
        "velocity": 2.5,
        "metadata": entity["metadata"],
        "video_config": entity["video_config"],
        "tags": '["red"]',
        "components": '{"camera":"ok"}',
        "expires_at": "2100-01-01T00:00:00Z",
        "created_at": "",
        "updated_at": "",
        "$schema": "",
    }
    assert json.loads(entity["metadata"]) == {"serial": "Å-1", "n": [1, None]}
    assert json.loads(entity["video_config"]) == {"protocol": "rtsp", "port": 8554}
    one = client.get(path)
    assert (one.content, one.headers["etag"]) == (answer.content, answer.headers["etag"])
    listed = {each["entity_id"]: each for each in client.get(ENTITIES).json()}
    del entity["$schema"]
    assert listed[entity["entity_id"]] == entity


def test_what_is_written_is_in_the_state_of_the_entity(running, client):
    """For the map, and for programs that read the bucket."""
    path, answer = made(client, name="placed", position={"latitude": 1.5, "longitude": 2.5})
    entity_id = answer.json()["entity_id"]

    state = until(lambda: running.states().get(entity_id), SECONDS, "a state")
    assert (state["name"], state["position"]["global"]["latitude"]) == ("placed", 1.5)
    until(lambda: client.get(f"{path}/state").status_code == 200, SECONDS, "it is served")


def test_an_update_changes_what_it_says_and_nothing_else(client):
    """PUT as PATCH: a zero counts, null takes away, and the times tell of it."""
    path, before = made(
        client,
        name="x",
        metadata={"a": 1},
        position={"latitude": 1, "longitude": 2, "altitude": 3},
        tags=["t"],
    )
    place = {"latitude": 0, "longitude": 0, "altitude": 0}
    after = client.put(path, json={"position": place, "metadata": None, "status": "unknown"})

    assert after.status_code == 200
    expected = before.json() | {
        "latitude": 0.0, "longitude": 0.0, "altitude": 0.0, "status": "unknown",
        "updated_at": after.json()["updated_at"],
    }  # fmt: skip
    del expected["metadata"]
    assert after.json() == expected
    assert after.json()["updated_at"] > before.json()["updated_at"]
    assert client.patch(path, json={"entity_type": "waypoint"}).json()["entity_type"] == "waypoint"


def test_an_id_is_given_once(client):
    """To whoever comes first; and a deleted one may be given anew."""
    path, _ = made(client, entity_id="cam-7")
    again = client.post(ENTITIES, json={"entity_type": "waypoint", "entity_id": "cam-7"})

    assert (again.status_code, again.json()["detail"]) == (409, "Entity already exists")
    assert client.get(path).json()["entity_type"] == "aircraft_multirotor"
    assert client.delete(path).status_code == 200
    assert made(client, entity_id="cam-7")[1].status_code == 201


def test_what_is_deleted_is_gone(running, client):
    """From the registry and from the bucket, and there is nothing to delete a second time."""
    path, answer = made(client)
    entity_id = answer.json()["entity_id"]
    until(lambda: entity_id in running.states(), SECONDS, "a state")

    gone = client.delete(path, params={"reason": "worn out"})

    assert gone.status_code == 200
    assert gone.json()["message"] == "Entity deleted successfully"
    for again in (client.get(path), client.delete(path), client.put(path, json={"name": "x"})):
        assert (again.status_code, again.json()["detail"]) == (404, "Entity not found")
    assert entity_id not in running.registry()
    until(lambda: entity_id not in running.states(), SECONDS, "it is gone from the bucket")


def test_who_has_it_as_it_is_is_told_no_more(client):
    """By the ETag of whichever answer; and who has it as it was changes nothing."""
    path, answer = made(client, name="one")
    old = answer.headers["etag"]

    same = client.get(path, headers={"If-None-Match": old})
    assert (same.status_code, same.content) == (304, b"")
    changed = client.put(path, json={"name": "two"}, headers={"If-Match": old})
    assert (changed.status_code, changed.json()["name"]) == (200, "two")
    assert client.get(path, headers={"If-None-Match": old}).status_code == 200
    for refused in (
        client.put(path, json={"name": "three"}, headers={"If-Match": old}),
        client.delete(path, headers={"If-Match": old}),
        client.put(path, json={"name": "three"}, headers={"If-Match": "nonsense"}),
    ):
        assert refused.status_code == 412
    assert client.get(path).json()["name"] == "two"
    new = changed.headers["etag"]
    assert client.put(path, json={"tags": []}, headers={"If-Match": f"{old}, {new}"}).is_success
    assert client.delete(path, headers={"If-Match": "*"}).status_code == 200


def test_a_request_that_is_made_again_is_done_once(client):
    """By one key at the same moment, and later; another body by that key is refused."""
    body, key = {"entity_type": "waypoint", "name": "only one"}, {"Idempotency-Key": "again"}

    answers = at_once(5, lambda _: client.post(ENTITIES, json=body, headers=key))
    answers.append(client.post(ENTITIES, json=body, headers=key))

    assert {each.status_code for each in answers} == {201}
    assert len({each.content for each in answers}) == 1
    assert len({each.headers["etag"] for each in answers}) == 1
    names = [each["name"] for each in client.get(ENTITIES).json()]
    assert names.count("only one") == 1
    other = client.post(ENTITIES, json={**body, "name": "two"}, headers=key)
    assert other.status_code == 422


def test_a_request_that_was_cut_short_is_not_done_twice(running, client):
    """Where the answer was lost before it was remembered, it is the same by the same event."""
    body, key = {"entity_type": "waypoint", "name": "cut"}, {"Idempotency-Key": "cut short"}
    first = client.post(ENTITIES, json=body, headers=key)
    database = sqlite3.connect(running.data / "db" / "constellation.db", timeout=SECONDS)
    with closing(database), database:
        forgotten = database.execute("UPDATE retries SET status = NULL WHERE status = 201")
        assert forgotten.rowcount

    again = client.post(ENTITIES, json=body, headers=key)

    assert (again.status_code, again.content) == (201, first.content)
    assert "idempotent-replayed" not in again.headers


def test_many_are_made_and_changed_at_once(client):
    """Each answered as if it were alone; all are there."""
    items = [{"entity_type": "waypoint", "entity_id": f"wp-{n}"} for n in range(300)]
    items[7] = {"entity_type": "no such thing"}
    items[9] = items[8]

    results = client.post(f"{ENTITIES}/batch", json=items).json()

    expected = [201] * 300
    expected[7], expected[9] = 422, 409
    assert [each["status"] for each in results] == expected
    assert results[0]["entity"]["entity_id"] == "wp-0"
    revisions = {n: client.get(f"{ENTITIES}/wp-{n}").headers["etag"].strip('"') for n in (0, 1)}
    changes = [
        {"entity_id": "wp-0", "name": "zero", "if_match": int(revisions[0])},
        {"entity_id": "wp-1", "name": "one", "if_match": int(revisions[1]) - 1},
        {"entity_id": "none", "name": "none"},
        {"entity_id": "wp-2"},
    ]
    results = client.patch(f"{ENTITIES}/batch", json=changes).json()
    assert [each["status"] for each in results] == [200, 412, 404, 400]
    assert client.get(f"{ENTITIES}/wp-0").json()["name"] == "zero"


def test_of_those_who_change_different_fields_nobody_loses_anything(client):
    """However often each of them writes."""
    path, _ = made(client)
    fields = {
        "name": lambda n: f"n{n}",
        "status": lambda n: ("active", "inactive", "unknown")[n % 3],
        "priority": lambda n: ("low", "normal", "high", "critical")[n % 4],
        "heading": float,
        "velocity": lambda n: n / 2,
        "position": lambda n: {"latitude": n, "longitude": -n, "altitude": n},
        "metadata": lambda n: {"n": n},
        "video_config": lambda n: {"port": n},
        "tags": lambda n: [f"t{n}"],
        "components": lambda n: {"c": n},
        "expires_at": lambda n: f"21{n:02}-01-01T00:00:00Z",
    }
    names = list(fields)

    def write(number: int) -> set[int]:
        name = names[number]
        return {
            client.patch(path, json={name: fields[name](turn)}).status_code for turn in range(5)
        }

    assert at_once(len(names), write) == [{200}] * len(names)
    found = client.get(path).json()
    expected = {name: fields[name](4) for name in names}
    for name in ("metadata", "video_config", "tags", "components"):
        assert json.loads(found.pop(name)) == expected.pop(name)
    assert expected.pop("position") == {
        name: found[name] for name in ("latitude", "longitude", "altitude")
    }
    assert expected == {name: found[name] for name in expected}


def test_of_those_who_have_seen_the_same_one_wins(client):
    """Each revision is followed by one, and whoever lost has changed nothing."""
    path, answer = made(client, name="none")
    for _ in range(3):
        tag = client.get(path).headers["etag"]

        def write(number: int, tag: str = tag) -> tuple[int, str]:
            name = f"writer {number}"
            said = client.patch(path, json={"name": name}, headers={"If-Match": tag})
            return said.status_code, name

        said = at_once(WRITERS, write)
        assert sorted(status for status, _ in said) == [200] + [412] * (WRITERS - 1)
        assert client.get(path).json()["name"] == dict(said)[200]
    assert answer.status_code == 201


def test_relationships_that_many_put_at_once_are_all_there(client):
    """And can be taken away one by one, or all."""
    path, _ = made(client)
    targets = [made(client)[1].json()["entity_id"] for _ in range(6)]
    links = f"{path}/relationships"

    answers = at_once(6, lambda number: client.put(f"{links}/carries/{targets[number]}"))

    assert {each.status_code for each in answers} == {200}
    said = client.get(links)
    assert sorted(each["entity_id"] for each in said.json()) == sorted(targets)
    assert {each["type"] for each in said.json()} == {"carries"}
    assert client.put(f"{links}/carries/none").status_code == 404
    left = client.delete(f"{links}/carries/{targets[0]}")
    assert len(left.json()) == 5
    client.delete(f"{ENTITIES}/{targets[5]}")
    assert len(client.get(links).json()) == 4  # One of them leads nowhere.
    assert client.delete(f"{links}/carries/{targets[0]}").status_code == 404
    old = {"If-Match": said.headers["etag"]}
    assert client.put(links, json=[], headers=old).status_code == 412
    one = [{"type": "part_of", "entity_id": targets[1]}]
    assert client.put(links, json=one).json() == one
    assert client.delete(links).json() == client.get(links).json() == []


def test_what_has_an_end_is_gone_after_it(client):
    """By itself, as if somebody had deleted it."""
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3))
    path, _ = made(client, expires_at=soon)

    until(lambda: client.get(path).status_code == 404, SECONDS, "it has expired")


def test_while_the_flow_stands_still_writes_are_taken_and_done_later(running, client):
    """202, and where to look for it; nothing of it is lost."""
    (flow,) = [each for each in running.processes() if "flows.entities" in " ".join(each.cmdline())]
    path, _ = made(client, name="before")
    flow.send_signal(signal.SIGSTOP)
    try:
        new = client.post(ENTITIES, json={"entity_type": "waypoint", "name": "later"})
        changed = client.put(path, json={"name": "after"})
        assert (new.status_code, changed.status_code) == (202, 202)
        assert changed.headers["location"] == path
        assert client.get(path).json()["name"] == "before"
        # One that is on its way is no stranger.
        assert client.put(new.headers["location"], json={"priority": "high"}).status_code == 202
    finally:
        flow.send_signal(signal.SIGCONT)

    until(lambda: client.get(path).json()["name"] == "after", SECONDS, "it is done")
    where = new.headers["location"]
    until(lambda: client.get(where).json().get("priority") == "high", SECONDS, "that as well")
    assert client.get(where).json()["name"] == "later"


def test_the_interface_of_before_v0_1_0_writes_and_reads_the_same(client):
    """Query strings, and an envelope."""
    old = "/api/v1/entities?org_id=default"
    made = client.post(old, json={"name": "old", "entity_type": "drone", "description": "d"})
    assert (made.status_code, made.json()["success"]) == (201, True)
    entity_id = made.json()["data"]["entity_id"]
    one = f"{old}&entity_id={entity_id}"

    assert client.get(one).json() == {"success": True, "data": made.json()["data"]}
    assert entity_id in [each["entity_id"] for each in client.get(old).json()["data"]]
    assert client.put(one, json={"name": "new"}).json()["data"]["name"] == "new"
    assert client.get(f"{ENTITIES}/{entity_id}").json()["name"] == "new"
    assert client.delete(one).json()["success"]
    assert client.get(one).json()["error"]["code"] == "NOT_FOUND"


def test_the_readme_does_what_it_says(running):
    """Each command in turn, and the status that stands under it."""
    example = re.search(r"(?s)<!-- example:rest -->\n```sh\n(.*?)```", README)[1]
    made = re.search(r"KEY=\$\(overwatch (.*)\)", example)[1]
    entities = re.search(r"ENTITIES=(.*)", example)[1]
    named = {"BASE_URL": running.web, "KEY": running.run(*shlex.split(made)).stdout.strip()}
    named["ENTITIES"] = string.Template(entities).substitute(named)

    commands = re.findall(r"(?m)^curl ((?:.*\\\n)*.*)\n# (\d+)", example)
    assert [status for _, status in commands] == ["201", "200", "207", "200", "200"]
    for command, status in commands:
        words = shlex.split(string.Template(command).substitute(named))
        options = dict.fromkeys(("-X", "-H", "--data"), ())
        options = {
            name: [words[at + 1] for at, word in enumerate(words) if word == name]
            for name in options
        }
        (url,) = (word for word in words if word.startswith("http"))
        headers = dict(each.split(": ", 1) for each in options["-H"])
        answer = httpx.request(
            options["-X"][0], url, headers=headers, content="".join(options["--data"])
        )
        assert answer.status_code == int(status), answer.text


texts = st.text(max_size=20) | st.sampled_from(["", "waypoint", "active", "normal", "2100-01-01"])
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
NAMES = (
    "entity_type", "entity_id", "name", "status", "priority", "position", "heading", "velocity",
    "metadata", "video_config", "tags", "components", "relationships", "expires_at", "is_live",
    "if_match", "reason",
)  # fmt: skip
bodies = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(NAMES, json_values)
) | st.fixed_dictionaries(
    {"entity_type": st.just("waypoint")},
    optional={
        "name": texts,
        "metadata": st.dictionaries(texts, json_values, max_size=3),
        "components": st.dictionaries(texts, json_values, max_size=3),
        "position": st.fixed_dictionaries({"latitude": numbers, "longitude": numbers}),
        "tags": st.lists(texts, max_size=3),
    },
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(bodies | st.lists(bodies, max_size=3) | json_values, st.binary(max_size=40))
def test_no_body_is_a_fault_of_ours(client, value, raw):
    """Whatever is sent to whichever path: it is done, or refused for a reason."""
    headers = {"Content-Type": "application/json"}
    for method, path in (
        ("POST", ENTITIES),
        ("PATCH", f"{ENTITIES}/first"),
        ("POST", f"{ENTITIES}/batch"),
        ("PATCH", f"{ENTITIES}/batch"),
        ("PUT", f"{ENTITIES}/first/relationships"),
        ("POST", "/api/v1/entities?org_id=default"),
    ):
        for content in (json.dumps(value).encode(), raw):
            answer = client.request(method, path, content=content, headers=headers)
            assert answer.status_code < 500, (method, path, content, answer.text)
