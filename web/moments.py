"""Seconds since 1970 as the interface writes them: RFC 3339, in UTC."""

from datetime import UTC, datetime


def moment(seconds: int | None) -> str:
    """Empty where there is none."""
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
