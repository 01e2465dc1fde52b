"""Where things are said, and what their subjects tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.ontology import subjects
from flows.ontology.subjects import Address, folded, is_token, telemetry_address

KNOWN = frozenset(("heartbeat", "globalpositionint", "vfrhud", "systemstatus"))


@pytest.mark.parametrize(
    ("tokens", "address"),
    [
        ("uav", Address("uav")),
        ("drone", Address("drone")),
        ("org.uav", Address("uav", "org")),
        ("uav.heartbeat", Address("uav", "", "heartbeat")),
        ("uav.vfr_hud", Address("uav", "", "vfr_hud")),
        ("uav.GlobalPositionInt", Address("uav", "", "GlobalPositionInt")),
        ("org.uav.SystemStatus", Address("uav", "org", "SystemStatus")),
        ("air.org.uav", Address("uav", "org")),
        ("air.org.uav.heartbeat", Address()),
        ("", Address()),
    ],
)
def test_every_shape_of_a_telemetry_subject_is_read(tokens: str, address: Address) -> None:
    """All that edge programs use, and an empty address for any other."""
    assert telemetry_address(f"constellation.telemetry.{tokens}", KNOWN) == address


@pytest.mark.parametrize(
    ("tokens", "named", "address"),
    [
        ("uav.paramvalue", "uav", Address("uav", "", "paramvalue")),
        ("org.uav.paramvalue", "uav", Address("uav", "org", "paramvalue")),
        ("org.uav", "uav", Address("uav", "org")),
        ("uav.uav", "uav", Address("uav", "uav")),
        ("air.org.uav", "uav", Address("uav", "org")),
        ("org.uav", "other", Address("uav", "org")),
        ("org", "uav", Address("org")),
    ],
)
def test_a_body_that_names_the_entity_tells_its_place(
    tokens: str, named: str, address: Address
) -> None:
    """So that the name of a message that we do not know is taken for no entity."""
    assert telemetry_address(f"constellation.telemetry.{tokens}", KNOWN, named) == address


@pytest.mark.parametrize(
    ("tokens", "named", "said", "address"),
    [
        ("org.heartbeat", "", "", Address("heartbeat", "org")),
        ("org.heartbeat", "", "heartbeat", Address("heartbeat", "org")),
        ("org.heartbeat", "heartbeat", "", Address("heartbeat", "org")),
        ("org.heartbeat", "org", "", Address("org", "", "heartbeat")),
        ("uav.heartbeat", "", "", Address("uav", "", "heartbeat")),
        ("uav.soil", "", "", Address("soil", "uav")),
        ("uav.soil", "", "Soil", Address("uav", "", "soil")),
        ("org.uav.soil_state", "", "SoilState", Address("uav", "org", "soil_state")),
        ("other.heartbeat", "heartbeat", "", Address("heartbeat", "other")),
    ],
)
def test_the_organisation_and_the_name_of_the_message_tell_more(
    tokens: str, named: str, said: str, address: Address
) -> None:
    """After a known organisation stands an entity, after an entity the message that was said."""
    found = telemetry_address(f"constellation.telemetry.{tokens}", KNOWN, named, "org", said)
    assert found == address


@pytest.mark.parametrize("subject", ["", "constellation.telemetry", "other.telemetry.a.b", "a"])
def test_other_subjects_say_nothing(subject: str) -> None:
    """Not even one that lacks only its tokens."""
    assert telemetry_address(subject, KNOWN) == Address()


@given(st.text())
def test_any_text_can_be_read_as_a_subject(text: str) -> None:
    """What comes out has no separators in it, and never raises."""
    address = telemetry_address(f"constellation.telemetry.{text}", KNOWN)
    assert not any("." in part for part in (address.entity, address.organization))


@pytest.mark.parametrize("text", ["a", "A-1_b", "0", "x" * 128, "a=b", "_INBOX", "-"])
def test_tokens(text: str) -> None:
    """Letters, digits and three signs, at most 128."""
    assert is_token(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "x" * 129, "a.b", "a b", "*", ">", "a>", "a\n", "\n", "a\0", "a/b", "..", "$KV"),
        *("'; DROP TABLE a", "<b>", "\u00e9", "\u0663", "\uff41", "\u200b"),
    ],
)
def test_hostile_tokens_are_none(text: str) -> None:
    """Neither separators, wildcards, control characters nor letters that only look like ours."""
    assert not is_token(text)


@given(st.text(min_size=1))
def test_a_token_stays_one_token(text: str) -> None:
    """In a subject and in a key of the bucket, whatever it is."""
    if is_token(text):
        assert subjects.telemetry(text, text) == f"constellation.telemetry.{text}.{text}"
        assert telemetry_address(subjects.telemetry("org", text), frozenset()) == Address(
            text, "org"
        )
        assert subjects.state(text).split(".") == ["$KV", "CONSTELLATION_GLOBAL_STATE", text]


def test_what_we_write_has_one_form() -> None:
    """The canonical subjects, spelled out."""
    assert subjects.entity_change("org", "created") == "constellation.entities.org.created"
    assert subjects.event("liveness", "org", "uav") == "constellation.events.liveness.org.uav"
    assert subjects.rejected("relay") == "constellation.rejected.relay"
    assert subjects.BUCKET_STREAM == "KV_CONSTELLATION_GLOBAL_STATE"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("VFR_HUD", "vfrhud"), ("GlobalPositionInt", "globalpositionint"), ("_", ""), ("a", "a")],
)
def test_message_names_are_folded(name: str, expected: str) -> None:
    """Without case and underscores."""
    assert folded(name) == expected
