"""What a form of our pages says: few fields, each of them once."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from web.body import body, content_type
from web.problems import Problem

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 50


async def form(request: Request) -> dict[str, str]:
    """The fields that were posted, each of them once. Raises as ``pairs`` does."""
    return dict(await pairs(request))


async def pairs(request: Request, most: int = MOST_FIELDS) -> list[tuple[str, str]]:
    """The fields that were posted, at most so many, without the spaces around them.

    Raises:
        Problem: 415, no form; 422, it cannot be read; and those of ``web.body.body``.
    """
    if content_type(request) != FORM:
        raise Problem(415, "This takes what a form of our pages sends.")
    try:
        text = (await body(request)).decode()
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=most)
    except ValueError as error:
        raise Problem(422, f"The form cannot be read: {error}") from error
    return [(name, value.strip()) for name, value in fields]
