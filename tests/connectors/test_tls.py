"""TLS 1.3: what works is what a real server and other programs' handshakes say, or a sentence."""

import asyncio
import json
import socket
import ssl
from datetime import timedelta

import ordinary
import pytest
from certificates import CLIENT, SERVER, Authority
from message_server import ADMIN, DEADLINE, message_server

from connectors.session import NatsUnreachable, connect
from connectors.tls import Tls, TlsUnusable, client_context, prove

HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def ours(authority):
    return authority.issue("ours")


def tls(holder, authority=None, *, verify=False):
    ca = str(authority.file) if authority else ""
    return Tls(str(holder.cert), str(holder.key), ca, verify)


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory, authority, ours):
    """A server that speaks TLS, and asks nobody for a certificate."""
    with message_server(tmp_path_factory.mktemp("nats"), tls=tls(ours, authority)) as running:
        yield running


@pytest.fixture(scope="module")
def mutual(tmp_path_factory, authority, ours):
    """One that asks everybody."""
    files = tls(ours, authority, verify=True)
    with message_server(tmp_path_factory.mktemp("mutual"), tls=files) as running:
        yield running


def test_files_that_work_are_proven(authority, ours):
    """With and without authorities, with clients that show theirs, by address and by name."""
    prove(tls(ours, authority), HOST)
    prove(tls(ours, authority, verify=True), "localhost")
    prove(tls(ours), HOST)
    prove(tls(ours), "")


def broken(folder, authority, ours):
    """What is wrong, in words, and the files and address that are."""
    nonsense = folder / "nonsense.pem"
    nonsense.write_text("nonsense")
    stranger = Authority(folder / "strangers")
    other = authority.issue("other")
    locked = authority.issue("locked", password=b"secret")
    return {
        "cannot be read: No such file": (Tls("/none.crt", str(ours.key)), HOST),
        "/none.key cannot be read: No such file": (Tls(str(ours.cert), "/none.key"), HOST),
        "/none.pem cannot be read": (Tls(str(ours.cert), str(ours.key), "/none.pem"), HOST),
        "do not fit": (Tls(str(ours.cert), str(other.key)), HOST),
        "or one of them is no PEM file": (Tls(str(nonsense), str(ours.key)), HOST),
        "holds no certificates": (Tls(str(ours.cert), str(ours.key), str(nonsense)), HOST),
        "has a password": (tls(locked), HOST),
        "certificate has expired": (
            tls(authority.issue("old", ends=timedelta(days=-1)), authority),
            HOST,
        ),
        "has expired": (tls(authority.issue("older", ends=timedelta(days=-1))), ""),
        "IP address mismatch": (tls(authority.issue("elsewhere", hosts=["192.0.2.1"])), HOST),
        "Hostname mismatch": (tls(ours, authority), "nats.example"),
        "unable to get local issuer": (tls(ours, stranger), HOST),
        "unsuitable certificate purpose": (tls(authority.issue("c", uses=[CLIENT])), HOST),
        "not believed": (
            tls(authority.issue("s", uses=[SERVER]), authority, verify=True),
            HOST,
        ),
    }


def test_files_that_do_not_work_are_told_in_a_sentence(tmp_path, authority, ours):
    """Which, and why: nobody takes a switch that does nothing for one that does."""
    for words, (files, host) in broken(tmp_path, authority, ours).items():
        with pytest.raises(TlsUnusable) as told:
            prove(files, host)
        assert words in str(told.value), words
        assert str(told.value).endswith("."), words
        assert "\n" not in str(told.value), words


def handshake(running, version, holder=None):
    """Connect as NATS clients do, by that version of TLS; what was agreed on, and the answer."""
    context = client_context(running.tls._replace(cert_file="", key_file=""))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = version
    if holder:
        context.load_cert_chain(holder.cert, holder.key)
    with socket.create_connection((HOST, running.port), DEADLINE) as plain:
        told = json.loads(_line(plain).partition(b" ")[2])
        assert told["tls_required"]
        with context.wrap_socket(plain, server_hostname=HOST) as secure:
            secure.sendall(b"PING\r\n")
            return secure.version(), secure.recv(4096)


def _line(plain):
    """The first line, and nothing of what comes behind it."""
    line = b""
    while not line.endswith(b"\r\n"):
        line += plain.recv(1)
    return line


def test_the_server_speaks_tls_1_3_and_nothing_older(encrypted):
    """Nor does it speak in clear."""
    assert handshake(encrypted, ssl.TLSVersion.TLSv1_3)[0] == "TLSv1.3"
    with pytest.raises(ssl.SSLError, match="protocol version"):
        handshake(encrypted, ssl.TLSVersion.TLSv1_2)
    with socket.create_connection((HOST, encrypted.port), DEADLINE) as plain:
        _line(plain)
        plain.sendall(b'CONNECT {"user":"a","pass":"b"}\r\nPING\r\n')
        assert b"PONG" not in plain.recv(4096)


def test_with_mutual_tls_nobody_connects_without_a_certificate(mutual, authority, tmp_path):
    """Nor with one that nobody vouches for; a device with one comes in."""
    stranger = Authority(tmp_path, "stranger").issue("device", hosts=["device"])
    device = authority.issue("device", hosts=["device"], uses=[CLIENT])
    version, answer = handshake(mutual, ssl.TLSVersion.TLSv1_3, device)

    assert version == "TLSv1.3"
    assert b"Authorization" in answer or b"PONG" in answer, "a certificate is no credential"
    for holder in (None, stranger):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            handshake(mutual, ssl.TLSVersion.TLSv1_3, holder)


@pytest.mark.parametrize("kind", ["encrypted", "mutual"])
def test_our_own_parts_connect_by_tls(kind, request):
    """With the authorities and the certificate of the settings, and say and hear as ever."""
    running = request.getfixturevalue(kind)

    async def ask():
        client = await connect(running.server(ADMIN))
        try:
            return await client.jetstream().account_info()
        finally:
            await client.close()

    assert asyncio.run(ask()).streams == 0


def test_an_ordinary_client_connects_by_tls(encrypted):
    """With the authority's certificate, as the documentation of any of them says."""

    async def ask():
        context = ssl.create_default_context(cafile=encrypted.tls.ca_file)
        seed = encrypted.server(ADMIN).seed_file
        client = await ordinary.connect(encrypted.url, tls=context, nkeys_seed=seed)
        try:
            return client.connected_url.scheme
        finally:
            await client.close()

    assert asyncio.run(ask()) == "tls"


def refusal(server):
    with pytest.raises(NatsUnreachable) as told:
        asyncio.run(connect(server))
    return str(told.value)


def test_a_server_that_nobody_vouches_for_is_not_believed(encrypted, tmp_path):
    """Nor one that has no certificate at all: the sentence says which."""
    stranger = Authority(tmp_path)
    server = encrypted.server(ADMIN)
    files = server.tls._replace(ca_file=str(stranger.file))
    said = refusal(type(server)(server.url, server.part, server.seed_file, files))

    assert "certificate verify failed" in said
    with message_server(tmp_path / "plain") as plain:
        other = plain.server(ADMIN)
        url = other.url.replace("nats://", "tls://")
        said = refusal(type(server)(url, other.part, other.seed_file, server.tls))
    assert "secure connection not available" in said
