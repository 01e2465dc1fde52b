"""TLS 1.3: certificates as they lie in files, tried out before anybody depends on them.

A switch that does not work must not be taken for one that does: ``prove`` lets a server
and a client with these files shake hands in memory, so that what is missing, expired, does
not fit or is not for the address is told in one sentence before anything is started.
"""

import ssl
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_STEPS = 10  # Far more turns than any handshake takes.
_BYTES = 65_536


class TlsUnusable(ValueError):
    """The message says of which file or address, and why."""


class Tls(NamedTuple):
    """Files: who we are, and who vouches for the others.

    Without authorities our own certificate vouches for itself. With ``verify`` clients have
    to show a certificate as well; we show ours.
    """

    cert_file: str = ""
    key_file: str = ""
    ca_file: str = ""
    verify: bool = False


def client_context(tls: Tls, *, check_name: bool = True) -> ssl.SSLContext:
    """To connect with.

    Raises:
        TlsUnusable: a file is missing, or is not what it should be.
    """
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = check_name
    vouching = tls.ca_file or tls.cert_file
    if vouching:
        # A certificate that nobody has signed but itself, or an authority below another.
        context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
        _trust(context, vouching)
    if tls.cert_file:
        _load(context, tls)
    return context


def server_context(tls: Tls) -> ssl.SSLContext:
    """To be connected to with. Raises as ``client_context`` does."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    _load(context, tls)
    if tls.verify:
        context.verify_mode = ssl.CERT_REQUIRED
        _trust(context, tls.ca_file)
    return context


def prove(tls: Tls, host: str) -> None:
    """See that a server with these files can be reached at ``host`` by a client with them.

    Args:
        tls: with a certificate and its key, and with authorities if clients have to show theirs.
        host: the address; with none, no certificate is asked whose it is.

    Raises:
        TlsUnusable: with what is wrong.
    """
    try:
        _shake(server_context(tls), client_context(tls, check_name=bool(host)), host)
    except ssl.SSLCertVerificationError as error:
        where = f"by who reaches it at {host}" if host else "by anybody"
        raise TlsUnusable(
            f"The certificate {tls.cert_file} is not believed {where}: {error.verify_message}."
        ) from error
    except ssl.SSLError as error:
        raise TlsUnusable(
            f"The certificate {tls.cert_file} cannot be used: {error.reason or error}."
        ) from error


def _shake(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> None:
    """Both sides of a handshake in turn, and a word each way: client certificates come last."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(down, up, server_hostname=host or None)
    theirs = server.wrap_bio(up, down, server_side=True)
    for _ in range(_STEPS):
        for side in (ours, theirs):
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
    theirs.write(b"?")
    ours.read(_BYTES)


def _load(context: ssl.SSLContext, tls: Tls) -> None:
    _readable("certificate", tls.cert_file)
    _readable("key", tls.key_file)
    try:
        context.load_cert_chain(tls.cert_file, tls.key_file, password=_no_password)
    except ssl.SSLError as error:
        raise TlsUnusable(
            f"The key {tls.key_file} and the certificate {tls.cert_file} do not fit, or one of "
            f"them is no PEM file: {error.reason or error}."
        ) from error
    except _Locked as error:
        raise TlsUnusable(
            f"The key {tls.key_file} has a password: store it without one."
        ) from error


def _trust(context: ssl.SSLContext, file: str) -> None:
    _readable("certificates of the authorities,", file)
    try:
        context.load_verify_locations(file)
    except ssl.SSLError as error:
        raise TlsUnusable(f"{file} holds no certificates: {error.reason or error}.") from error


def _readable(what: str, file: str) -> None:
    try:
        with Path(file).open("rb"):
            pass
    except OSError as error:
        raise TlsUnusable(f"The {what} {file} cannot be read: {error.strerror}.") from error


class _Locked(Exception):
    """A key that asks for a password."""


def _no_password() -> str:
    raise _Locked
