"""The settings: one table, from which they are read, checked, listed and documented."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from flows.ontology import readers
from flows.ontology.links import Link, links
from flows.ontology.receivers import Receiver, place, receivers


class SettingError(ValueError):
    """A setting that cannot be used: names the variable, its value and what is allowed."""


class Setting(msgspec.Struct, frozen=True):
    """A row of the table."""

    variable: str
    default: str
    read: Callable[[str], Any]
    allowed: str
    description: str


PORT = "a whole number from 1 to 65535"
SIZE = "a size such as 512MiB or 8GiB"
RECEIVERS = "udp:host:port, tcp:host:port or tcpin:host:port, with commas between"
SECONDS = "a number of seconds from {} to {}"
METRES = "a number of metres from 0 to {}"

TABLE: dict[str, Setting] = {
    "data_dir": Setting(
        "OVERWATCH_DATA_DIR",
        "./data",
        Path,
        "a folder that may be written",
        "everything that is kept",
    ),
    "host": Setting(
        "HOST", "127.0.0.1", readers.text, "an address of this machine", "where the web listens"
    ),
    "port": Setting("PORT", "8080", readers.whole(1, 65535), PORT, "port of the web"),
    "nats_host": Setting(
        "NATS_HOST",
        "127.0.0.1",
        readers.text,
        "an address of this machine",
        "where the embedded NATS listens",
    ),
    "nats_port": Setting(
        "NATS_PORT", "4222", readers.whole(1, 65535), PORT, "port of the embedded NATS"
    ),
    "nats_url": Setting(
        "NATS_URL",
        "",
        readers.url("nats://", "tls://"),
        "nats://host:port or tls://host:port, or nothing",
        "a NATS server that runs elsewhere, in place of the embedded one",
    ),
    "nats_seed_file": Setting(
        "NATS_NKEY_SEED_FILE",
        "",
        readers.text,
        "a file with an NKey seed, or nothing",
        "whom to be at the server that NATS_URL names",
    ),
    "nats_tls_cert": Setting(
        "NATS_TLS_CERT",
        "",
        readers.text,
        "a file with certificates in PEM, or nothing",
        "the embedded NATS speaks TLS 1.3 only, with this certificate; at another it is ours",
    ),
    "nats_tls_key": Setting(
        "NATS_TLS_KEY", "", readers.text, "a file with its key in PEM, or nothing", "its key"
    ),
    "nats_tls_ca": Setting(
        "NATS_TLS_CA",
        "",
        readers.text,
        "a file with certificates in PEM, or nothing",
        "who vouches for certificates at NATS; when empty, NATS_TLS_CERT for itself, "
        "and for a server that NATS_URL names whoever the system trusts",
    ),
    "nats_tls_verify": Setting(
        "NATS_TLS_VERIFY",
        "off",
        readers.choice("off", "on"),
        "off or on",
        "whether who connects to the embedded NATS has to show a certificate of NATS_TLS_CA, too",
    ),
    "nats_legacy_token": Setting(
        "NATS_LEGACY_TOKEN",
        "",
        readers.text,
        "16 to 72 letters, digits and signs, or nothing",
        "programs that know no keys come in with this token, by NATS_LEGACY_PORT",
    ),
    "nats_legacy_token_file": Setting(
        "NATS_LEGACY_TOKEN_FILE",
        "",
        readers.text,
        "a file with such a token that only its owner can read, or nothing",
        "the same, where others cannot see it",
    ),
    "nats_legacy_port": Setting(
        "NATS_LEGACY_PORT",
        "4223",
        readers.whole(1, 65535),
        PORT,
        "port for those programs, where there is a token",
    ),
    "nats_max_memory": Setting(
        "NATS_MAX_MEMORY", "256MiB", readers.size, SIZE, "what streams in memory may take"
    ),
    "nats_max_file_store": Setting(
        "NATS_MAX_FILE_STORE", "8GiB", readers.size, SIZE, "what streams on disk may take"
    ),
    "nats_sync_interval": Setting(
        "NATS_SYNC_INTERVAL",
        "1s",
        readers.choice("always", "100ms", "1s", "5s", "30s", "2m"),
        "always, 100ms, 1s, 5s, 30s or 2m",
        "how much a power cut may take: streams are flushed to the disk this often",
    ),
    "mqtt_host": Setting(
        "MQTT_HOST",
        "127.0.0.1",
        readers.text,
        "an address of this machine",
        "where the embedded NATS listens for MQTT",
    ),
    "mqtt_port": Setting(
        "MQTT_PORT",
        "0",
        readers.whole(0, 65535),
        "a whole number from 0 to 65535",
        "port for devices that speak MQTT 3.1.1; 0 for none",
    ),
    "organization": Setting(
        "OVERWATCH_ORG_ID",
        "default",
        readers.token,
        "letters, digits, _, = and -, at most 128",
        "whose vehicles the relay hears",
    ),
    "mavlink_host": Setting(
        "MAVLINK_HOST",
        "127.0.0.1",
        readers.text,
        "an address of this machine",
        "where the relay listens",
    ),
    "mavlink_base_port": Setting(
        "MAVLINK_BASE_PORT",
        "14550",
        readers.whole(1, 65535),
        PORT,
        "UDP port for vehicles of all systems",
    ),
    "mavlink_links": Setting(
        "MAVLINK_LINKS",
        "",
        links,
        "port, udp:host:port, udpout:host:port, tcp:host:port, tcpin:host:port or "
        "serial:/dev/name:baud, each with or without =name, with commas between",
        "further links; with a name, whatever speaks there is that one entity",
    ),
    "mavlink_signing": Setting(
        "MAVLINK_SIGNING",
        "off",
        readers.choice("off", "accept", "require"),
        "off, accept or require",
        "whether signatures are checked, and whether what has none is refused",
    ),
    "mavlink_signing_key_file": Setting(
        "MAVLINK_SIGNING_KEY_FILE",
        "",
        readers.text,
        "a file with 32 bytes or 64 hexadecimal digits that only its owner can read, or nothing",
        "the secret key that vehicles sign with",
    ),
    "mavlink_system_id": Setting(
        "MAVLINK_SYSTEM_ID",
        "255",
        readers.whole(1, 255),
        "a whole number from 1 to 255",
        "as which system the relay speaks to vehicles; no other station may have it",
    ),
    "mavlink_component_id": Setting(
        "MAVLINK_COMPONENT_ID",
        "190",
        readers.whole(1, 255),
        "a whole number from 1 to 255",
        "as which component of that system",
    ),
    "mavlink_gcs_heartbeat": Setting(
        "MAVLINK_GCS_HEARTBEAT",
        "on",
        readers.choice("off", "on"),
        "off or on",
        "whether vehicles that are heard hear a ground station's heartbeat, once a second",
    ),
    "ais_receivers": Setting(
        "AIS_RECEIVERS",
        "",
        receivers(forms=False),
        RECEIVERS,
        "receivers of AIS: ships appear by what they say in NMEA (AIVDM)",
    ),
    "adsb_receivers": Setting(
        "ADSB_RECEIVERS",
        "",
        receivers(forms=True),
        f"{RECEIVERS}; sbs:, beast: or avr: may stand before each",
        "receivers of ADS-B: aircraft appear by what they say in SBS, Beast or AVR",
    ),
    "adsb_place": Setting(
        "ADSB_PLACE",
        "",
        place,
        "latitude,longitude in degrees, or nothing",
        "where those receivers are: places aircraft that were not heard before they landed",
    ),
    "base_url": Setting(
        "OVERWATCH_BASE_URL",
        "",
        readers.url("http://", "https://"),
        "http(s)://host:port, or nothing",
        "how people reach the web, when not by HOST and PORT",
    ),
    "rp_id": Setting(
        "OVERWATCH_RPID",
        "",
        readers.text,
        "the host of OVERWATCH_BASE_URL or a domain that it is in, or nothing",
        "which site passkeys are for: changing it makes those that there are useless",
    ),
    "tls_cert": Setting(
        "OVERWATCH_TLS_CERT",
        "",
        readers.text,
        "a file with certificates in PEM, or nothing",
        "the web speaks HTTPS with this certificate, by TLS 1.3 only",
    ),
    "tls_key": Setting(
        "OVERWATCH_TLS_KEY",
        "",
        readers.text,
        "a file with its key in PEM (PKCS #8), or nothing",
        "its key",
    ),
    "key_hash_secret": Setting(
        "OVERWATCH_KEY_HASH_SECRET",
        "",
        readers.text,
        "any text, or nothing",
        "key for the hashes of API keys; made once under the data folder when empty",
    ),
    "stale_seconds": Setting(
        "OVERWATCH_STALE_SECONDS",
        "5",
        readers.number(0.5, 3600),
        SECONDS.format(0.5, 3600),
        "silence after which an entity is stale",
    ),
    "lost_seconds": Setting(
        "OVERWATCH_LOST_SECONDS",
        "30",
        readers.number(1, 86_400),
        SECONDS.format(1, 86_400),
        "silence after which an entity is lost",
    ),
    "commands_max_altitude": Setting(
        "OVERWATCH_COMMANDS_MAX_ALTITUDE",
        "120",
        readers.number(0, 100_000),
        METRES.format(100_000),
        "how high above home a command may lead; 0 for as high as one likes",
    ),
    "commands_max_distance": Setting(
        "OVERWATCH_COMMANDS_MAX_DISTANCE",
        "0",
        readers.number(0, 20_100_000),
        METRES.format(20_100_000),
        "how far from home a command may lead; 0 for as far as one likes",
    ),
    "commands_two_person": Setting(
        "OVERWATCH_COMMANDS_TWO_PERSON",
        "on",
        readers.choice("off", "on"),
        "off or on",
        "whether critical commands wait until a person other than who asks approves them",
    ),
    "clock_ahead_seconds": Setting(
        "OVERWATCH_CLOCK_AHEAD_SECONDS",
        "2",
        readers.number(0, 3600),
        SECONDS.format(0, 3600),
        "how far ahead of ours a device's clock may be and still be believed",
    ),
    "late_seconds": Setting(
        "OVERWATCH_LATE_SECONDS",
        "5",
        readers.number(0, 3600),
        SECONDS.format(0, 3600),
        "how long a window waits for what comes out of order",
    ),
    "correct_seconds": Setting(
        "OVERWATCH_CORRECT_SECONDS",
        "10",
        readers.number(0, 3600),
        SECONDS.format(0, 3600),
        "for how long after that what is late corrects a window; 0 for never",
    ),
    "snapshot_seconds": Setting(
        "OVERWATCH_SNAPSHOT_SECONDS",
        "5",
        readers.whole(1, 3600),
        SECONDS.format(1, 3600),
        "how often flows record where they are and history is committed",
    ),
    "lake_retention_days": Setting(
        "OVERWATCH_LAKE_RETENTION_DAYS",
        "90",
        readers.whole(1, 36_500),
        "a number of days from 1 to 36500",
        "age at which history is deleted",
    ),
    "lake_maintenance_seconds": Setting(
        "OVERWATCH_LAKE_MAINTENANCE_SECONDS",
        "600",
        readers.whole(10, 86_400),
        SECONDS.format(10, 86_400),
        "how often the lake's files are merged",
    ),
    "streams_check_seconds": Setting(
        "OVERWATCH_STREAMS_CHECK_SECONDS",
        "30",
        readers.whole(1, 86_400),
        SECONDS.format(1, 86_400),
        "how often streams are compared with what is declared, and put right",
    ),
    "log_level": Setting(
        "LOG_LEVEL",
        "INFO",
        lambda text: readers.choice("DEBUG", "INFO", "WARNING", "ERROR")(text.upper()),
        "DEBUG, INFO, WARNING or ERROR",
        "how much is logged",
    ),
}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a deployment, checked. Fields are the keys of ``TABLE``."""

    data_dir: Path
    host: str
    port: int
    nats_host: str
    nats_port: int
    nats_url: str
    nats_seed_file: str
    nats_tls_cert: str
    nats_tls_key: str
    nats_tls_ca: str
    nats_tls_verify: str
    nats_legacy_token: str
    nats_legacy_token_file: str
    nats_legacy_port: int
    nats_max_memory: int
    nats_max_file_store: int
    nats_sync_interval: str
    mqtt_host: str
    mqtt_port: int
    organization: str
    mavlink_host: str
    mavlink_base_port: int
    mavlink_links: tuple[Link, ...]
    mavlink_signing: str
    mavlink_signing_key_file: str
    mavlink_system_id: int
    mavlink_component_id: int
    mavlink_gcs_heartbeat: str
    ais_receivers: tuple[Receiver, ...]
    adsb_receivers: tuple[Receiver, ...]
    adsb_place: tuple[float, float] | None
    base_url: str
    rp_id: str
    tls_cert: str
    tls_key: str
    key_hash_secret: str
    stale_seconds: float
    lost_seconds: float
    commands_max_altitude: float
    commands_max_distance: float
    commands_two_person: str
    clock_ahead_seconds: float
    late_seconds: float
    correct_seconds: float
    snapshot_seconds: int
    lake_retention_days: int
    lake_maintenance_seconds: int
    streams_check_seconds: int
    log_level: str

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings out of environment variables.

        Raises:
            SettingError: names the variable, its value and what is allowed.
        """
        values: dict[str, Any] = {}
        for field, setting in TABLE.items():
            text = environment.get(setting.variable, "").strip() or setting.default
            try:
                values[field] = setting.read(text)
            except (ValueError, KeyError, OverflowError):
                shown = text.rpartition("@")[2]  # Before that there may be a password.
                raise SettingError(
                    f"{setting.variable} is {shown!r}, but must be {setting.allowed}."
                ) from None
        _fit(values)
        _fit_secrets(values)
        return cls(**values)

    @property
    def embedded(self) -> bool:
        """Whether we run the NATS server ourselves."""
        return not self.nats_url

    @property
    def legacy(self) -> bool:
        """Whether programs may come in with a token that they share."""
        return bool(self.nats_legacy_token or self.nats_legacy_token_file)

    @property
    def server(self) -> str:
        """Where the NATS server is."""
        scheme = "tls" if self.nats_tls_cert else "nats"
        return self.nats_url or f"{scheme}://{_in_url(self.nats_host)}:{self.nats_port}"

    @property
    def mqtt(self) -> str:
        """Where devices speak MQTT."""
        return f"mqtt://{_in_url(self.mqtt_host)}:{self.mqtt_port}"

    @property
    def url(self) -> str:
        """Where people find the web."""
        scheme = "https" if self.tls_cert else "http"
        return self.base_url.rstrip("/") or f"{scheme}://{_in_url(self.host)}:{self.port}"

    @property
    def links(self) -> tuple[Link, ...]:
        """Every link the relay hears: its own port, unless one is there, and the others."""
        taken = any(
            link.scheme == "udp" and link.number == self.mavlink_base_port
            for link in self.mavlink_links
        )
        base = () if taken else (Link("udp", "", self.mavlink_base_port),)
        return base + self.mavlink_links

    @property
    def receivers(self) -> tuple[Receiver, ...]:
        """Every receiver that the traffic flow hears."""
        return self.ais_receivers + self.adsb_receivers

    def address(self, link: Link) -> str:
        """Where a link listens or connects to; of a device, its path."""
        return link.place or self.mavlink_host

    @property
    def clock_ahead_us(self) -> int:
        return _microseconds(self.clock_ahead_seconds)

    @property
    def late_us(self) -> int:
        return _microseconds(self.late_seconds)

    @property
    def correct_us(self) -> int:
        return _microseconds(self.correct_seconds)

    @property
    def stale_us(self) -> int:
        return _microseconds(self.stale_seconds)

    @property
    def lost_us(self) -> int:
        return _microseconds(self.lost_seconds)

    @property
    def database(self) -> Path:
        return self.data_dir / "db" / "constellation.db"

    @property
    def sendings(self) -> Path:
        """The record of what was sent to vehicles, which is the relay's alone."""
        return self.data_dir / "db" / "sendings.db"

    @property
    def lake(self) -> Path:
        return self.data_dir / "lake"

    def recovery(self, flow: str) -> Path:
        """Where a flow records how far it has come."""
        return self.data_dir / "recovery" / flow

    def seed(self, part: str) -> str:
        """The file with the NKey seed that a part signs in with; empty where there is none."""
        if not self.embedded:
            return self.nats_seed_file
        return str(self.data_dir / "nats" / "keys" / f"{part}.nk")


