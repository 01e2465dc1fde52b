"""Whether a browser says that one of our own pages sent a request: what cookies cannot tell."""

from starlette.datastructures import Headers

# What changes nothing, whoever asks.
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


def is_ours(headers: Headers) -> bool:
    """Whether one of our own pages sent this; a browser that says nothing did not.

    By plain http from another machine browsers leave out Sec-Fetch-Site, but not Origin.
    """
    sent_from = headers.get("sec-fetch-site")
    if sent_from is not None:
        return sent_from == "same-origin"
    return headers.get("origin", "").partition("://")[2] == headers.get("host")
