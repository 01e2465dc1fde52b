"""Settings: one table that can be read, and that says what is wrong with what cannot."""

from pathlib import Path

import msgspec
import pytest

from flows.ontology.links import Link
from flows.ontology.settings import TABLE, SettingError, Settings

GIB = 2**30


def read(**variables: str) -> Settings:
    return Settings.read(variables)


@pytest.mark.parametrize("field", TABLE)
def test_every_default_can_be_read(field: str) -> None:
    """And says what is allowed, and what it is for."""
    setting = TABLE[field]
    setting.read(setting.default)
    assert setting.allowed
    assert setting.description
    assert setting.variable.isupper()


def test_the_table_and_the_settings_are_one() -> None:
    """Each row is a field, each variable has one row."""
    assert list(TABLE) == [field.name for field in msgspec.structs.fields(Settings)]
    assert len({setting.variable for setting in TABLE.values()}) == len(TABLE)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("512KiB", 512 * 1024),
        ("1 GiB", GIB),
        ("1GiB", GIB),
        ("  8 gib ", 8 * GIB),
        ("1.5G", 3 * GIB // 2),
        ("64MB", 64_000_000),
        ("2TB", 2 * 10**12),
        ("2T", 2 * 2**40),
        ("100 b", 100),
        ("1e3", 1000),
    ],
)
def test_sizes(text: str, size: int) -> None:
    """Powers of 1024 with an i or one letter, powers of 1000 without."""
    assert read(NATS_MAX_FILE_STORE=text).nats_max_file_store == size


WRONG = [
    *(
        ("NATS_MAX_MEMORY", text)
        for text in ("0", "-1", "-1GiB", "nan", "inf", "1e400", "GiB", "1 XB", "1GiB1", "ib", "0.1")
    ),
    *(("PORT", text) for text in ("0", "65536", "-1", "80.0", "eighty", "9" * 5000, "1e3", "0x10")),
    *(
        ("OVERWATCH_STALE_SECONDS", text)
        for text in ("nan", "inf", "-inf", "0", "-5", "3601", "five", "0.49")
    ),
    *(("OVERWATCH_CLOCK_AHEAD_SECONDS", text) for text in ("nan", "-0.1", "1e400")),
    *(("OVERWATCH_ORG_ID", text) for text in ("a.b", "*", ">", "a b", "é", "x" * 129, "a\0b")),
    *(("NATS_URL", text) for text in ("localhost:4222", "http://a", "ftp://a", "//a")),
    *(("NATS_SYNC_INTERVAL", text) for text in ("3s", "never", "1S")),
    *(("OVERWATCH_BASE_URL", text) for text in ("overwatch.example", "ftp://a", "javascript:1")),
    *(("MAVLINK_SIGNING", text) for text in ("on", "Accept", "required")),
    *(("LOG_LEVEL", text) for text in ("LOUD", "0", "TRACE")),
    *(
        ("MAVLINK_LINKS", text)
        for text in (
            *("a", "0", "65536", "14550=a.b", "14550=*", "1,1", "1=a,1=b", "14550;1", "=a"),
            *("udp:14550", "sctp:a:1", "udp:a b:1", "tcp::1", "tcp:a:0", "tcp:a:1,tcp:a:1"),
        )
    ),
]


@pytest.mark.parametrize(("variable", "text"), WRONG)
def test_what_is_wrong_is_told_by_variable_value_and_what_is_allowed(
    variable: str, text: str
) -> None:
    """In one sentence."""
    (allowed,) = (each.allowed for each in TABLE.values() if each.variable == variable)

    with pytest.raises(SettingError) as error:
        Settings.read({variable: text})
    assert str(error.value) == f"{variable} is {text!r}, but must be {allowed}."


@pytest.mark.parametrize("text", ["", " ", "\t"])
def test_an_empty_variable_is_none(text: str) -> None:
    """As an unset one, for every row."""
    empty = dict.fromkeys((setting.variable for setting in TABLE.values()), text)
    assert Settings.read(empty) == Settings.read({})


