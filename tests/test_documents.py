"""What is written about the project is what the project is."""

import re

import pytest
from documents import GOLDEN, README, drawings, illustrated, sections

from flows.ontology import subjects
from flows.parts import FLOWS, TRAFFIC

TEXT = README.read_text()


@pytest.mark.parametrize("name", [*FLOWS, TRAFFIC])
def test_a_graph_is_the_reviewed_one(name):
    """A changed topology is seen in review: ``make golden`` redraws it."""
    assert drawings()[name] == (GOLDEN / f"{name}.mmd").read_text()


@pytest.mark.parametrize("name", sections())
def test_the_readme_has_every_part_that_is_made_from_the_code(name):
    """Between its marks, once."""
    assert TEXT.count(f"<!-- {name} -->") == TEXT.count(f"<!-- /{name} -->") == 1


def test_the_readme_says_what_the_code_says():
    """Settings, commands, streams, tables, metrics and graphs: `make golden` writes them."""
    assert illustrated(TEXT) == TEXT


@pytest.mark.parametrize(
    "subject",
    [
        subjects.telemetry("{org}", "{entity}"),
        subjects.event("liveness", "{org}", "{entity}"),
        subjects.event("loss", "{org}", "{flow}"),
        subjects.command("{org}", "{entity}", subjects.DELIVER),
        subjects.command("{org}", "{entity}", subjects.STATUS),
        subjects.rejected("{flow}"),
        subjects.state("{entity}"),
    ],
)
def test_the_readme_names_every_subject_that_we_write(subject):
    """In the form in which it is written."""
    assert f"`{subject}`" in TEXT


def test_the_readme_leads_to_files_that_exist():
    """Links and pictures within the project."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXT):
        assert (README.parent / target).exists(), target
