"""The web application: ``granian --interface asgi --factory web.app:app``.

One process, always: a second would follow the bucket and render a second time.
"""

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware

from connectors.environment import environment
from connectors.session import Server
from flows.connection import nats_tls
from flows.ontology.settings import Settings
from web import faults
from web.audit import Audit, chain
from web.ceremonies import Ceremonies
from web.clock import Clock
from web.command_board import Board
from web.command_judging import Judging
from web.command_room import CommandRoom
from web.command_rows import newest
from web.command_watch import CommandWatch
from web.commands import Commands
from web.database import Tables
from web.departure import Departures
from web.entity import Patience
from web.following import Following, Place
from web.gate import Gate
from web.health import Health
from web.ingest import Ingest
from web.invites import Invites
from web.key_secret import hash_secret
from web.keys import Keys
from web.lake import Lake
from web.limit import Limit
from web.live import Live
from web.measures import Measured, Measures
from web.missions import Missions
from web.nats_credentials import NatsCredentials
from web.nats_report import report
from web.organizations import Organizations
from web.passkeys import Passkeys
from web.people import People
from web.picture import Picture
from web.projection import COMMANDS, Projection
from web.publisher import Publisher
from web.recorder import Recorder
from web.registry import Registry
from web.relying_party import relying_party
from web.retries import Retries
from web.router import WordRouter
from web.routes import ROUTES
from web.running import beside, on_stop
from web.security import BodyLimit, Hosts, SecureHeaders
from web.sessions import Sessions
from web.site import Site
from web.sockets import Sockets
from web.watch import Watch

# A minute, from one address. A sign-in by passkey has two steps.
SIGN_IN_TRIES = 20
CEREMONY_STEPS = 60
INVITES = 30
# The last commands of the ledger that are known at once.
COMMANDS_KNOWN = 2000
# Seconds. An operator waits for what becomes of a command, and few of them come at a time.
COMMANDS_GAP = 0.03
SWITCH_SECONDS = 0.001


def app() -> Starlette:
    """The application of this deployment's settings."""
    # The picture is many values that stay, and refer to nothing in a circle: to look through
    # all of them for garbage takes longer than an answer may.
    gc.set_threshold(10_000, 20, 100)
    # A thread that writes the database has it to itself: it may not wait long for its turn.
    sys.setswitchinterval(SWITCH_SECONDS)
    return create_app(Settings.read(environment()))


def create_app(settings: Settings, clock: Clock | None = None) -> Starlette:
    """The application. Nothing is opened before its lifespan begins."""
    https = settings.url.startswith("https://")
    measures = Measures()
    application = Starlette(
        middleware=[
            Middleware(Measured, measures=measures),
            Middleware(SecureHeaders, https=https),
            Middleware(Recorder, clock=clock or Clock()),
            Middleware(Hosts, settings=settings),
            Middleware(BodyLimit),
            Middleware(Gate),
        ],
        exception_handlers=faults.handlers,
    )
    application.router = WordRouter(
        ROUTES,
        partial(_lifespan, settings=settings, clock=clock or Clock(), measures=measures),
    )
    return application


@asynccontextmanager
async def _lifespan(
    application: Starlette, settings: Settings, clock: Clock, measures: Measures
) -> AsyncIterator[None]:
    tables = Tables(settings.database)
    try:
        tables.add_organization(settings.organization, int(clock.wall()))
        picture = Picture(Patience(settings.stale_seconds, settings.lost_seconds), clock)
        watch = Watch(_server(settings), picture)
        live, sockets, lake = Live(picture), Sockets(), Lake(settings.lake)
        following = Following(picture, lambda: Place(*watch.place))
        live.told.append(following.tell)
        board = Board(clock)
        live_commands = Live(board, COMMANDS_GAP)
        command_room = CommandRoom(lambda: watch.client)
        command_watch = CommandWatch(
            lambda: watch.client, board, lambda: newest(tables, COMMANDS_KNOWN)
        )
        people, passkeys = People(tables, clock), Passkeys(tables, clock)
        publisher = Publisher(lambda: watch.client)
        keys = Keys(tables, hash_secret(settings), clock, settings.organization)
        organizations = Organizations(tables, publisher, clock)
        registry = Registry(lambda: watch.client, Projection(tables))
        sessions = Sessions(tables, clock, settings.organization)
        departures = Departures(
            tables=tables,
            organizations=organizations,
            registry=registry,
            keys=keys,
            sessions=sessions,
            picture=picture,
            board=board,
            clock=clock,
        )
        health = Health(settings, tables, picture, clock, lambda: report(watch.client))
        application.state.site = Site(
            settings=settings,
            clock=clock,
            tables=tables,
            sessions=sessions,
            people=people,
            invites=Invites(tables, people, clock),
            passkeys=passkeys,
            ceremonies=Ceremonies(passkeys, relying_party(settings), clock),
            keys=keys,
            nats_credentials=NatsCredentials(tables, clock),
            audit=Audit(chain(settings, tables), clock),
            sign_in_limit=Limit(clock, SIGN_IN_TRIES),
            ceremony_limit=Limit(clock, CEREMONY_STEPS),
            invite_limit=Limit(clock, INVITES),
            picture=picture,
            watch=watch,
            publisher=publisher,
            organizations=organizations,
            registry=registry,
            commands=Commands(publisher, Projection(tables, COMMANDS), command_room),
            board=board,
            missions=Missions(tables, clock),
            departures=departures,
            retries=Retries(tables, clock),
            lake=lake,
            ingest=Ingest(clock, lambda: watch.client, measures.items),
            sockets=sockets,
            live=live,
            live_commands=live_commands,
            following=following,
            health=health,
            measures=measures,
        )
        with (
            on_stop(live.close),
            on_stop(live_commands.close),
            on_stop(board.close),
            on_stop(following.close),
            on_stop(sockets.close),
            on_stop(lake.close),
        ):
            async with beside(
                watch.run(),
                live.keep_up(),
                command_watch.run(),
                command_room.run(),
                live_commands.keep_up(),
                Judging(health, board).run(),
                departures.run(),
            ):
                yield
    finally:
        tables.close()


def _server(settings: Settings) -> Server:
    seed = settings.seed("web")
    ours = seed if Path(seed).is_file() else settings.nats_seed_file
    return Server(settings.server, "web", ours, nats_tls(settings))