def test_what_is_lost_has_been_stale_before() -> None:
    """Two rows that belong together are checked together."""
    with pytest.raises(SettingError, match="OVERWATCH_LOST_SECONDS is 5, but must be more than"):
        read(OVERWATCH_STALE_SECONDS="5", OVERWATCH_LOST_SECONDS="5")


def udp(port: int, entity: str = "") -> Link:
    return Link("udp", "", port, entity)


@pytest.mark.parametrize(
    ("base", "links", "heard"),
    [
        ("", "", (udp(14550),)),
        ("14600", "", (udp(14600),)),
        ("", "14551=tern, 14552", (udp(14550), udp(14551, "tern"), udp(14552))),
        ("", "14550=tern", (udp(14550, "tern"),)),
        ("", " , 14551,,", (udp(14550), udp(14551))),
        ("", "udp:192.0.2.1:14550", (Link("udp", "192.0.2.1", 14550),)),
        ("", "tcpin:192.0.2.1:14550", (udp(14550), Link("tcpin", "192.0.2.1", 14550))),
    ],
)
def test_the_relay_hears_its_base_port_and_further_links(
    base: str, links: str, heard: tuple[Link, ...]
) -> None:
    """A link that names the base port gives it a name, or another address."""
    settings = read(MAVLINK_BASE_PORT=base, MAVLINK_LINKS=links, MAVLINK_HOST="::1")
    assert settings.links == heard
    assert {settings.address(each) for each in settings.links} <= {"::1", "192.0.2.1"}


def test_signatures_are_checked_with_a_key_only() -> None:
    """Two rows that belong together, again."""
    with pytest.raises(SettingError, match="MAVLINK_SIGNING_KEY_FILE names no file with the key"):
        read(MAVLINK_SIGNING="accept")
    assert read(MAVLINK_SIGNING="require", MAVLINK_SIGNING_KEY_FILE="/k").mavlink_signing


def test_places_under_the_data_folder() -> None:
    """One folder holds all that is kept."""
    settings = read(OVERWATCH_DATA_DIR="/x")
    assert settings.lake == Path("/x/lake")
    assert settings.database == Path("/x/db/constellation.db")
    assert settings.recovery("relay") == Path("/x/recovery/relay")
    assert settings.seed("relay") == "/x/nats/keys/relay.nk"
    theirs = read(NATS_URL="nats://nats.example:4222", NATS_NKEY_SEED_FILE="/y")
    assert theirs.seed("relay") == "/y"


def test_an_own_server_takes_the_embedded_ones_place() -> None:
    """And without one, ours is where its host and port say."""
    assert read().embedded
    assert read(NATS_PORT="4333").server == "nats://127.0.0.1:4333"
    theirs = read(NATS_URL="tls://nats.example:4222")
    assert (theirs.embedded, theirs.server) == (False, "tls://nats.example:4222")


def test_devices_speak_mqtt_to_the_embedded_server_only() -> None:
    """Where they are told to, and by default nowhere."""
    assert read().mqtt_port == 0
    assert read(MQTT_PORT="1883", MQTT_HOST="::").mqtt == "mqtt://[::]:1883"
    with pytest.raises(SettingError, match="MQTT_PORT is 1883, but must be 0 where NATS_URL"):
        read(MQTT_PORT="1883", NATS_URL="nats://nats.example:4222")


def test_people_find_the_web_where_they_are_told() -> None:
    """By its address, or by that of a proxy."""
    assert read(PORT="81").url == "http://127.0.0.1:81"
    assert read(OVERWATCH_BASE_URL="https://overwatch.example/").url == "https://overwatch.example"


def test_levels_are_read_in_any_case() -> None:
    """And kept in one."""
    assert read(LOG_LEVEL="warning").log_level == "WARNING"


def test_seconds_become_microseconds() -> None:
    """Rounded, not cut."""
    settings = read(OVERWATCH_STALE_SECONDS="0.7", OVERWATCH_LATE_SECONDS="1.1")
    assert (settings.stale_us, settings.late_us) == (700_000, 1_100_000)
    assert settings.correct_us == 10_000_000
    assert settings.lost_us == 30_000_000
    assert settings.clock_ahead_us == 2_000_000
