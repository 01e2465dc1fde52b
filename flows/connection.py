"""How a part of ours connects to the message server: where, as whom, and whom it trusts."""

from pathlib import Path

from connectors.session import Server
from connectors.tls import Tls
from flows.ontology.settings import Settings


def as_part(settings: Settings, part: str) -> Server:
    """The server as this part reaches it."""
    return Server(settings.server, part, settings.seed(part), nats_tls(settings))


def nats_tls(settings: Settings) -> Tls | None:
    """The certificates of NATS, if it speaks TLS."""
    if not settings.server.startswith("tls://"):
        return None
    return Tls(
        _whole(settings.nats_tls_cert),
        _whole(settings.nats_tls_key),
        _whole(settings.nats_tls_ca),
        settings.nats_tls_verify == "on",
    )


def web_tls(settings: Settings) -> Tls | None:
    """The certificate of the web, if it speaks HTTPS itself."""
    if not settings.tls_cert:
        return None
    return Tls(_whole(settings.tls_cert), _whole(settings.tls_key))


def _whole(file: str) -> str:
    """A path that is the same wherever it is read."""
    return str(Path(file).absolute()) if file else ""
