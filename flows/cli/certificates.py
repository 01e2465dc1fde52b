"""A switch for TLS that does not work is told before anything is started, in one sentence."""

from pathlib import Path

from connectors.tls import Tls, TlsUnusable, client_context, prove
from flows.cli.deployment import Refused
from flows.connection import nats_tls, web_tls
from flows.ontology.settings import Settings
from flows.parts import reached

_PLAIN_KEY = b"-----BEGIN PRIVATE KEY-----"


def usable(settings: Settings) -> None:
    """Make sure that what the settings name can be shaken hands with.

    Raises:
        Refused: with the file or the address, and what to do.
    """
    ours = nats_tls(settings)
    if ours and settings.embedded:
        _proven("NATS_TLS_CERT", ours, reached(settings.nats_host))
    elif ours:
        _tried(ours)
    of_web = web_tls(settings)
    if of_web:
        # What people call the machine is theirs to know: browsers will tell.
        _proven("OVERWATCH_TLS_CERT", of_web, "")
        if _PLAIN_KEY not in Path(of_web.key_file).read_bytes():
            raise Refused(
                f"OVERWATCH_TLS_KEY: the key {of_web.key_file} is not in PKCS #8. "
                "`openssl pkcs8 -topk8 -nocrypt -in KEY` writes it so."
            )


def _proven(variable: str, tls: Tls, host: str) -> None:
    try:
        prove(tls, host)
    except TlsUnusable as error:
        raise Refused(f"{variable}: {error}") from error


def _tried(tls: Tls) -> None:
    try:
        client_context(tls)
    except TlsUnusable as error:
        raise Refused(f"NATS_TLS_CERT or NATS_TLS_CA: {error}") from error