def _fit(values: Mapping[str, Any]) -> None:
    """See that settings do not contradict one another."""
    if values["lost_seconds"] <= values["stale_seconds"]:
        raise SettingError(
            f"OVERWATCH_LOST_SECONDS is {values['lost_seconds']:g}, but must be more than "
            f"OVERWATCH_STALE_SECONDS, which is {values['stale_seconds']:g}."
        )
    if values["mavlink_signing"] != "off" and not values["mavlink_signing_key_file"]:
        raise SettingError(
            f"MAVLINK_SIGNING is {values['mavlink_signing']!r}, but MAVLINK_SIGNING_KEY_FILE "
            "names no file with the key."
        )
    if values["nats_url"] and values["mqtt_port"]:
        raise SettingError(
            f"MQTT_PORT is {values['mqtt_port']}, but must be 0 where NATS_URL is set: MQTT is "
            "spoken by the embedded NATS only. Let the server there listen for it."
        )


def _fit_secrets(values: Mapping[str, Any]) -> None:
    """As ``_fit``, of what lets people and programs in, and keeps others from listening."""
    if values["nats_legacy_token"] and values["nats_legacy_token_file"]:
        raise SettingError(
            "NATS_LEGACY_TOKEN and NATS_LEGACY_TOKEN_FILE are both set: one is enough."
        )
    legacy = values["nats_legacy_token"] or values["nats_legacy_token_file"]
    if legacy and (values["nats_url"] or values["nats_tls_cert"]):
        other = "NATS_URL" if values["nats_url"] else "NATS_TLS_CERT"
        raise SettingError(
            f"{other} is set, and so is a NATS_LEGACY_TOKEN: a token is taken only by the "
            "embedded NATS, where nothing is encrypted. Give those programs credentials."
        )
    for cert, key in (("nats_tls_cert", "nats_tls_key"), ("tls_cert", "tls_key")):
        _both(values, cert, key)
    if values["nats_tls_verify"] == "on" and not (
        values["nats_tls_cert"] and values["nats_tls_ca"]
    ):
        raise SettingError(
            "NATS_TLS_VERIFY is 'on', but NATS_TLS_CERT and NATS_TLS_CA do not name both our "
            "certificate and the authorities for those of others."
        )
    if values["nats_tls_cert"] and values["nats_url"].startswith("nats://"):
        raise SettingError(
            "NATS_TLS_CERT is set, but NATS_URL names a server by nats://, where nothing is "
            "encrypted: write tls:// there."
        )
    if values["tls_cert"] and values["base_url"].startswith("http://"):
        raise SettingError(
            "OVERWATCH_TLS_CERT is set, but OVERWATCH_BASE_URL is an address by http://: "
            "write https:// there."
        )


def _both(values: Mapping[str, Any], *fields: str) -> None:
    """A certificate without its key is nothing, nor is a key without its certificate."""
    given = [TABLE[field].variable for field in fields if values[field]]
    if len(given) == 1:
        missing = next(TABLE[field].variable for field in fields if not values[field])
        raise SettingError(f"{given[0]} is set, but {missing} is not: one is nothing alone.")


def _microseconds(seconds: float) -> int:
    return round(seconds * 1_000_000)


def _in_url(host: str) -> str:
    """An IPv6 address stands in brackets there."""
    return f"[{host}]" if ":" in host else host
