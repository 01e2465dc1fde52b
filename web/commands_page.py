"""``/commands``: what an organisation has asked for, as it changes, and asking several at once."""

from functools import partial
from typing import get_args

import anyio.to_thread
import htpy as h
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flows.ontology.command_catalogue import CATALOGUE
from flows.ontology.command_states import State
from flows.ontology.subjects import is_token
from web import command_acts, command_posts, command_rows, upload_acts
from web import command_words as words
from web.command_bodies import MOST_ENTITIES, Command
from web.command_form import UPLOAD
from web.command_looker import READ, WRITE, Look, looker
from web.command_panel import MODULES, STYLES, answer, dialog
from web.command_posts import Said
from web.command_said import chosen, command_said
from web.commands_forms import able_to, broadcasting, searching
from web.commands_view import ENDED, OPEN, CommandsView, Wanted, before
from web.desk import STYLES as DESK_STYLES
from web.forms import MOST_FIELDS, pairs
from web.identity import identity, require
from web.layout import page
from web.mission_choice import offered
from web.office_forms import explained
from web.once import once
from web.panels import panel
from web.problems import Problem
from web.query import wrong
from web.site import site
from web.streams import Watched, stream
from web.top_view import TopView

PATH = "/commands"
ANY = "any"


async def show(request: Request) -> Response:
    """``GET /commands``."""
    return await _page(request)


async def act(request: Request) -> Response:
    """``POST /commands``: ask several, or all."""
    who = require(request, WRITE)

    async def made() -> Said:
        said = await pairs(request, MOST_FIELDS + MOST_ENTITIES)
        whom = chosen(said)
        if dict(said).get("command") == UPLOAD:
            several = whom if isinstance(whom, list) else _able(request)
            return await upload_acts.asked_by_form(request, dict(said), broadcast=several)
        now = site(request).clock.wall()
        body = command_said(dict(said), now, broadcast=whom)
        _, row = await command_acts.asked(request, who.organization, body)
        return command_posts.asked(body, row)

    async def again(said: str, fault: Problem | None) -> Response:
        return await _page(request, said, fault)

    return await command_posts.answered(request, made, again, "")


async def live(request: Request) -> Response:
    """``GET /live/commands``: the list as it changes."""
    here, who = site(request), require(request, READ)
    wanted, look = _wanted(request), _look(request)
    rows, _ = await _rows(request, wanted)
    return stream(
        request,
        Watched(here.live, "top", lambda: TopView(here.picture, who.organization)),
        Watched(
            here.live_commands,
            f"commands/{wanted.query}/{look.looker.key}",
            lambda: CommandsView(look, wanted, rows),
        ),
    )


async def _page(request: Request, said: str = "", fault: Problem | None = None) -> Response:
    require(request, READ)
    here, look, wanted = site(request), _look(request), _wanted(request)
    cursor = request.query_params.get("cursor", "")
    rows, following = await _rows(request, wanted, cursor)
    listed = before(rows, look) if cursor else _live(look, wanted, rows)
    response = page(
        "Commands",
        h.main(".office.commands-page")[
            h.h1["Commands"],
            answer(explained(fault) if fault else said, wrong=bool(fault or said)),
            await _several(request, look),
            panel(
                "What was asked for, the newest first",
                searching(look, wanted),
                listed,
                _pager(wanted, cursor, following),
            ),
            dialog(here.clock.wall()),
        ],
        who=identity(request),
        picture=here.picture,
        current=PATH,
        stream="" if cursor else f"/live/commands?{wanted.query}".rstrip("?"),
        modules=MODULES,
        styles=(*DESK_STYLES, *STYLES),
    )
    response.status_code = fault.status if fault else 200
    return response


def _live(look: Look, wanted: Wanted, rows: list[Command]) -> h.Node:
    view = CommandsView(look, wanted, rows)
    return h.fragment[view.state(), view.commands()]


async def _several(request: Request, look: Look) -> h.Node:
    if not look.looker.may_command:
        return None
    kind = CATALOGUE.get(request.query_params.get("broadcast", ""))
    second = site(request).settings.commands_two_person == "on"
    stored = await offered(request) if kind is not None and kind.name == UPLOAD else []
    return panel("Ask several at once", broadcasting(look, kind, stored, second=second))


def _able(request: Request) -> list[str]:
    """All that can take a mission now. Raises Problem: 422, nobody can, or too many."""
    found = [each.head.entity_id for each in able_to(_look(request), CATALOGUE[UPLOAD])]
    if not found:
        raise Problem(422, "It is for nobody: no vehicle can take a mission.")
    if len(found) > MOST_ENTITIES:
        raise Problem(422, f"It is for more than {MOST_ENTITIES} vehicles: choose whom it is for.")
    return found


def _pager(wanted: Wanted, cursor: str, following: str) -> h.Node:
    query = f"&{wanted.query}" if wanted.query else ""
    return h.nav(".pager", aria_label="Pages")[
        h.a(".button", href=f"{PATH}?{wanted.query}")["The newest"] if cursor else None,
        h.a(".button", href=f"{PATH}?cursor={following}{query}")["Those before"]
        if following
        else None,
    ]


def _wanted(request: Request) -> Wanted:
    """What the address asks for. Raises Problem: 422, there is no such state, kind or entity."""
    said = {
        name: value.strip()
        for name, value in request.query_params.items()
        if value.strip() not in ("", ANY)
    }
    state, command = said.get("state", ""), said.get("command", "")
    if state not in ("", OPEN, ENDED, *get_args(State)):
        raise wrong("state", "expected a state of commands", state[:64])
    if command and command not in CATALOGUE:
        raise wrong("command", "expected one of the catalogue", command[:64])
    return Wanted(state, _entity(request, said.get("entity", "")), command)


def _entity(request: Request, text: str) -> str:
    """The id of an entity that is called so; what is no name may be an id of one that is gone."""
    picture, organization = site(request).picture, identity(request).organization
    if not text or picture.entity(organization, text) is not None:
        return text
    called = text.casefold()
    for entity_id, entity in picture.entities(organization).items():
        if entity.head.name.casefold() == called:
            return entity_id
    if not is_token(text):
        raise wrong("entity", "expected the name or the id of an entity", words.brief(text))
    return text


def _look(request: Request) -> Look:
    here = site(request)
    return Look(here.board, here.picture, looker(identity(request)))


async def _rows(request: Request, wanted: Wanted, cursor: str = "") -> tuple[list[Command], str]:
    """What the ledger has of them, and the cursor of those that follow."""
    asked = partial(
        command_rows.command_rows,
        site(request).tables,
        identity(request).organization,
        wanted.page(cursor),
        wanted.entity_id,
        parts=bool(wanted.entity_id),
    )
    return await anyio.to_thread.run_sync(asked)


routes = [
    Route(PATH, show, methods=["GET"]),
    Route(PATH, once(act), methods=["POST"]),
    Route("/live/commands", live, methods=["GET"]),
]
