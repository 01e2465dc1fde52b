"""What the OpenAPI document promises, tried on a whole deployment by made-up requests."""

import httpx
import pytest
import schemathesis
from deployment import deployed, until
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from web.interface import OPERATIONS, document

EXAMPLES = 10
SECONDS = 30.0
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# These answer for as long as somebody listens.
ENDLESS = {
    each.operation_id for each in OPERATIONS if "changes" in each.path or 101 in each.answers
}
SCHEMA = schemathesis.openapi.from_dict(document())
TRIED = {
    each.ok().definition.raw["operationId"]: each.ok()
    for each in SCHEMA.get_all_operations()
    if each.ok().definition.raw["operationId"] not in ENDLESS
}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with deployed(tmp_path_factory.mktemp("openapi")) as running:
        yield running


@pytest.fixture(scope="module")
def client(running):
    """The key of an admin, who may ask for everything, and an entity to ask for."""
    key = running.run("keys", "create", "--scopes", "admin").stdout.strip()
    headers = {"X-API-Key": key}
    with httpx.Client(base_url=running.web, headers=headers, timeout=SECONDS) as client:
        entities = "/api/v1/organizations/default/entities"
        entity = {"entity_type": "waypoint", "entity_id": "known"}
        assert client.post(entities, json=entity).status_code in (201, 202)
        until(lambda: client.get(f"{entities}/known").status_code == 200, SECONDS, "it is there")
        yield client


def cases(operation):
    """Requests as they are to be, and others, where there is anything to get wrong."""
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if not operation.query and not operation.body:
        return good
    return st.one_of(good, operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))


@pytest.mark.parametrize("name", TRIED)
def test_what_is_promised_is_kept(client, name):
    """No fault of the server, and no answer that the document does not know."""
    operation = TRIED[name]

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=cases(operation), known=st.sampled_from(["known", "unknown", ""]))
    def check(case, known):
        parameters = case.path_parameters or {}
        if "org_id" in parameters and operation.path.count("/") > 3:
            parameters["org_id"] = "default"
        if "entity_id" in parameters and known:
            parameters["entity_id"] = known
        answer = case.call(base_url=str(client.base_url) + "/api", headers=dict(client.headers))
        case.validate_response(answer, checks=CHECKS)

    check()
