"""Which entities of an organisation are wanted, and which page of them.

The registry is asked, once for how many there are and once for the page; who is live and
where is known to the picture alone, so those are handed to the registry by their ids.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal
from urllib.parse import urlencode

import anyio.to_thread
import msgspec
from starlette.requests import Request

from web.cursor import Cursor, read_cursor
from web.database import Row, Tables
from web.entity import Entity
from web.entity_filter import MOST_LETTERS, EntityFilter, Texts, meant
from web.picture import Picture
from web.query import read_query
from web.site import site

MOST = 1000
LINK, TOTAL = "Link", "X-Total-Count"
GIVES = {
    LINK: 'The next page, as `<…>; rel="next"`, where there is one.',
    TOTAL: "How many there are on all pages.",
}

# A parameter to its column: one of the values that are said.
_ONE_OF = ("entity_type", "status", "priority")
_SORTED = {
    "name": "COALESCE(name, '') COLLATE NOCASE",
    "created_at": "COALESCE(created_at, '')",
    "updated_at": "COALESCE(updated_at, '')",
}
# Columns that a registry may lack which an older flow has made.
_LATER = ("tags", "metadata", "latitude", "longitude")


class EntityPage(EntityFilter, kw_only=True):
    """Which entities, in which order, and how many at once."""

    tag: Annotated[Texts, meant("Has this tag; may be repeated, and then all of them.")] = (
        msgspec.field(default_factory=list)
    )
    q: Annotated[
        str,
        msgspec.Meta(max_length=MOST_LETTERS),
        meant("Stands in its name, its id or its metadata."),
    ] = ""
    limit: (
        Annotated[int, msgspec.Meta(ge=1, le=MOST), meant("How many at once; all without it.")]
        | msgspec.UnsetType
    ) = msgspec.UNSET
    cursor: Annotated[
        str, msgspec.Meta(max_length=4096), meant("From the header Link of the page before.")
    ] = ""
    sort: Annotated[
        Literal["name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"],
        meant("By what; with `-` the last first."),
    ] = "created_at"


class Page(msgspec.Struct, frozen=True):
    """Rows of the registry, and the headers that go with them."""

    rows: list[Row]
    headers: dict[str, str]


async def entities(request: Request, organization: str) -> Page:
    """The entities of an organisation that a request asks for.

    Raises:
        Problem: 422, it asks for what cannot be.
    """
    return await chosen(request, organization, read_query(request, EntityPage))


async def chosen(request: Request, organization: str, wanted: EntityPage) -> Page:
    """As ``entities``, of what was asked for in another way."""
    here = site(request)
    condition = _Condition(organization, wanted)
    condition.by_picture(here.picture, organization, wanted)
    if wanted.cursor:
        condition.after = read_cursor(wanted.cursor, wanted.sort)
    rows, total = await anyio.to_thread.run_sync(_read, here.tables, condition, wanted)
    headers = {TOTAL: str(total)}
    limit = wanted.limit
    if limit is not msgspec.UNSET and len(rows) > limit:
        rows = rows[:limit]
        headers[LINK] = _next(request, wanted.sort, rows[-1])
    return Page(rows, headers)


class _Condition:
    """What rows have to be like, as SQL and its values."""

    def __init__(self, organization: str, wanted: EntityPage) -> None:
        self.parts = ["org_id = ?"]
        self.values: list[object] = [organization]
        self.after: Cursor | None = None
        for name in _ONE_OF:
            values = getattr(wanted, name)
            if values:
                self.add(f"{name} IN (SELECT value FROM json_each(?))", _json(values))  # noqa: S608
        for tag in wanted.tag:
            self.add(
                "EXISTS (SELECT 1 FROM json_each(CASE WHEN json_valid(tags) THEN tags"
                " ELSE '[]' END) WHERE value = ?)",
                tag,
            )
        if wanted.q:
            like = f"%{_escaped(wanted.q)}%"
            self.add(
                r"(name LIKE ? ESCAPE '\' OR entity_id LIKE ? ESCAPE '\'"
                r" OR metadata LIKE ? ESCAPE '\')",
                like, like, like,
            )  # fmt: skip

    def add(self, sql: str, *values: object) -> None:
        self.parts.append(sql)
        self.values += values

    def by_picture(self, picture: Picture, organization: str, wanted: EntityPage) -> None:
        """Add what only the picture knows."""
        known, box = picture.entities(organization).values(), wanted.box()
        among = "entity_id IN (SELECT value FROM json_each(?))"
        if wanted.is_live is not msgspec.UNSET:
            live = _json([_id(each) for each in known if picture.judged(each).state == "live"])
            self.add(among if wanted.is_live else f"NOT {among}", live)
        if box is None:
            return
        placed = dict(_places(known))
        inside = [name for name, place in placed.items() if box.holds(*place)]
        edges = [box.west, box.east]
        between = "(longitude >= ? OR longitude <= ?)"
        if box.west <= box.east:  # The antimeridian has two names.
            between = (
                "(longitude BETWEEN ? AND ? OR ABS(longitude) = 180 AND -longitude BETWEEN ? AND ?)"
            )
            edges *= 2
        self.add(
            f"({among} OR NOT {among} AND latitude BETWEEN ? AND ? AND {between})",
            _json(inside),
            _json(list(placed)),
            box.south,
            box.north,
            *edges,
        )


def _read(tables: Tables, condition: _Condition, wanted: EntityPage) -> tuple[list[Row], int]:
    """The rows of a page and one more, and how many there are on all of them."""
    columns = {row["name"] for row in tables.read("SELECT name FROM pragma_table_info('entities')")}
    if not columns:  # Before the flow that writes it has first run.
        return [], 0
    missing = "".join(f", NULL AS {name}" for name in _LATER if name not in columns)
    source = f"(SELECT *{missing} FROM entities)" if missing else "entities"  # noqa: S608
    where, values = " AND ".join(condition.parts), list(condition.values)
    total = tables.read(f"SELECT COUNT(*) AS total FROM {source} WHERE {where}", values)  # noqa: S608
    by = _SORTED[wanted.sort.lstrip("-")]
    way, beyond = ("DESC", "<") if wanted.sort.startswith("-") else ("ASC", ">")
    if condition.after is not None:
        where += f" AND ({by}, entity_id) {beyond} (?, ?)"
        values += [condition.after.value, condition.after.key]
    limit = -1 if wanted.limit is msgspec.UNSET else wanted.limit + 1
    rows = tables.read(
        f"SELECT * FROM {source} WHERE {where} ORDER BY {by} {way}, entity_id {way} LIMIT ?",  # noqa: S608
        [*values, limit],
    )
    return rows, int(total[0]["total"])


def _next(request: Request, sort: str, last: Row) -> str:
    value = last[sort.lstrip("-")] or ""
    said = [each for each in request.query_params.multi_items() if each[0] != "cursor"]
    query = urlencode([*said, ("cursor", Cursor(sort, value, last["entity_id"]).text())])
    return f'<{request.url.path}?{query}>; rel="next"'


def _places(known: Iterable[Entity]) -> Iterator[tuple[str, tuple[float, float]]]:
    for each in known:
        heard = each.heard_us is not None  # Else its place is that of the registry, made known.
        if heard and each.latitude is not None and each.longitude is not None:
            yield _id(each), (each.latitude, each.longitude)


def _id(entity: Entity) -> str:
    return entity.head.entity_id


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _json(value: list[str]) -> str:
    return msgspec.json.encode(value).decode()
