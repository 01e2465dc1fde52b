"""A deployment that speaks TLS 1.3 on every port that has it, and parts that find each other."""

import asyncio
import json
import socket
import ssl
from contextlib import suppress
from datetime import timedelta

import nats
import ordinary
import pytest
from certificates import CLIENT, Authority
from cryptography.hazmat.primitives.serialization import PrivateFormat
from deployed import DEADLINE, deployment, ran, until, variables

from flows.cli.certificates import usable
from flows.cli.deployment import Refused
from flows.ontology.credentials import inbox
from flows.ontology.settings import SettingError, Settings
from web.nats_credentials import forge

HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def encrypted(authority, **more):
    ours, web = authority.issue("ours"), authority.issue("web", hosts=["overwatch.example"])
    return {
        "NATS_TLS_CERT": str(ours.cert),
        "NATS_TLS_KEY": str(ours.key),
        "NATS_TLS_CA": str(authority.file),
        "NATS_TLS_VERIFY": "on",
        "OVERWATCH_TLS_CERT": str(web.cert),
        "OVERWATCH_TLS_KEY": str(web.key),
        "OVERWATCH_BASE_URL": "https://overwatch.example",
        **more,
    }


@pytest.fixture(scope="module")
def running(tmp_path_factory, authority):
    with deployment(tmp_path_factory.mktemp("encrypted"), **encrypted(authority)) as running:
        yield running


def asked(running, authority, version=ssl.TLSVersion.TLSv1_3):
    """How the web answers a program that checks its certificate, and by which version."""
    context = ssl.create_default_context(cafile=authority.file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = version
    address = HOST, int(running.environment["PORT"])
    with (
        socket.create_connection(address, DEADLINE) as plain,
        context.wrap_socket(plain, server_hostname="overwatch.example") as secure,
    ):
        secure.sendall(
            b"GET /health HTTP/1.1\r\nHost: overwatch.example\r\nConnection: close\r\n\r\n"
        )
        answer = b""
        while more := secure.recv(65_536):
            answer += more
        return secure.version(), answer


def test_all_parts_work_with_one_another(running, authority):
    """Health is told by HTTPS, and every part that needs the message server has it."""
    version, answer = asked(running, authority)

    assert version == "TLSv1.3"
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert running.ready.startswith("Overwatch is ready: https://overwatch.example/")
    assert b"strict-transport-security" in answer.lower()


def test_the_web_speaks_neither_an_older_version_nor_in_clear(running, authority):
    """Whoever cannot speak TLS 1.3 is told nothing."""
    with pytest.raises(ssl.SSLError):
        asked(running, authority, ssl.TLSVersion.TLSv1_2)
    address = HOST, int(running.environment["PORT"])
    with socket.create_connection(address, DEADLINE) as plain:
        plain.sendall(b"GET /health HTTP/1.1\r\nHost: overwatch.example\r\n\r\n")
        with suppress(ConnectionError):
            assert not plain.recv(4096).startswith(b"HTTP")


def test_a_device_says_something_by_tls_and_is_seen(running, authority):
    """With a certificate and a credential; what it says comes out as an entity."""
    made = running.run(
        "credentials", "create", "--scopes=nats:telemetry,entities:read", "--entities=tls-7"
    )
    seed = made.stdout.strip()
    listed = running.run("credentials", "list").stdout
    device = authority.issue("device", hosts=["device"], uses=[CLIENT])
    context = ssl.create_default_context(cafile=authority.file)
    context.load_cert_chain(device.cert, device.key)

    async def say():
        client = await ordinary.connect(
            f"tls://{HOST}:{running.environment['NATS_PORT']}",
            tls=context,
            nkeys_seed_str=seed,
            inbox_prefix=inbox(listed.split()[0]),
            max_reconnect_attempts=1,
        )
        js = client.jetstream(timeout=DEADLINE)
        body = {"position": {"global": {"latitude": 47.4, "longitude": 8.5}}}
        await js.publish("constellation.telemetry.default.tls-7", json.dumps(body).encode())
        bucket = await js.key_value("CONSTELLATION_GLOBAL_STATE")
        async with asyncio.timeout(DEADLINE):
            while True:
                try:
                    state = json.loads((await bucket.get("tls-7")).value)
                    break
                except nats.js.errors.KeyNotFoundError:
                    await asyncio.sleep(0.05)
        await client.close()
        return state

    assert made.stderr == ""
    until(lambda: listed.split()[0] in (running.data / "nats" / "nats.conf").read_text())
    assert asyncio.run(say())["position"]["global"]["latitude"] == 47.4
    assert seed not in (running.data / "nats" / "nats.conf").read_text()


def wrong(authority):
    """What does not work, with what is said of it."""
    older = PrivateFormat.TraditionalOpenSSL
    return {
        "NATS_TLS_CERT: The certificate /none.crt cannot be": {"NATS_TLS_CERT": "/none.crt"},
        "do not fit": {"NATS_TLS_KEY": str(authority.issue("x").key)},
        "is not believed by who reaches it at 192.0.2.1": {"NATS_HOST": "192.0.2.1"},
        "NATS_TLS_KEY is set, but NATS_TLS_CERT is not": {"NATS_TLS_CERT": ""},
        "NATS_TLS_VERIFY is 'on', but NATS_TLS_CERT and NATS_TLS_CA": {"NATS_TLS_CA": ""},
        "OVERWATCH_TLS_CERT is set, but OVERWATCH_TLS_KEY is": {"OVERWATCH_TLS_KEY": ""},
        "OVERWATCH_BASE_URL is an address by http:": {"OVERWATCH_BASE_URL": "http://x"},
        "NATS_URL names a server by nats://, where": {"NATS_URL": f"nats://{HOST}:9"},
        "is not in PKCS #8": _web(authority, "older", form=older),
        "OVERWATCH_TLS_CERT: The certificate": _web(authority, "ended", ends=timedelta(days=-1)),
    }


def test_a_switch_that_does_not_work_is_named_in_a_sentence(authority):
    """With the variable or the file, and what is wrong with it."""
    for sentence, change in wrong(authority).items():
        with pytest.raises((Refused, SettingError)) as told:
            usable(Settings.read(encrypted(authority) | change))
        assert sentence in str(told.value), sentence
        assert "\n" not in str(told.value), sentence


def test_and_stops_the_start(tmp_path, authority):
    """Before anything is started."""
    ended = authority.issue("ended", ends=timedelta(days=-1))
    change = {"NATS_TLS_CERT": str(ended.cert), "NATS_TLS_KEY": str(ended.key)}
    refused = ran(tmp_path, variables(tmp_path, **encrypted(authority) | change), "up")

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.endswith("certificate has expired.\n")
    assert refused.stderr.count("\n") == 1
    assert not (tmp_path / "data" / "nats").exists()


def _web(authority, name, **how):
    web = authority.issue(name, **how)
    return {"OVERWATCH_TLS_CERT": str(web.cert), "OVERWATCH_TLS_KEY": str(web.key)}


def test_a_key_that_the_server_does_not_know_is_not_let_in(running, authority):
    """A certificate alone opens nothing."""
    device = authority.issue("nobody", hosts=["nobody"], uses=[CLIENT])
    context = ssl.create_default_context(cafile=authority.file)
    context.load_cert_chain(device.cert, device.key)
    url = f"tls://{HOST}:{running.environment['NATS_PORT']}"

    async def come():
        await ordinary.connect(
            url, tls=context, nkeys_seed_str=forge()[0], allow_reconnect=False, connect_timeout=5
        )

    with pytest.raises(nats.errors.Error, match=r"(?i)authorization"):
        asyncio.run(come())
