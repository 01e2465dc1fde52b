"""Which site passkeys are for, and why they cannot be used where they cannot.

Browsers know them by name only, and only where nobody listens in: on https, or on this machine.
"""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request

from flows.ontology.settings import Settings

LOCAL = "localhost"
# Addresses that only this machine, or every one, listens at: here we have a name besides.
_NAMELESS = ("127.0.0.1", "::1", "0.0.0.0", "::")  # noqa: S104  (compared, not bound)


@dataclass(frozen=True)
class RelyingParty:
    """``origin`` is where passkeys can be used; ``fault`` says why nowhere, if it is so."""

    rp_id: str
    origin: str
    fault: str

    @property
    def local(self) -> bool:
        return self.rp_id == LOCAL

    def trouble(self, request: Request) -> str:
        """Why passkeys cannot be used on the page that is asked for; empty where they can."""
        if self.fault:
            return self.fault
        host = request.headers.get("host", "")
        if host.lower() != urlsplit(self.origin).netloc.lower():
            return f"Passkeys work at {self.origin}, and this is {host}."
        return ""


def relying_party(settings: Settings) -> RelyingParty:
    """What the settings make of it."""
    url = people_url(settings)
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    rp_id = settings.rp_id.lower() or host
    return RelyingParty(
        rp_id, f"{parts.scheme}://{parts.netloc}", _fault(parts.scheme, host, rp_id)
    )


def people_url(settings: Settings) -> str:
    """Where people come in: by name where that is this machine, for the sake of passkeys."""
    parts = urlsplit(settings.url)
    if settings.base_url or parts.hostname not in _NAMELESS:
        return settings.url
    return f"{parts.scheme}://{LOCAL}:{parts.port}"


def _fault(scheme: str, host: str, rp_id: str) -> str:
    if _is_address(host):
        return f"Passkeys need a name, and {host} is an address: set OVERWATCH_BASE_URL."
    if scheme != "https" and host != LOCAL:
        return "Passkeys need https: set OVERWATCH_BASE_URL."
    if host != rp_id and not host.endswith(f".{rp_id}"):
        return f"OVERWATCH_RPID is {rp_id}, and {host} is not in it."
    return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
