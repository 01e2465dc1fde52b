"""Identities are made of what is known, and never change."""

from uuid import UUID, uuid5

import pytest

from flows.ontology.identity import transponder_entity, transponder_number, within

ROOT = UUID("6f1d5a0e-6f35-5c1b-9c39-6a4ed7c1b0c4")


@pytest.mark.parametrize(
    ("kind", "number", "written"),
    [
        ("icao", 0x406B90, "icao:406b90"),
        ("icao", 0xA1, "icao:0000a1"),
        ("mmsi", 9, "mmsi:000000009"),
    ],
)
def test_a_transponder_is_named_by_its_organisation_and_its_number(kind, number, written):
    """The names stand in registries and lakes: they may never be made in another way."""
    live = uuid5(uuid5(ROOT, "north"), "")

    assert transponder_entity("north", kind, number) == str(uuid5(live, written))
    assert transponder_number(kind, number) == written.partition(":")[2]


def test_what_was_recorded_or_is_another_organisations_is_another_entity():
    """A recording does not move what flies today."""
    made = {
        transponder_entity(organization, kind, 7, recording)
        for organization in ("north", "south")
        for kind in ("icao", "mmsi")
        for recording in ("", "log:a.tlog")
    }

    assert len(made) == 8
    assert within("north") != within("north", "log:a.tlog")
