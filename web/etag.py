"""Revisions as HTTP has them: ``ETag`` on the way out, ``If-Match`` on the way in."""

from starlette.requests import Request

from web.problems import Problem

MOST_TAGS = 20


def etag(revision: int) -> str:
    return f'"{revision}"'


def check_match(request: Request, revision: int) -> None:
    """Go on only if what is there is what the asker has seen, where they say what that is.

    Raises:
        Problem: 412, it is another.
    """
    said = request.headers.get("if-match", "").strip()
    if not said or said == "*":
        return
    tags = [each.strip().removeprefix("W/") for each in said.split(",", MOST_TAGS)]
    if etag(revision) not in tags:
        raise Problem(412, "It has been changed meanwhile.", {"ETag": etag(revision)})
