"""Waits until ``/health`` says that all is well."""

import asyncio
import http.client
import json

from connectors.tls import Tls, client_context
from flows.connection import web_tls
from flows.ontology.settings import Settings
from flows.parts import reached
from flows.supervisor import StartFailed

SECONDS = 45.0
ASK_SECONDS = 0.25


async def until_well(settings: Settings) -> None:
    """Wait for a 200.

    Raises:
        StartFailed: with what is not well, after ``SECONDS``.
    """
    reason = ""
    try:
        async with asyncio.timeout(SECONDS):
            while reason := await asyncio.to_thread(_fault, settings):  # noqa: ASYNC110 - it is asked for.
                await asyncio.sleep(ASK_SECONDS)
    except TimeoutError:
        raise StartFailed(f"Not well after {SECONDS:g} s. {reason}") from None


def _fault(settings: Settings) -> str:
    """What is not well, in a sentence; empty if nothing is."""
    connection = _connection(settings)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return f"The web does not answer: {error}."
    finally:
        connection.close()
    return "" if answer.status == http.client.OK else _reasons(body)


def _connection(settings: Settings) -> http.client.HTTPConnection:
    host, tls = reached(settings.host), web_tls(settings)
    if tls is None:
        return http.client.HTTPConnection(host, settings.port, timeout=5)
    # Whatever the certificate is for: it is our own process that we ask.
    context = client_context(Tls(ca_file=tls.cert_file), check_name=False)
    return http.client.HTTPSConnection(host, settings.port, timeout=5, context=context)


def _reasons(body: bytes) -> str:
    try:
        report = json.loads(body)
        parts = [(each["part"], each.get("reason", "")) for each in report["parts"]]
        parts += [(name, report[name]["reason"]) for name in ("nats", "database", "disk")]
    except (ValueError, KeyError, TypeError):
        return f"The web answers: {body[:200].decode(errors='replace')}"
    return " ".join(f"{name}: {reason}" for name, reason in parts if reason)
