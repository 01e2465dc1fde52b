"""What the handlers work with: the parts of a running web, put together once."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from flows.ontology.settings import Settings
from web.audit import Audit
from web.ceremonies import Ceremonies
from web.clock import Clock
from web.command_board import Board
from web.commands import Commands
from web.database import Tables
from web.departure import Departures
from web.following import Following
from web.health import Health
from web.ingest import Ingest
from web.invites import Invites
from web.keys import Keys
from web.lake import Lake
from web.limit import Limit
from web.live import Live
from web.measures import Measures
from web.missions import Missions
from web.nats_credentials import NatsCredentials
from web.organizations import Organizations
from web.passkeys import Passkeys
from web.people import People
from web.picture import Picture
from web.publisher import Publisher
from web.registry import Registry
from web.retries import Retries
from web.sessions import Sessions
from web.sockets import Sockets
from web.watch import Watch


@dataclass(frozen=True)
class Site:
    settings: Settings
    clock: Clock
    tables: Tables
    sessions: Sessions
    keys: Keys
    nats_credentials: NatsCredentials
    audit: Audit
    people: People
    invites: Invites
    passkeys: Passkeys
    ceremonies: Ceremonies
    sign_in_limit: Limit
    ceremony_limit: Limit
    invite_limit: Limit
    picture: Picture
    watch: Watch
    publisher: Publisher
    organizations: Organizations
    registry: Registry
    commands: Commands
    board: Board
    missions: Missions
    departures: Departures
    retries: Retries
    ingest: Ingest
    lake: Lake
    sockets: Sockets
    live: Live
    live_commands: Live
    following: Following
    health: Health
    measures: Measures


def site(request: HTTPConnection) -> Site:
    """The site that serves a request, or a WebSocket."""
    here: Site = request.app.state.site
    return here
