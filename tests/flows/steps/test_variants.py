"""Whatever edge programs and devices write becomes the same signals, worked out by hand."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from messages import NOON, SECOND, stored

from connectors.jetstream import Message
from flows.ontology.entities import ENTITY_TYPES, EntityState, Reported
from flows.ontology.rate import Patience
from flows.ontology.telemetry import Report, moment
from flows.ontology.wire import Rejected
from flows.steps.document import recall
from flows.steps.reduce import Stored, reduce
from flows.steps.translate import extra
from flows.steps.understand import understand

TOLD = {
    *("entity_id", "org_id", "message_type", "entity_type", "system_id", "name"),
    *("at", "device_at", "extra"),
}
GOLDEN = Path(__file__).parents[2] / "golden" / "variants"
README = Path(__file__).parents[3] / "README.md"
EXAMPLES = (
    README.read_text()
    .partition("<!-- example:telemetry -->")[2]
    .partition("<!-- /example:telemetry -->")[0]
    .splitlines()
)
ALL = [
    pytest.param(each, id=f"{file.stem}: {each['about']}")
    for file in sorted(GOLDEN.glob("*.json"))
    for each in json.loads(file.read_bytes())
]


def message(variant: dict[str, Any]) -> Message:
    body = variant["text"].encode() if "text" in variant else variant["body"]
    return stored(body, variant["subject"], variant.get("headers"))


@pytest.mark.parametrize("variant", ALL)
def test_every_variant_says_what_it_was_worked_out_to_say(variant: dict[str, Any]) -> None:
    """Whose it is, when it was, and each signal; what is refused, by its name."""
    said = understand([message(variant)], "default", 2 * SECOND)
    refused = [each.reason for each in said if isinstance(each, Rejected)]
    reports = [each for each in said if isinstance(each, Report)]

    assert len(refused) == ("refused" in variant)
    assert all(each.startswith(variant["refused"]) for each in refused)
    assert len(reports) == ("values" in variant)
    for report in reports:
        assert_says(report, variant)


def assert_says(report: Report, variant: dict[str, Any]) -> None:
    """All of its signals, but for branches of which only these matter; what else is told."""
    others = tuple(variant.get("and", "-").split())
    expected = variant["values"]
    found = {
        path: value
        for path, value in report.values.items()
        if path in expected or not path.startswith(others)
    }
    assert found == {path: pytest.approx(value) for path, value in expected.items()}
    assert flags(found) == flags(expected)

    told = {name: getattr(report, name) for name in report.__struct_fields__} | {
        "name": report.entity_name,
        "at": moment(report.at_us),
        "device_at": report.device_us and moment(report.device_us),
        "extra": extra(report),
    }
    for name in TOLD & variant.keys():
        text = variant[name]
        assert told[name] == (
            datetime.fromisoformat(text) if text and name.endswith("at") else text
        )


@pytest.mark.parametrize("variant", [each for each in ALL if each.values[0].get("values")])
def test_one_canonical_document_comes_of_every_variant(variant: dict[str, Any]) -> None:
    """Each signal stands at its path, identity is ours to say, and it can be read back."""
    said = understand([message(variant)], "default", 2 * SECOND)
    report = next(each for each in said if isinstance(each, Report))
    patience = Patience(5 * SECOND, 30 * SECOND)
    outcomes = reduce(EntityState(report.entity_id), [Reported([report])], NOON, patience)
    (put,) = [each for each in outcomes if isinstance(each, Stored)]
    document = json.loads(put.document)

    assert (document["entity_id"], document["org_id"]) == (variant["entity_id"], variant["org_id"])
    assert document["entity_type"] in ENTITY_TYPES
    assert (document["is_live"], document["liveness"]["state"]) == (True, "live")
    for path, value in variant["values"].items():
        found = document
        for part in path.split("."):
            found = found[part]
        assert found == pytest.approx(value)
    known = recall(report.entity_id, put.document)
    assert known is not None
    assert report.values == {
        f"{path}.{leaf}": value
        for path, branch in known.branches.items()
        for leaf, value in branch.values.items()
    }


@pytest.mark.parametrize(
    "row", [each for each in EXAMPLES if each.startswith("| `")], ids=lambda row: row[:60]
)
def test_the_examples_of_the_readme_say_what_stands_beside_them(row: str) -> None:
    """Whoever copies one gets those signals and no complaint."""
    subject, body, values = (cell.strip(" `") for cell in row.strip("|").split("|"))
    (report,) = understand(
        [stored(body.encode(), f"constellation.telemetry.{subject}")], "default", 2 * SECOND
    )

    assert isinstance(report, Report)
    assert (report.org_id, report.values) == (
        "default",
        {path: pytest.approx(value) for path, value in json.loads(values).items()},
    )


def flags(values: dict[str, Any]) -> set[str]:
    return {path for path, value in values.items() if isinstance(value, bool)}
