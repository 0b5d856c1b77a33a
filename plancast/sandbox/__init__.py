"""A faithful local Buffer: API v1 and the GraphQL API over one database with a clock of its own.

`World` is the account and its rules, `SandboxApp` both APIs on it as a WSGI application, and
`SandboxServer` or `serve` the same on a port of this machine. Nothing here is shared with the
clients that it tests.
"""

from plancast.sandbox.app import SandboxApp
from plancast.sandbox.clock import Clock, ClockError
from plancast.sandbox.database import DatabaseError
from plancast.sandbox.faults import ConnectionDropped, Fault, FaultError, FaultKind, Phase
from plancast.sandbox.seed_values import SeedError
from plancast.sandbox.serve import SandboxServer, ServeError, serve
from plancast.sandbox.server.options import ServerLimits, ServerOptions
from plancast.sandbox.settings import SettingError, Settings
from plancast.sandbox.v1.counts import Requests
from plancast.sandbox.v1.errors import ApiError
from plancast.sandbox.values import Content, Profile, Schedule, Status, Update
from plancast.sandbox.world import World

__all__ = [
    "ApiError",
    "Clock",
    "ClockError",
    "ConnectionDropped",
    "Content",
    "DatabaseError",
    "Fault",
    "FaultError",
    "FaultKind",
    "Phase",
    "Profile",
    "Requests",
    "SandboxApp",
    "SandboxServer",
    "Schedule",
    "SeedError",
    "ServeError",
    "ServerLimits",
    "ServerOptions",
    "SettingError",
    "Settings",
    "Status",
    "Update",
    "World",
    "serve",
]
