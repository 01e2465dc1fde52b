"""An organisation goes with all that it has, through a whole deployment."""

import signal

import httpx
import pytest
from deployment import deployed, until

from connectors.session import NatsUnreachable, Server, session
from connectors.sqlite import read_rows
from flows.ontology.credentials import own_name

SECONDS = 30.0
PATH = "/api/v1/organizations"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with deployed(tmp_path_factory.mktemp("going")) as running:
        yield running


@pytest.fixture(scope="module")
def admin(running):
    key = running.run("keys", "create", "--scopes", "admin").stdout.strip()
    headers = {"X-API-Key": key}
    with httpx.Client(base_url=running.web, headers=headers, timeout=SECONDS) as client:
        yield client


def organization(admin, *names):
    """A new organisation with a key of NATS and these entities."""
    made = admin.post(PATH, json={"name": "South", "org_type": "ngo"}).json()
    keys = admin.post(f"{PATH}/{made['org_id']}/keys", json={"scopes": ["admin", "nats:all"]})
    for name in names:
        register(admin, made["org_id"], name)
    return made["org_id"], keys.json()


def register(admin, org_id, name):
    path = f"{PATH}/{org_id}/entities"
    body = {"entity_type": "waypoint", "entity_id": name, "name": name}
    assert admin.post(path, json=body).status_code in (201, 202)
    until(lambda: admin.get(f"{path}/{name}").status_code == 200, SECONDS, name)


def tables_of(running, org_id):
    """The tables that have anything of an organisation, but for the log of who did what."""
    database = running.data / "db" / "constellation.db"
    columns = read_rows(
        database,
        "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
        " WHERE m.type = 'table' AND c.name = 'org_id'",
    )
    counted = {
        row["name"]: read_rows(
            database, f"SELECT count(*) AS n FROM {row['name']} WHERE org_id = '{org_id}'"
        )[0]["n"]
        for row in columns
    }
    return {name for name, count in counted.items() if count} - {"audit"}


def let_in(running, key):
    """Whether the message server lets a key's credential in."""
    file = running.folder / "seed"
    file.write_text(key["nats_seed"])
    file.chmod(0o600)
    server = Server(running.server().url, own_name(key["nats_pub_key"]), str(file))
    try:
        with session(server):
            return True
    except NatsUnreachable:
        return False


def test_nothing_is_left_of_it_anywhere(running, admin):
    """Neither rows nor documents, and neither key nor credential lets in; a neighbour stays."""
    stays, neighbour = organization(admin, "tern")
    org_id, key = organization(admin, "gull-1", "gull-2")
    until(lambda: let_in(running, key), SECONDS, "the credential is good")
    assert {"gull-1", "gull-2", "tern"} <= running.states().keys()
    before = tables_of(running, stays)

    answer = admin.delete(f"{PATH}/{org_id}")

    assert (answer.status_code, answer.json()["message"]) == (
        200,
        "Organization deleted successfully",
    )
    assert tables_of(running, org_id) == set()
    assert not let_in(running, key)
    headers = {"X-API-Key": key["api_key"]}
    assert httpx.get(f"{running.web}{PATH}", headers=headers).status_code == 401
    assert running.states().keys().isdisjoint({"gull-1", "gull-2"})
    assert (before, True) == (tables_of(running, stays), let_in(running, neighbour))
    assert "tern" in running.states()


def test_it_goes_on_going_when_the_flow_comes_back(running, admin):
    """Until then its doors are closed, and what it had is still there to be forgotten."""
    org_id, key = organization(admin, "owl")
    [flow] = [
        each for each in running.processes() if each.environ().get("OVERWATCH_PART") == "entities"
    ]
    flow.send_signal(signal.SIGSTOP)
    try:
        answer = admin.delete(f"{PATH}/{org_id}")
        assert answer.status_code == 202
        assert admin.get(f"{PATH}/{org_id}").status_code == 404
        headers = {"X-API-Key": key["api_key"]}
        assert httpx.get(f"{running.web}{PATH}", headers=headers).status_code == 401
        assert "entities" in tables_of(running, org_id)
    finally:
        flow.send_signal(signal.SIGCONT)

    until(lambda: tables_of(running, org_id) == set(), SECONDS, "nothing is left")
    assert "owl" not in running.states()
